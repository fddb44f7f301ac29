import { type RawBuilder, sql } from 'kysely'
import type { Column } from '../../normalize/types.ts'
import type { RowsToMerge } from '../destination.ts'

/** Columns that follow from `_dlt_id`: a row with the same id has the same values there. */
const FOLLOW_FROM_ID: readonly string[] = [
  '_dlt_id',
  '_dlt_parent_id',
  '_dlt_list_idx',
  '_dlt_root_id',
]

/** No table goes by its own name beside another: it may be called `excluded`. */
const STORED = 'stored'

/** What the INSERT of such rows depends on. */
export type Replacement = Omit<RowsToMerge, 'rows'>

/** The start of an INSERT; {@link onSameId} may end it. */
export function insertInto(table: string, columns: readonly Column[]): RawBuilder<unknown> {
  const names = sql.join(columns.map(({ name }) => sql.id(name)))
  return sql`insert into ${sql.id(table)} as ${sql.id(STORED)} (${names})`
}

/**
 * The end of an INSERT that says what becomes of a row with the same id. One that is given new values keeps its place in
 * the indexes on ids and links; one that would stay as it is is not touched. With `changes` the statement returns the
 * ids of the root rows of what it wrote.
 */
export function onSameId(replacement: Replacement): RawBuilder<unknown> {
  const { columns, sameId } = replacement
  if (sameId === 'replaces') return replaceRow(replacement)
  const isChild = columns.some(({ name }) => name === '_dlt_root_id')
  const rootId = sql.id(isChild ? '_dlt_root_id' : '_dlt_id')
  return sql`${replaceRow(replacement)} returning ${rootId} as root_id`
}

/** A condition: the table has a row with the id of row `incoming`, and it would stay as it is. */
export function wouldStay(replacement: Replacement, incoming: string): RawBuilder<unknown> {
  const compared = comparedColumns(replacement)
  const id = sql`${sql.id(STORED, '_dlt_id')} = ${sql.id(incoming, '_dlt_id')}`
  const isSame = compared.length === 0 ? id : sql`${id} and not ${differs(incoming, compared)}`
  return sql`exists (select 1 from ${sql.id(replacement.table)} as ${sql.id(STORED)} where ${isSame})`
}

function replaceRow(replacement: Replacement): RawBuilder<unknown> {
  const compared = comparedColumns(replacement)
  if (compared.length === 0) return sql`on conflict (${sql.id('_dlt_id')}) do nothing`
  const assigned = replacement.columns.filter(canDiffer)
  const assignments = assigned.map(({ name }) => sql`${sql.id(name)} = ${sql.id('excluded', name)}`)
  return sql`on conflict (${sql.id('_dlt_id')}) do update set ${sql.join(assignments)}
    where ${differs('excluded', compared)}`
}

/** The columns that say whether a row is another than the one with its id. */
function comparedColumns({ columns, sameId }: Replacement): Column[] {
  return columns.filter(
    (column) => canDiffer(column) && (sameId === 'replaces' || column.name !== '_dlt_load_id'),
  )
}

/** A condition: the stored row differs from another in one of the columns. */
function differs(other: string, columns: readonly Column[]): RawBuilder<unknown> {
  const before = columns.map((column) => comparable(STORED, column))
  const after = columns.map((column) => comparable(other, column))
  return sql`(${sql.join(before)}) is distinct from (${sql.join(after)})`
}

function canDiffer({ name }: Column): boolean {
  return !FOLLOW_FROM_ID.includes(name)
}

/** Decimals are compared by their digits, as they are written: 1.5 and 1.50 are one number to Postgres. */
function comparable(table: string, { name, type }: Column): RawBuilder<unknown> {
  const cell = sql.id(table, name)
  return type === 'decimal' ? sql`cast(${cell} as text)` : cell
}
