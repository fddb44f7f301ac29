import type { Kysely, Transaction } from 'kysely'
import type { Cell, Column, DataType, TableSchema } from '../normalize/types.ts'
import type { SystemTables } from './sql/system-tables.ts'

/** What a destination can do, as data: the SQL modules ask these facts and never its name. */
export interface Capabilities {
  /** Longest identifier in bytes. */
  readonly maxIdentifierBytes: number
  /** The column type for each data type. */
  readonly types: Readonly<Record<DataType, string>>
  /** Whether a dataset is a schema inside a database (Postgres) or the whole file (SQLite). */
  readonly schemas: boolean
  /** Whether `ALTER COLUMN ... TYPE` exists; otherwise a column is widened by rebuilding its table. */
  readonly altersColumnTypes: boolean
}

/**
 * A destination is a database that holds one dataset: tables, system tables, and the transaction that
 * changes both. Everything that differs between databases is behind this interface.
 */
export interface Destination {
  readonly type: string
  readonly capabilities: Capabilities
  /** The dataset; table names need no schema prefix. */
  readonly db: Kysely<SystemTables>
  /** Runs `work` in one transaction, one at a time; rolled back when it throws. */
  transaction<T>(work: (trx: LoadTransaction) => Promise<T>): Promise<T>
  /** A value read through the driver as the {@link Cell} that was written. */
  decode(type: DataType, value: unknown): Cell
  /** Runs one read-only SQL statement and returns its rows as the driver gives them. */
  query(sql: string): Promise<{ columns: string[]; rows: unknown[][] }>
  close(): Promise<void>
}

/** One open transaction of a destination. */
export interface LoadTransaction {
  readonly db: Transaction<SystemTables>
  readonly capabilities: Capabilities
  decode(type: DataType, value: unknown): Cell
  /**
   * Inserts rows with one prepared statement.
   *
   * @param table name of the table to write, which may be a stage of `schema`
   * @param columns the leading columns of every row, in order; missing cells are null
   * @param conflict on a row whose `_dlt_id` exists: fail, or replace every column
   */
  insert(
    table: string,
    columns: readonly Column[],
    rows: readonly Cell[][],
    conflict: 'fail' | 'replace',
  ): Promise<void>
  /** Changes column types in place, keeping every value exact. */
  widen(table: TableSchema, columns: readonly Column[]): Promise<void>
}
