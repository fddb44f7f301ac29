import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { destinations, type DestinationConfig } from '../../src/load/index.ts'
import { type Dataset, openDataset, type OpenDatasetOptions } from '../../src/state/dataset.ts'
import { dropSchema, onPostgres, postgresIndexes, postgresUrl } from './postgres.ts'
import { onSqlite, sqliteIndexes, tempFolder } from './sqlite.ts'

export type DestinationType = DestinationConfig['type']

export const destinationTypes: readonly DestinationType[] = destinations.types

/**
 * For what is the same whatever the destination is, because the reading alone is tested: the embedded one, or all of them
 * with ALL_DESTINATIONS set.
 */
export const readingTypes: readonly DestinationType[] = process.env.ALL_DESTINATIONS
  ? destinationTypes
  : ['sqlite']

/** A fresh dataset in a database of the given type, open and locked; gone when it is disposed. */
export interface TestDataset extends AsyncDisposable {
  readonly dataset: Dataset
  /** What it was opened with, to open it again or elsewhere. */
  readonly options: OpenDatasetOptions
  /** Opens it once more beside the first; closed with it. */
  open(mode?: 'write' | 'read'): Promise<Dataset>
  /** Closes it and opens it again under a lock of its own. */
  reopen(): Promise<Dataset>
  /** Runs a statement on the database behind Sluice's back. */
  execute(sql: string): Promise<void>
  /** What the indexes of a table are on, in order: `id unique`, `a,b`. */
  indexedColumns(table: string): Promise<string[]>
}

export async function openTestDataset(type: DestinationType): Promise<TestDataset> {
  const { options, remove } = freshOptions(type)
  const opened: Dataset[] = []
  const open = async (mode: 'write' | 'read' = 'write') => {
    const dataset = (await openDataset({ ...options, mode }))!
    opened.push(dataset)
    return dataset
  }
  const openLocked = async () => {
    const dataset = await open()
    await dataset.lock({ runId: `run-${opened.length}`, pipeline: 'test' })
    return dataset
  }
  const dataset = await openLocked()
  const execute = (sql: string) => executeOn(type, options, sql)
  const indexedColumns = async (table: string) => {
    const indexes =
      type === 'sqlite'
        ? sqliteIndexes(sqliteFile(options), table)
        : await postgresIndexes(options.dataset, table)
    return indexes.sort()
  }
  return {
    execute,
    indexedColumns,
    dataset,
    options,
    open,
    reopen: async () => {
      for (const each of opened.splice(0)) await each.close()
      return openLocked()
    },
    [Symbol.asyncDispose]: async () => {
      for (const each of opened) await each.close()
      await remove()
    },
  }
}

/** Runs a statement on a dataset's database behind Sluice's back. */
export async function executeOn(
  type: DestinationType,
  options: OpenDatasetOptions,
  sql: string,
): Promise<void> {
  if (type === 'sqlite') onSqlite(sqliteFile(options), sql)
  else await onPostgres(`set search_path = "${options.dataset}"; ${sql}`)
}

/** Options for a dataset that does not exist yet, in a folder or schema of its own. */
export function freshOptions(type: DestinationType): {
  readonly options: OpenDatasetOptions
  readonly remove: () => Promise<void>
} {
  const dataset = `t_${randomUUID().slice(0, 8)}`
  const folder = tempFolder()
  const config: DestinationConfig =
    type === 'sqlite' ? { type, path: '{dataset}.db' } : { type, connection_string: postgresUrl() }
  return {
    options: { destination: config, dataset, mode: 'write', folder: folder.path },
    remove: async () => {
      folder.remove()
      if (type === 'postgres') await dropSchema(dataset)
    },
  }
}

/** The file of a dataset that {@link freshOptions} describes. */
export function sqliteFile({ folder, dataset }: OpenDatasetOptions): string {
  return join(folder, `${dataset}.db`)
}
