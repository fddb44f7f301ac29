import { afterEach, beforeEach } from 'vitest'
import type { Cell, TableSchema } from '../../../src/normalize/types.ts'
import type { Dataset, LoadResult, RunRecord } from '../../../src/state/dataset.ts'
import { openTestDataset } from '../../support/databases.ts'
import { type Dump, dumpTables } from '../../support/dump.ts'
import type { DestinationType, TestDataset } from '../../support/databases.ts'
import { loadOf, nextLoadId, rootRows, schemaOf } from '../../support/loads.ts'

/** A fresh dataset for every test of a suite. */
export interface Fixture {
  readonly dataset: Dataset
  /** Closes the dataset and opens it again. */
  reopen(): Promise<void>
  execute(sql: string): Promise<void>
  indexedColumns(table: string): Promise<string[]>
  /** Every table's rows, without their ids. */
  data(): Promise<Dump>
  /** Merges rows of an endpoint that has one table. */
  merge(table: TableSchema, ...rows: Cell[][]): Promise<LoadResult>
  /** Ends a run, which indexes the tables it made. */
  finishRun(): Promise<void>
}

/** What every endpoint's own table is indexed by. */
export const OWN = ['_dlt_id unique', '_dlt_load_id,_dlt_id']

const LINKS = ['_dlt_id', '_dlt_load_id', '_dlt_parent_id', '_dlt_root_id']

const RUN: RunRecord = {
  runId: 'run',
  pipeline: 'test',
  command: 'sync',
  status: 'ok',
  startedAt: '2024-01-01T00:00:00.000000Z',
  finishedAt: '2024-01-01T00:00:01.000000Z',
  trigger: 'test',
  version: '0',
  error: null,
  summary: null,
}

export function useDataset(type: DestinationType): Fixture {
  let opened: TestDataset
  let dataset: Dataset
  beforeEach(async () => {
    opened = await openTestDataset(type)
    dataset = opened.dataset
  })
  afterEach(() => opened[Symbol.asyncDispose]())
  return {
    get dataset() {
      return dataset
    },
    reopen: async () => {
      dataset = await opened.reopen()
    },
    execute: (sql) => opened.execute(sql),
    indexedColumns: (table) => opened.indexedColumns(table),
    data: () => dumpTables(dataset, { without: LINKS }),
    merge: (table, ...rows) =>
      dataset.commit(loadOf(schemaOf(table), [[table, rootRows(nextLoadId(), ...rows)]])),
    finishRun: () => dataset.finishRun(RUN, []),
  }
}
