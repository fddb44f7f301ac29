import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../src/config/load.ts'
import type { RunEvent } from '../../src/core/events.ts'
import type { Config } from '../../src/config/resolved.ts'
import { backfill, type BackfillOptions } from '../../src/run/backfill.ts'
import type { RunOptions } from '../../src/run/perform-run.ts'
import type { RunSummary } from '../../src/run/summary.ts'
import { sync, type SyncOptions } from '../../src/run/sync.ts'
import { openDataset, type Dataset, type OpenDatasetOptions } from '../../src/state/dataset.ts'
import { executeOn, freshOptions, type DestinationType } from './databases.ts'
import { dumpTables, type Dump } from './dump.ts'
import { dumpRecords, type Records } from './records.ts'

/** A pipeline of its own in a fresh dataset; gone when it is disposed. */
export interface TestPipeline extends AsyncDisposable {
  /** Runs a sync; an object replaces the source file first. */
  sync(options?: SyncOptions): Promise<RunSummary & { readonly events: readonly RunEvent[] }>
  /** Runs a backfill. */
  backfill(options: BackfillOptions): Promise<RunSummary & { readonly events: readonly RunEvent[] }>
  /** Writes the source file anew: the next sync reads it. */
  configure(source: object, pipeline?: object): void
  /** Works on the dataset, opened for reading. */
  read<T>(work: (dataset: Dataset) => Promise<T>): Promise<T>
  /** Every table, without the columns that differ from run to run. */
  dump(): Promise<Dump>
  /** Every endpoint's rows put together to records again, whatever ids tie them. */
  records(): Promise<Records>
  /** Rows of one query, as the driver returns them. */
  rows(sql: string): Promise<readonly (readonly unknown[])[]>
  /** Runs a statement on the database behind Sluice's back. */
  execute(sql: string): Promise<void>
  readonly folder: string
  /** What the dataset is opened with. */
  readonly options: OpenDatasetOptions
}

/** @param source the source file as an object: YAML is JSON's superset */
export function createPipeline(
  type: DestinationType,
  source: object,
  pipeline: object = {},
): TestPipeline {
  const { options, remove } = freshOptions(type)
  const { folder, dataset, destination } = options
  const file = join(folder, 'pipelines.yaml')
  const configure = (next: object, more: object = {}) => {
    writeFileSync(join(folder, 'source.yaml'), JSON.stringify(next))
    const pipelines = { test: { source: 'source.yaml', dataset, ...more } }
    writeFileSync(file, JSON.stringify({ destinations: { it: destination }, pipelines }))
  }
  configure(source, pipeline)

  const read = async <T>(work: (dataset: Dataset) => Promise<T>): Promise<T> => {
    const opened = (await openDataset({ ...options, mode: 'read' }))!
    try {
      return await work(opened)
    } finally {
      await opened.close()
    }
  }
  /** Runs with the files as they are now; keeps the events. */
  const run = async <T extends RunOptions>(
    more: T,
    work: (config: Config, options: T) => Promise<RunSummary>,
  ) => {
    const config = await loadConfig(file, { env: {} })
    const events: RunEvent[] = []
    const summary = await work(config, {
      ...more,
      onEvent: (event) => {
        events.push(event)
        more.onEvent?.(event)
      },
    })
    return { ...summary, events }
  }
  return {
    folder,
    options,
    configure,
    execute: (sql) => executeOn(type, options, sql),
    read,
    sync: (more = {}) => run(more, (config, options) => sync(config, 'test', options)),
    backfill: (more) => run(more, (config, options) => backfill(config, 'test', options)),
    dump: () => read((opened) => dumpTables(opened, { without: ['_dlt_load_id'] })),
    records: () => read(dumpRecords),
    rows: (sql) => read(async (opened) => (await opened.query(sql)).rows),
    [Symbol.asyncDispose]: remove,
  }
}
