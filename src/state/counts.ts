import { sql } from 'kysely'
import type { Reader } from '../load/destination.ts'

/** Row counts of those of the tables that exist. */
export async function countRows(
  reader: Reader,
  tables: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const present = await reader.columns(tables)
  const counted = tables.filter((table) => present.has(table))
  if (counted.length === 0) return new Map()
  const counts = counted.map((table) => sql`(select count(*) from ${sql.id(table)})`)
  const all = counts.map((count, i) => sql`select ${sql.lit(i)} as position, ${count} as rows`)
  const { rows } = await sql<{ position: number; rows: number }>`
    ${sql.join(all, sql` union all `)} order by 1`.execute(reader.db)
  return new Map(rows.map((row) => [counted[row.position]!, row.rows]))
}

/** The greatest load id of an endpoint, or of all; null before the first load. */
export async function newestLoad({ db }: Reader, endpoint: string | null): Promise<string | null> {
  const all = db.selectFrom('_dlt_loads').select('load_id').orderBy('load_id', 'desc').limit(1)
  const newest = endpoint === null ? all : all.where('schema_name', '=', endpoint)
  return (await newest.executeTakeFirst())?.load_id ?? null
}

/** Whether a load has been committed. */
export async function isCommitted({ db }: Reader, loadId: string): Promise<boolean> {
  const load = db.selectFrom('_dlt_loads').select('load_id').where('load_id', '=', loadId)
  return (await load.executeTakeFirst()) !== undefined
}
