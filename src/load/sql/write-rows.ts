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
  /** In the order of the pages, each page's root batch first; `position` is that of the table in `tables`. */
  readonly batches: readonly { readonly position: number; readonly batch: TableBatch }[]
  /**
   * What becomes of two root rows with one id. `newest`: the newer by cursor stays, or the later one where
   * the cursor does not tell; `first`: the one that was there stays; `none`: there are no two.
   */
  readonly existing: 'newest' | 'first' | 'none'
  /** Called before rows are deleted from the tables, which goes by index. */
  readonly beforeDelete: () => Promise<void>
}

/** A root row that is to be written, and the page it came with. */
interface Kept {
  readonly row: readonly Cell[]
  readonly page: number
}

/** Whether a row takes the place of another with the same id, by their cursors. */
type TakesOver = (cursor: Cell, other: Cell) => boolean

/**
 * Writes root rows with their child rows. A row that takes the place of another is replaced whole, its
 * child rows in every child table included. Returns the rows written, by the position of their table.
 */
export async function writeRows(trx: LoadTransaction, write: RowsToWrite): Promise<number[]> {
  const counts = write.tables.map(() => 0)
  const insert = async (position: number, rows: readonly Cell[][]): Promise<void> => {
    const { name, columns } = write.tables[position]!
    if (rows.length > 0) await trx.insert(name, columns, rows)
    counts[position]! += rows.length
  }

  if (write.existing === 'none') {
    for (const { position, batch } of write.batches) await insert(position, batch.rows)
    return counts
  }

  const kept = await keptRoots(trx, write)
  let page = -1
  for (const { position, batch } of write.batches) {
    if (position === 0) page++
    // Most pages are kept whole, and need no second look at their child rows.
    const wanted =
      position === 0
        ? (row: readonly Cell[]) => kept.get(row[ID] as string)?.row === row
        : (row: readonly Cell[]) => kept.get(row[CHILD_ROOT_ID] as string)?.page === page
    await insert(position, batch.rows.filter(wanted))
  }
  return counts
}

/** Chooses the root rows to write by their ids, and deletes the rows whose place they take. */
async function keptRoots(trx: LoadTransaction, write: RowsToWrite): Promise<Map<string, Kept>> {
  const [root, ...children] = write.tables as [TableSchema, ...TableSchema[]]
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
      if (!other || takesOver(row[at] ?? null, other.row[at] ?? null)) kept.set(id, { row, page })
    }
  }

  const replaced: string[] = []
  for (const [id, cursor] of await existingRows(trx, root, [...kept.keys()])) {
    if (takesOver(kept.get(id)!.row[at] ?? null, cursor)) replaced.push(id)
    else kept.delete(id)
  }
  if (replaced.length > 0) {
    await write.beforeDelete()
    const mine = trx.isAmong('_dlt_id', replaced)
    await sql`delete from ${sql.id(root.name)} where ${mine}`.execute(trx.db)
    for (const child of children) {
      const theirs = trx.isAmong('_dlt_root_id', replaced)
      await sql`delete from ${sql.id(child.name)} where ${theirs}`.execute(trx.db)
    }
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
  const cursor = root.columns.find((column) => column.name === root.cursor)
  const { rows } = await sql<{ id: string; cursor: unknown }>`
    select ${sql.id('_dlt_id')} as id, ${cursor ? sql.id(cursor.name) : sql.lit(null)} as cursor
    from ${sql.id(root.name)} where ${trx.isAmong('_dlt_id', ids)}`.execute(trx.db)
  return rows.map((row) => [row.id, cursor ? trx.decode(cursor.type, row.cursor) : null])
}
