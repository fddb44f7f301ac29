import { sql } from 'kysely'
import type { Reader } from '../load/destination.ts'
import type { TableSchema } from '../normalize/types.ts'

/** The loads that wrote the rows of an endpoint's own table with these ids, by id. */
export async function readRowLoads(
  reader: Reader,
  { name }: TableSchema,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ id: string; load: string }>`
    select ${sql.id('_dlt_id')} as id, ${sql.id('_dlt_load_id')} as load from ${sql.id(name)}
    where ${reader.isAmong('_dlt_id', ids)}`.execute(reader.db)
  return new Map(rows.map(({ id, load }) => [id, load]))
}
