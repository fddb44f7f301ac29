import type { SchemaChange } from '../core/events.ts'
import type { JsonRecord } from '../core/json.ts'

/** What a column holds; `docs/warehouse.md` has what each is in SQLite and Postgres. */
export const DATA_TYPES = [
  'text',
  'bigint',
  'decimal',
  'double',
  'bool',
  'timestamp',
  'date',
  'json',
] as const

export type DataType = (typeof DATA_TYPES)[number]

/**
 * One value as the normalizer hands it to a destination, by the type of its column:
 * text: string; bigint: a safe integer or a bigint; decimal: plain digits as text (`-12.50`); double: number;
 * bool: boolean; timestamp: `YYYY-MM-DDTHH:MM:SS.ffffffZ`; date: `YYYY-MM-DD`; json: JSON text.
 */
export type Cell = string | number | bigint | boolean | null

export interface Column {
  readonly name: string
  type: DataType
  /** Keys from the record (or list item) down to the value; null for columns that Sluice adds. */
  readonly path: readonly string[] | null
  /** The type was declared in the source file: values are converted to it and it never widens. */
  declared?: true
  /** Has held an integer beyond 2^53: widening to double would round it, so it widens to decimal. */
  exact?: true
  /** `value` of a variant column is what the column of that name could not hold. */
  readonly variantOf?: string
  readonly description?: string
}

/**
 * One table of an endpoint. Columns are only ever appended, and a column's type only ever widens, so that
 * rows laid out earlier stay valid. The first columns are Sluice's own, in the order of {@link ROOT_COLUMNS}
 * or {@link CHILD_COLUMNS}.
 */
export interface TableSchema {
  readonly name: string
  readonly endpoint: string
  /** The table whose rows hold the list; null for the endpoint's own table. */
  readonly parent: string | null
  /** Keys from the parent's record down to the list; empty for the endpoint's own table. */
  readonly path: readonly string[]
  readonly columns: Column[]
  /** Names of the columns that identify a row; empty without a key, and in child tables. */
  readonly primaryKey: readonly string[]
  /** Name of the column the endpoint's cursor is in, once it has been seen. */
  cursor: string | null
  readonly description?: string
}

export const ROOT_COLUMNS = ['_dlt_id', '_dlt_load_id'] as const
/** In an endpoint's own table, when rows that are gone are marked: when they were found gone. */
export const DELETED_AT = '_sluice_deleted_at'
export const CHILD_COLUMNS = ['_dlt_id', '_dlt_parent_id', '_dlt_list_idx', '_dlt_root_id'] as const

/** All tables of one endpoint; the first is its own table, parents stand before their children. */
export interface EndpointSchema {
  readonly endpoint: string
  readonly tables: readonly TableSchema[]
}

/** Rows for one table. A row may be shorter than `table.columns`: what is missing is null. */
export interface TableBatch {
  readonly table: TableSchema
  readonly rows: Cell[][]
}

/** A record that can't be loaded, and why. */
export interface Reject {
  readonly reason: string
  readonly record: JsonRecord
  /** The id that its row would have, or has from an earlier version of it; null without a key. */
  readonly id: string | null
}

/** What one page of records became. */
export interface NormalizedPage {
  /**
   * Non-empty batches only, each root batch before those of its children. A second version of a record in the
   * same page begins another round of batches.
   */
  readonly batches: readonly TableBatch[]
  /** What this page added to the schema. */
  readonly changes: readonly SchemaChange[]
  readonly rejects: readonly Reject[]
}
