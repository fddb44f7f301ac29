import { sql } from 'kysely'
import type { Cell, TableBatch, TableSchema } from '../../normalize/types.ts'
import type { LoadTransaction, RowsToMerge } from '../destination.ts'
import { compareCells } from './compare-cells.ts'

/** Where ids stand in a row: see ROOT_COLUMNS and CHILD_COLUMNS. */
const ID = 0
const CHILD_ROOT_ID = 3

export interface RowsToWrite {
  /** The endpoint's tables under the names to write to, its own table first. */
  readonly tables: readonly TableSchema[]
  /**
   * In the order of the pages, each page's root batch first; `position` is that of the table in `tables`.
   * A root id that is in a page twice has the child rows of both, the later taking the place of the earlier
   * at the same position: nothing tells whose they are.
   */
  readonly batches: readonly { readonly position: number; readonly batch: TableBatch }[]
  /**
   * What becomes of two root rows with one id. `newest`: the newer by cursor stays, or the later one where
   * the cursor does not tell; `latest`: the later one stays, whatever the cursors; `first`: the one that was there stays;
   * `none`: there are no two.
   */
  readonly existing: 'newest' | 'latest' | 'first' | 'none'
  /**
   * What becomes of a root row that is in the table just as it comes, its child rows too, and is not marked as deleted:
   * it stays, with the load that wrote it, or is written again.
   */
  readonly unchanged: 'stays' | 'written'
  /** Whether any of these ids, which are about to be written, may be in the endpoint's own table. */
  readonly mayHold: (ids: readonly string[]) => Promise<boolean>
  /** Called before rows that are there are replaced, which goes by every table's indexes. */
  readonly beforeReplace: () => Promise<void>
}

/** A root row that is to be written, the page it came with, and whether its id is in the table already. */
interface Kept {
  readonly row: readonly Cell[]
  readonly page: number
  /** Another row of the page has the same id. */
  readonly repeated: boolean
  replaces: boolean
}

/** Whether a row takes the place of another with the same id, by their cursors. */
type TakesOver = (cursor: Cell, other: Cell) => boolean

/**
 * Writes root rows with their child rows. A row that takes the place of another is replaced whole, its
 * child rows in every child table included. Returns the rows that are in the tables now as they came, by the position
 * of their table.
 */
export async function writeRows(trx: LoadTransaction, write: RowsToWrite): Promise<number[]> {
  if (write.batches.length === 0) return write.tables.map(() => 0)
  const { added, replacing } =
    write.existing === 'none'
      ? { added: rowsByTable(write), replacing: [] }
      : await settleIds(trx, write)
  await trx.add(
    write.tables.map(({ name, columns }, i) => ({ table: name, columns, rows: added[i] ?? [] })),
  )
  if (replacing[0]?.length) {
    await write.beforeReplace()
    if (write.unchanged === 'stays') await replaceChanged(trx, write.tables, replacing)
    else await replaceAll(trx, write.tables, replacing)
  }
  return write.tables.map((_, i) => (added[i]?.length ?? 0) + (replacing[i]?.length ?? 0))
}

async function replaceAll(
  trx: LoadTransaction,
  tables: readonly TableSchema[],
  replacing: RowsByTable,
): Promise<void> {
  await trx.merge(tables.map((table, i) => toMerge(table, replacing[i]!, 'replaces')))
  await deleteLost(trx, tables, replacing)
}

/**
 * Replaces the rows that differ from those in the table. A root row of which only child rows differ is written too: it
 * is one that the load changed.
 */
async function replaceChanged(
  trx: LoadTransaction,
  tables: readonly TableSchema[],
  replacing: RowsByTable,
): Promise<void> {
  const [root, ...children] = tables as [TableSchema, ...TableSchema[]]
  const [rootRows = [], ...childRows] = replacing
  const written = new Set((await trx.merge([toMerge(root, rootRows, 'changes')])).flat())
  const batches = children.flatMap((table, i) => {
    // What changed in a row that is written anyhow need not be known.
    const [ofWritten, ofOthers] = partition(childRows[i]!, (row) =>
      written.has(row[CHILD_ROOT_ID] as string),
    )
    return [toMerge(table, ofWritten, 'replaces'), toMerge(table, ofOthers, 'changes')]
  })
  const touched = new Set((await trx.merge(batches)).flat())
  for (const id of await deleteLost(trx, tables, replacing)) touched.add(id)
  const late = rootRows.filter(([id]) => touched.has(id as string) && !written.has(id as string))
  await trx.merge([toMerge(root, late, 'replaces')])
}

function toMerge(
  { name, columns }: TableSchema,
  rows: readonly (readonly Cell[])[],
  sameId: RowsToMerge['sameId'],
): RowsToMerge {
  return { table: name, columns, rows, sameId }
}

/**
 * Deletes the child rows of root rows that were replaced whose place none has taken. Returns the ids of the root rows
 * that have lost some.
 */
async function deleteLost(
  trx: LoadTransaction,
  tables: readonly TableSchema[],
  replacing: RowsByTable,
): Promise<string[]> {
  const replaced = ids(replacing[0]!)
  const lost: string[] = []
  for (const [position, count] of (await countChildren(trx, tables, replaced)).entries()) {
    const staying = replacing[position + 1]!
    // Those that came are there, so that there are none beside them unless there are more.
    if (count === staying.length) continue
    const { rows } = await sql<{ id: string }>`
      delete from ${sql.id(tables[position + 1]!.name)}
      where ${trx.isAmong('_dlt_root_id', replaced)} and not (${trx.isAmong('_dlt_id', ids(staying))})
      returning ${sql.id('_dlt_root_id')} as id`.execute(trx.db)
    for (const { id } of rows) lost.push(id)
  }
  return lost
}

/** How many rows of each child table belong to these root rows; the index on them tells. */
async function countChildren(
  trx: LoadTransaction,
  [, ...children]: readonly TableSchema[],
  rootIds: readonly string[],
): Promise<number[]> {
  if (children.length === 0) return []
  const counts = children.map(
    ({ name }, i) => sql`(select count(*) from ${sql.id(name)}
      where ${trx.isAmong('_dlt_root_id', rootIds)}) as ${sql.id(`count_${i}`)}`,
  )
  const { rows } = await sql<Record<string, number>>`select ${sql.join(counts)}`.execute(trx.db)
  return children.map((_, i) => rows[0]![`count_${i}`]!)
}

function ids(rows: readonly (readonly Cell[])[]): string[] {
  return rows.map((row) => row[ID] as string)
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  const parts: [T[], T[]] = [[], []]
  for (const item of items) parts[isFirst(item) ? 0 : 1].push(item)
  return parts
}

/** Rows by the position of their table. */
type RowsByTable = Cell[][][]

function rowsByTable({ tables, batches }: RowsToWrite): RowsByTable {
  return tables.map((_, position) =>
    batches.flatMap((placed) => (placed.position === position ? placed.batch.rows : [])),
  )
}

interface SettledRows {
  readonly added: RowsByTable
  readonly replacing: RowsByTable
}

/**
 * Leaves one root row for every id, with the child rows that came with it, apart by whether they are new or
 * take the place of others.
 */
async function settleIds(trx: LoadTransaction, write: RowsToWrite): Promise<SettledRows> {
  const kept = await keptRoots(trx, write)
  const added: RowsByTable = write.tables.map(() => [])
  const replacing: RowsByTable = write.tables.map(() => [])
  let page = -1
  for (const { position, batch } of write.batches) {
    if (position === 0) page++
    for (const row of batch.rows) {
      const root = kept.get(row[position === 0 ? ID : CHILD_ROOT_ID] as string)
      if (!root || (position === 0 ? root.row !== row : root.page !== page)) continue
      const rows = (root.replaces ? replacing : added)[position]!
      const same = root.repeated ? rows.findIndex((other) => other[ID] === row[ID]) : -1
      if (same === -1) rows.push(row)
      else rows[same] = row
    }
  }
  return { added, replacing }
}

/** The root rows to write by their ids: one for each, and none that is older than the table's. */
async function keptRoots(trx: LoadTransaction, write: RowsToWrite): Promise<Map<string, Kept>> {
  const root = write.tables[0]!
  const at = root.columns.findIndex((column) => column.name === root.cursor)
  const takesOver = {
    newest: newest(root, at),
    latest: () => true,
    first: () => false,
    none: () => true,
  }[write.existing]

  const kept = new Map<string, Kept>()
  let page = -1
  for (const { position, batch } of write.batches) {
    if (position !== 0) continue
    page++
    for (const row of batch.rows) {
      const id = row[ID] as string
      const other = kept.get(id)
      if (other && !takesOver(row[at] ?? null, other.row[at] ?? null)) continue
      kept.set(id, { row, page, repeated: other?.page === page, replaces: false })
    }
  }
  const rootIds = [...kept.keys()]
  const existing = (await write.mayHold(rootIds)) ? await existingRows(trx, root, rootIds) : []
  for (const [id, cursor] of existing) {
    const row = kept.get(id)!
    if (takesOver(row.row[at] ?? null, cursor)) row.replaces = true
    else kept.delete(id)
  }
  return kept
}

/** Without a cursor, or where one of the two has none, nothing says which is older: the later one wins. */
function newest(root: TableSchema, at: number): TakesOver {
  const type = root.columns[at]?.type
  if (type === undefined) return () => true
  return (cursor, other) =>
    cursor === null || other === null || compareCells(type, cursor, other) >= 0
}

/** The ids among `rootIds` that are in the table, with the cursors of their rows. */
async function existingRows(
  trx: LoadTransaction,
  root: TableSchema,
  rootIds: readonly string[],
): Promise<[id: string, cursor: Cell][]> {
  if (rootIds.length === 0) return []
  const cursor = root.columns.find((column) => column.name === root.cursor)
  const { rows } = await sql<{ id: string; cursor: unknown }>`
    select ${sql.id('_dlt_id')} as id, ${cursor ? sql.id(cursor.name) : sql.lit(null)} as cursor
    from ${sql.id(root.name)} where ${trx.isAmong('_dlt_id', rootIds)}`.execute(trx.db)
  return rows.map((row) => [row.id, cursor ? trx.decode(cursor.type, row.cursor) : null])
}
