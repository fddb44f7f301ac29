import { type RawBuilder, sql } from 'kysely'
import type { Column } from '../../normalize/types.ts'
import type { SameId } from '../destination.ts'

/** Columns that follow from `_dlt_id`: a row with the same id has the same values there. */
const FOLLOW_FROM_ID: readonly string[] = [
  '_dlt_id',
  '_dlt_parent_id',
  '_dlt_list_idx',
  '_dlt_root_id',
]

/**
 * The end of an INSERT that says what becomes of a row with the same id. One that is given new values keeps its place in
 * the indexes on ids and links; one that would stay as it is is not touched. With `changes` the statement returns the
 * ids of the root rows of what it wrote.
 */
export function onSameId(
  table: string,
  columns: readonly Column[],
  sameId: SameId,
): RawBuilder<unknown> {
  if (sameId === 'fails') return sql``
  if (sameId === 'replaces') return replaceRow(table, columns, columns)
  const compared = columns.filter(({ name }) => name !== '_dlt_load_id')
  const isChild = columns.some(({ name }) => name === '_dlt_root_id')
  const rootId = sql.id(isChild ? '_dlt_root_id' : '_dlt_id')
  return sql`${replaceRow(table, columns, compared)} returning ${rootId} as root_id`
}

function replaceRow(
  table: string,
  columns: readonly Column[],
  compared: readonly Column[],
): RawBuilder<unknown> {
  const assigned = columns.filter(canDiffer)
  const differing = compared.filter(canDiffer)
  if (differing.length === 0) return sql`on conflict (${sql.id('_dlt_id')}) do nothing`
  const assignments = assigned.map(({ name }) => sql`${sql.id(name)} = ${sql.id('excluded', name)}`)
  const before = differing.map((column) => comparable(table, column))
  const after = differing.map((column) => comparable('excluded', column))
  return sql`on conflict (${sql.id('_dlt_id')}) do update set ${sql.join(assignments)}
    where (${sql.join(before)}) is distinct from (${sql.join(after)})`
}

function canDiffer({ name }: Column): boolean {
  return !FOLLOW_FROM_ID.includes(name)
}

/** Decimals are compared by their digits, as they are written: 1.5 and 1.50 are one number to Postgres. */
function comparable(table: string, { name, type }: Column): RawBuilder<unknown> {
  const cell = sql.id(table, name)
  return type === 'decimal' ? sql`cast(${cell} as text)` : cell
}
