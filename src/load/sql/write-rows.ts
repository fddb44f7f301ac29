import { sql } from 'kysely'
import type { Cell, TableBatch, TableSchema } from '../../normalize/types.ts'
import type { LoadTransaction } from '../destination.ts'
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
   * the cursor does not tell; `first`: the one that was there stays; `none`: there are no two.
   */
  readonly existing: 'newest' | 'first' | 'none'
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
 * child rows in every child table included. Returns the rows written, by the position of their table.
 */
export async function writeRows(trx: LoadTransaction, write: RowsToWrite): Promise<number[]> {
  if (write.batches.length === 0) return write.tables.map(() => 0)
  const rows =
    write.existing === 'none'
      ? { added: rowsByTable(write), replacing: [] }
      : await settleIds(trx, write)
  for (const [position, { name, columns }] of write.tables.entries()) {
    const added = rows.added[position] ?? []
    const replacing = rows.replacing[position] ?? []
    if (added.length > 0) await trx.insert(name, columns, added, 'fails')
    if (replacing.length > 0) await trx.insert(name, columns, replacing, 'replaces')
  }
  return write.tables.map((_, i) => (rows.added[i]?.length ?? 0) + (rows.replacing[i]?.length ?? 0))
}

/** Rows by the position of their table. */
type RowsByTable = Cell[][][]

function rowsByTable({ tables, batches }: RowsToWrite): RowsByTable {
  return tables.map((_, position) =>
    batches.flatMap((placed) => (placed.position === position ? placed.batch.rows : [])),
  )
}

/**
 * Leaves one root row for every id, with the child rows that came with it, apart by whether they are new or
 * take the place of others; and deletes the child rows whose place none takes.
 */
async function settleIds(
  trx: LoadTransaction,
  write: RowsToWrite,
): Promise<{ added: RowsByTable; replacing: RowsByTable }> {
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

  const replaced = (replacing[0] ?? []).map((row) => row[ID] as string)
  if (replaced.length > 0) {
    await write.beforeReplace()
    for (const [position, { name }] of write.tables.entries()) {
      if (position === 0) continue
      const staying = replacing[position]!.map((row) => row[ID] as string)
      await sql`delete from ${sql.id(name)} where ${trx.isAmong('_dlt_root_id', replaced)}
        and not (${trx.isAmong('_dlt_id', staying)})`.execute(trx.db)
    }
  }
  return { added, replacing }
}

/** The root rows to write by their ids: one for each, and none that is older than the table's. */
async function keptRoots(trx: LoadTransaction, write: RowsToWrite): Promise<Map<string, Kept>> {
  const root = write.tables[0]!
  const at = root.columns.findIndex((column) => column.name === root.cursor)
  const takesOver: TakesOver = write.existing === 'first' ? () => false : newest(root, at)

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
  for (const [id, cursor] of await existingRows(trx, root, [...kept.keys()])) {
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

/** The ids among `ids` that are in the table, with the cursors of their rows. */
async function existingRows(
  trx: LoadTransaction,
  root: TableSchema,
  ids: readonly string[],
): Promise<[id: string, cursor: Cell][]> {
  if (ids.length === 0) return []
  const cursor = root.columns.find((column) => column.name === root.cursor)
  const { rows } = await sql<{ id: string; cursor: unknown }>`
    select ${sql.id('_dlt_id')} as id, ${cursor ? sql.id(cursor.name) : sql.lit(null)} as cursor
    from ${sql.id(root.name)} where ${trx.isAmong('_dlt_id', ids)}`.execute(trx.db)
  return rows.map((row) => [row.id, cursor ? trx.decode(cursor.type, row.cursor) : null])
}
