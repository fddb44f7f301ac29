import { type RawBuilder, sql } from 'kysely'
import type { Column } from '../../normalize/types.ts'

/** Columns that follow from `_dlt_id`: a row with the same id has the same values there. */
const FOLLOW_FROM_ID: readonly string[] = [
  '_dlt_id',
  '_dlt_parent_id',
  '_dlt_list_idx',
  '_dlt_root_id',
]

/**
 * The end of an INSERT that gives a row with the same id the new values, touching neither the indexes on
 * ids and links nor rows that would stay as they are.
 */
export function replaceRow(table: string, columns: readonly Column[]): RawBuilder<unknown> {
  const names = columns.map(({ name }) => name).filter((name) => !FOLLOW_FROM_ID.includes(name))
  if (names.length === 0) return sql`on conflict (${sql.id('_dlt_id')}) do nothing`
  const excluded = names.map((name) => sql.id('excluded', name))
  const assignments = names.map((name, i) => sql`${sql.id(name)} = ${excluded[i]}`)
  const before = names.map((name) => sql.id(table, name))
  return sql`on conflict (${sql.id('_dlt_id')}) do update set ${sql.join(assignments)}
    where (${sql.join(before)}) is distinct from (${sql.join(excluded)})`
}
