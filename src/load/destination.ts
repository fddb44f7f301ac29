import type { Kysely, RawBuilder, SqlBool } from 'kysely'
import type { Clock } from '../core/clock.ts'
import type { Logger } from '../core/log.ts'
import type { Cell, Column, DataType } from '../normalize/types.ts'
import type { SystemTables } from './sql/system-tables.ts'

/** What a destination can do, as data: the SQL modules ask these facts and never its name. */
export interface Capabilities {
  /** Longest identifier in bytes. */
  readonly maxIdentifierBytes: number
  /** Most columns that a table can have. */
  readonly maxColumns: number
  /** The column type for each data type. */
  readonly types: Readonly<Record<DataType, string>>
}

/** What every destination is opened with, besides its own config. */
export interface DestinationContext {
  readonly dataset: string
  /** `read` creates nothing and refuses to write. */
  readonly mode: 'write' | 'read'
  /** Where relative paths of the config start. */
  readonly folder: string
  readonly clock: Clock
  readonly log: Logger
}

/**
 * - `value`: a value is at fault; without it, the same load would have been written
 * - `passing`: the database is busy, restarting or cut off, and may answer in a moment
 * - `lasting`: it can't be written to until somebody does something: full, read-only, damaged, gone
 */
export type FailureKind = 'value' | 'passing' | 'lasting'

/** A column whose type changes, and the type it has until then. */
export interface Widening {
  readonly column: string
  readonly from: DataType
  readonly to: DataType
}

/** Rows of a query, as scalars that look alike from every destination. */
export interface QueryResult {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
}

/** The items of lists in a child table, those of the row with the id `parentId`. */
export interface ListItems {
  readonly table: string
  /** The columns that hold them: an item is what is not null in one of these. */
  readonly values: readonly Column[]
  readonly parentId: RawBuilder<unknown>
}

/** The dataset to read, in or outside a transaction. Table names need no schema prefix. */
export interface Reader {
  readonly capabilities: Capabilities
  readonly db: Kysely<SystemTables>
  /** A value read through the driver as the {@link Cell} that was written. */
  decode(type: DataType, value: unknown): Cell
  /** The names of all tables of the dataset. */
  tables(): Promise<readonly string[]>
  /** The columns of those of the given tables that exist, in the order of the table. */
  columns(tables: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>>
  /** The names of the indexes of each of the given tables. */
  indexes(tables: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>>
  /** A condition: the text column, or expression, is one of the values, however many there are. */
  isAmong(column: string | RawBuilder<unknown>, values: readonly string[]): RawBuilder<SqlBool>
  /**
   * Of the given names those that are not free: the stamp of a view that {@link LoadTransaction.createView} made, null
   * for anything else.
   */
  stamps(names: readonly string[]): Promise<ReadonlyMap<string, string | null>>
  /** What keeps a view from being dropped, as the database calls it: `view report`, `function total()`. */
  dependentsOf(view: string): Promise<readonly string[]>
  /** An expression: the items of a list as one JSON array, in order; null when there are none. No parameters in it. */
  jsonArray(items: ListItems): RawBuilder<unknown>
}

/**
 * A destination is a database that holds one dataset: tables, system tables, and the transaction that
 * changes both. Everything that differs between databases is behind this interface.
 */
export interface Destination extends Reader {
  readonly type: string
  /** What messages call it: `sqlite /data/close.db`, `postgres db.example.com/warehouse`; no credentials. */
  readonly where: string
  /** The schema that is the dataset; null where the dataset is the whole database. */
  readonly schema: string | null
  /** Runs `work` in one transaction, one at a time; rolled back when it throws. */
  transaction<T>(work: (trx: LoadTransaction) => Promise<T>): Promise<T>
  /** Runs one SQL statement that can't change anything. Throws USAGE when it is none, or not valid. */
  query(sql: string): Promise<QueryResult>
  /** Milliseconds since the epoch on the one clock that all processes using this dataset share. */
  now(): Promise<number>
  /** What to do about an error of the driver, if that is known. */
  explain(error: unknown): string | undefined
  /** What kind of failure an error of the driver is; null for any other. */
  judge(error: unknown): FailureKind | null
  close(): Promise<void>
}

/** Rows for a table of the destination, which may be a stage of the one they were made for. */
export interface RowsForTable {
  readonly table: string
  /** The leading columns of every row, in order; missing cells are null. */
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
}

/** Rows of which some may be in the table already, under the same ids. */
export interface RowsToMerge extends RowsForTable {
  /** What becomes of such a row: it `replaces` the other; or only when it `changes` something in it besides the load. */
  readonly sameId: 'replaces' | 'changes'
}

/** One open transaction of a destination. */
export interface LoadTransaction extends Reader {
  /** Adds rows to tables; fails when the `_dlt_id` of one of them is there. */
  add(batches: readonly RowsForTable[]): Promise<void>
  /**
   * Adds rows to tables, or puts them in the place of those with the same `_dlt_id`.
   *
   * @returns for each batch with `changes` the ids of the root rows of all rows that were written; otherwise nothing
   */
  merge(batches: readonly RowsToMerge[]): Promise<readonly (readonly string[])[]>
  /** Tells the database's planner what a table holds now, where it does not look by itself. */
  analyze(table: string): Promise<void>
  /** Changes column types in place, keeping every value exact. */
  widen(table: string, widenings: readonly Widening[]): Promise<void>
  /**
   * Makes a view, to be told from a user's own by its stamp: letters and digits. One that was dropped in this transaction
   * has the privileges that were granted on it before.
   */
  createView(name: string, stamp: string, query: RawBuilder<unknown>): Promise<void>
  dropView(name: string): Promise<void>
}
