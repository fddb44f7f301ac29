import { sql } from 'kysely'
import { type JsonValue, parseJson } from '../core/json.ts'
import type { Reader } from '../load/destination.ts'
import { stageOf } from '../load/sql/stage.ts'
import type { Cell, Column, DataType, TableSchema } from '../normalize/types.ts'
import type { Patience } from './patience.ts'
import type { ParentQuery, ParentRow } from './types.ts'

const SLICE_ROWS = 1000

/**
 * Walks a parent's rows by id, or those of later loads in their order, a slice at a time, so that no query stays open
 * while children are loaded.
 * Rows marked as deleted are left out: nobody asks for the children of what is gone.
 */
export async function* readParents(
  reader: Reader,
  query: ParentQuery,
  patiently: Patience,
): AsyncGenerator<ParentRow> {
  const table = query.staged ? stageOf(reader, query.table) : query.table
  const columns = await patiently(() => reader.columns([table.name]))
  const present = columns.get(table.name)
  if (!present) return
  const fields = query.fields.map((field) => ({
    field,
    columns: fieldColumns(table, field).filter(({ name }) => present.has(name)),
  }))
  const selected = [
    ...new Set(['_dlt_id', '_dlt_load_id', ...fields.flatMap((field) => names(field.columns))]),
  ]
  const live = present.has('_sluice_deleted_at')
    ? [sql`${sql.id('_sluice_deleted_at')} is null`]
    : []

  for (let place = beginning(query); ;) {
    const where = sql.join([isBehind(place), ...live], sql` and `)
    const slice = sql<Record<string, unknown>>`
      select ${sql.join(selected.map((name) => sql.id(name)))} from ${sql.id(table.name)}
      where ${where} order by ${sql.join(place.columns.map((name) => sql.id(name)))} limit ${sql.lit(SLICE_ROWS)}`
    const { rows } = await patiently(() => slice.execute(reader.db))
    for (const row of rows) {
      yield {
        id: row['_dlt_id'] as string,
        loadId: row['_dlt_load_id'] as string,
        values: new Map(
          fields.map(({ field, columns }) => [field, firstValue(reader, columns, row)]),
        ),
      }
    }
    if (rows.length < SLICE_ROWS) return
    place = placeBehind(rows.at(-1)!, place)
  }
}

/** Columns that a walk goes by, and the values of the row that it stands behind. */
interface Place {
  readonly columns: readonly string[]
  readonly behind: readonly string[]
}

function beginning({ changedAfter }: ParentQuery): Place {
  return changedAfter === null
    ? { columns: ['_dlt_id'], behind: [''] }
    : { columns: ['_dlt_load_id', '_dlt_id'], behind: [changedAfter] }
}

function placeBehind(row: Record<string, unknown>, { columns }: Place): Place {
  return { columns, behind: columns.map((name) => row[name] as string) }
}

function isBehind({ columns, behind }: Place) {
  const names = columns.slice(0, behind.length).map((name) => sql.id(name))
  return sql`(${sql.join(names)}) > (${sql.join([...behind])})`
}

/** The column that a field of the record became, and the variants that hold what the column could not. */
export function fieldColumns(table: TableSchema, field: string): Column[] {
  const main =
    table.columns.find(({ path, variantOf }) => !variantOf && path?.join('.') === field) ??
    table.columns.find(({ name }) => name === field)
  if (!main) return []
  const variants = table.columns.filter(({ variantOf }) => variantOf === main.name)
  return [main, ...variants]
}

function names(columns: readonly Column[]): string[] {
  return columns.map((column) => column.name)
}

function firstValue(
  reader: Reader,
  columns: readonly Column[],
  row: Record<string, unknown>,
): JsonValue {
  for (const { name, type } of columns) {
    const cell = reader.decode(type, row[name])
    if (cell !== null) return toJson(type, cell)
  }
  return null
}

function toJson(type: DataType, cell: NonNullable<Cell>): JsonValue {
  if (typeof cell !== 'string') return cell
  if (type === 'json') return parseJson(cell).value
  // A decimal without a fraction is the long integer that it was in the record.
  return type === 'decimal' && /^-?\d+$/.test(cell) ? BigInt(cell) : cell
}
