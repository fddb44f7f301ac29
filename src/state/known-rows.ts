import { sql } from 'kysely'
import type { Reader } from '../load/destination.ts'
import { type Cell, DELETED_AT, type TableSchema } from '../normalize/types.ts'
import type { KnownRow } from './types.ts'

/** Those of the rows with these ids that an endpoint's own table has, by id. */
export async function readKnownRows(
  reader: Reader,
  { name, columns, cursor }: TableSchema,
  ids: readonly string[],
): Promise<ReadonlyMap<string, KnownRow>> {
  const at = columns.find((column) => column.name === cursor)
  const marks = columns.some((column) => column.name === DELETED_AT)
  const { rows } = await sql<{ id: string; load: string; at: unknown; gone: unknown }>`
    select ${sql.id('_dlt_id')} as id, ${sql.id('_dlt_load_id')} as load,
      ${at ? sql.id(at.name) : sql.lit(null)} as at,
      ${marks ? sql.id(DELETED_AT) : sql.lit(null)} as gone
    from ${sql.id(name)} where ${reader.isAmong('_dlt_id', ids)}`.execute(reader.db)
  const cursorOf = (value: unknown): Cell => (at ? reader.decode(at.type, value) : null)
  return new Map(
    rows.map(({ id, load, at: value, gone }) => [
      id,
      { loadId: load, cursor: cursorOf(value), isDeleted: gone !== null },
    ]),
  )
}
