import { type RawBuilder, sql, type SqlBool } from 'kysely'
import { type Cell, type Column, DELETED_AT, type TableSchema } from '../../normalize/types.ts'
import type { LoadTransaction, Reader } from '../destination.ts'
import { compareCells } from './compare-cells.ts'
import { ownName } from './names.ts'

/** What becomes of rows that are gone: they are marked in `_sluice_deleted_at`, or removed with their child rows. */
export type DeleteMode = 'soft' | 'hard'

/** Which rows a full read speaks for; those of them that it did not see are gone. */
export interface SweepScope {
  /** Only rows from where the read began. Null for all. */
  readonly since: CursorBound | null
  /**
   * Only rows of these parents, by the column that holds the parent's value; and those of parents that are not in the
   * parent's table any more. Null for all.
   */
  readonly parents: ParentScope | null
}

/** Rows whose value in a column is this or greater. */
export interface CursorBound {
  readonly column: Column
  readonly value: Cell
}

export interface ParentScope {
  readonly column: string
  readonly values: readonly string[]
  readonly parent: TableSchema
  readonly parentColumn: string
}

export interface Deleted {
  /** Rows that were marked or removed. */
  readonly deleted: number
  /** Rows that had been marked, and are there again. */
  readonly restored: number
}

/** How many rows of a scope there are, and how many of them were not seen. */
export interface SweepCount {
  readonly rows: number
  readonly unseen: number
}

const SEEN_PREFIX = '_sluice_seen_'
const SEEN_COLUMNS: readonly Column[] = [{ name: '_dlt_id', type: 'text', path: null }]

/** Where the ids of the rows that a full read sees are noted. */
export function seenTable(reader: Reader, root: TableSchema): string {
  return ownName(SEEN_PREFIX, root.name, reader.capabilities.maxIdentifierBytes)
}

export function isSeenTable(name: string): boolean {
  return name.startsWith(SEEN_PREFIX)
}

/** Notes that the source still has these rows; noting one twice changes nothing. */
export async function noteSeen(
  trx: LoadTransaction,
  root: TableSchema,
  ids: readonly string[],
): Promise<void> {
  const name = seenTable(trx, root)
  const type = sql.raw(trx.capabilities.types.text)
  await sql`create table if not exists ${sql.id(name)}
    (${sql.id('_dlt_id')} ${type} not null primary key)`.execute(trx.db)
  const rows = ids.map((id) => [id])
  await trx.merge([{ table: name, columns: SEEN_COLUMNS, rows, sameId: 'replaces' }])
}

/** Forgets what was noted. */
export async function dropSeen(trx: LoadTransaction, root: TableSchema): Promise<void> {
  await sql`drop table if exists ${sql.id(seenTable(trx, root))}`.execute(trx.db)
}

/** Counts what a sweep would do. */
export async function countUnseen(
  trx: LoadTransaction,
  root: TableSchema,
  scope: SweepScope,
): Promise<SweepCount> {
  const { rows } = await sql<{ rows: number; unseen: number }>`
    select count(*) as rows, count(case when ${isUnseen(trx, root)} then 1 end) as unseen
    from ${sql.id(root.name)} as swept where ${isLive(root)} and ${inScope(trx, scope)}`.execute(
    trx.db,
  )
  return rows[0]!
}

export interface SweepOptions {
  readonly mode: DeleteMode
  readonly loadId: string
  readonly now: string
}

/** Marks or removes the rows in scope that were not seen, and unmarks those that were. */
export async function sweep(
  trx: LoadTransaction,
  tables: readonly TableSchema[],
  { scope, ...options }: SweepOptions & { readonly scope: SweepScope },
): Promise<Deleted> {
  const root = tables[0]!
  const gone = sql<SqlBool>`${isLive(root)} and ${inScope(trx, scope)} and ${isUnseen(trx, root)}`
  const deleted = await remove(trx, tables, gone, options)
  if (!marks(root)) return { deleted, restored: 0 }
  const { numAffectedRows: restored = 0n } = await sql`
    update ${sql.id(root.name)} as swept set ${sql.id(DELETED_AT)} = null,
      ${sql.id('_dlt_load_id')} = ${options.loadId}
    where ${sql.id('swept', DELETED_AT)} is not null and not (${isUnseen(trx, root)})`.execute(
    trx.db,
  )
  return { deleted, restored: Number(restored) }
}

/** A row that an event says is gone, and the cursor of the event; null where it has none. */
export interface GoneRow {
  readonly id: string
  readonly at: Cell
}

/** Marks or removes rows by their ids, but for those that changed after the event that says they are gone. */
export async function removeNamed(
  trx: LoadTransaction,
  tables: readonly TableSchema[],
  { rows, ...options }: SweepOptions & { readonly rows: readonly GoneRow[] },
): Promise<Deleted> {
  const root = tables[0]!
  const events = latestById(rows)
  const cursor = root.columns.find(({ name }) => name === root.cursor)
  const select = cursor ? sql.id(cursor.name) : sql.lit(null)
  const { rows: there } = await sql<{ id: string; cursor: unknown }>`
    select ${sql.id('_dlt_id')} as id, ${select} as cursor from ${sql.id(root.name)} as swept
    where ${isLive(root)} and ${trx.isAmong('_dlt_id', [...events.keys()])}`.execute(trx.db)
  const gone = there
    .filter(({ id, cursor: value }) => {
      const at = events.get(id) ?? null
      if (at === null || !cursor || cursor.type !== 'timestamp') return true
      const changed = trx.decode(cursor.type, value)
      return changed === null || compareCells(cursor.type, changed, at) <= 0
    })
    .map(({ id }) => id)
  if (gone.length === 0) return { deleted: 0, restored: 0 }
  return { deleted: await remove(trx, tables, trx.isAmong('_dlt_id', gone), options), restored: 0 }
}

/** A row that came back after one event may be gone by another. An event without a cursor is later than any change. */
function latestById(rows: readonly GoneRow[]): ReadonlyMap<string, Cell> {
  const latest = new Map<string, Cell>()
  for (const { id, at } of rows) {
    const known = latest.get(id)
    const isLater =
      known === undefined ||
      (known !== null && (at === null || compareCells('timestamp', at, known) > 0))
    if (isLater) latest.set(id, at)
  }
  return latest
}

async function remove(
  trx: LoadTransaction,
  tables: readonly TableSchema[],
  gone: RawBuilder<SqlBool>,
  { mode, loadId, now }: SweepOptions,
): Promise<number> {
  const [root, ...children] = tables as [TableSchema, ...TableSchema[]]
  if (mode === 'soft') {
    const { numAffectedRows } = await sql`
      update ${sql.id(root.name)} as swept set ${sql.id(DELETED_AT)} = ${now},
        ${sql.id('_dlt_load_id')} = ${loadId} where ${gone}`.execute(trx.db)
    return Number(numAffectedRows ?? 0n)
  }
  const ids = sql`select ${sql.id('swept', '_dlt_id')} from ${sql.id(root.name)} as swept where ${gone}`
  for (const child of children) {
    await sql`delete from ${sql.id(child.name)} where ${sql.id('_dlt_root_id')} in (${ids})`.execute(
      trx.db,
    )
  }
  const { numAffectedRows } = await sql`
    delete from ${sql.id(root.name)} where ${sql.id('_dlt_id')} in (${ids})`.execute(trx.db)
  return Number(numAffectedRows ?? 0n)
}

function marks(root: TableSchema): boolean {
  return root.columns.some(({ name }) => name === DELETED_AT)
}

function isLive(root: TableSchema): RawBuilder<SqlBool> {
  return marks(root) ? sql`${sql.id('swept', DELETED_AT)} is null` : sql`1 = 1`
}

function isUnseen(reader: Reader, root: TableSchema): RawBuilder<SqlBool> {
  return sql`not exists (select 1 from ${sql.id(seenTable(reader, root))} as seen
    where ${sql.id('seen', '_dlt_id')} = ${sql.id('swept', '_dlt_id')})`
}

function inScope(reader: Reader, { since, parents }: SweepScope): RawBuilder<SqlBool> {
  const conditions: RawBuilder<SqlBool>[] = []
  if (since) conditions.push(isFrom(since))
  if (parents) conditions.push(ofParents(reader, parents))
  return conditions.length === 0 ? sql`1 = 1` : sql<SqlBool>`(${sql.join(conditions, sql` and `)})`
}

function isFrom({ column, value }: CursorBound): RawBuilder<SqlBool> {
  const own = sql.id('swept', column.name)
  // SQLite holds decimals as text, which does not sort as the numbers do.
  return column.type === 'decimal'
    ? sql`cast(${own} as numeric) >= cast(${value} as numeric)`
    : sql`${own} >= ${value}`
}

/**
 * Values of any type are compared as text, as the parent's row and the child's hold the same. A row from before the
 * column does not say whose it is.
 */
function ofParents(
  reader: Reader,
  { column, values, parent, parentColumn }: ParentScope,
): RawBuilder<SqlBool> {
  const own = sql`cast(${sql.id('swept', column)} as text)`
  const live = marks(parent) ? sql`and ${sql.id('parent', DELETED_AT)} is null` : sql``
  return sql`(${own} is not null and (${reader.isAmong(own, values)} or not exists (
    select 1 from ${sql.id(parent.name)} as parent
    where cast(${sql.id('parent', parentColumn)} as text) = ${own} ${live})))`
}
