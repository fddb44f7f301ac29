import type Database from 'better-sqlite3'
import { type Kysely, sql } from 'kysely'
import type { Cell, Column } from '../../normalize/types.ts'
import type { LoadTransaction, RowsForTable, RowsToMerge } from '../destination.ts'
import { insertInto, onSameId } from '../sql/replace-row.ts'

type SameId = RowsToMerge['sameId']

/** One statement for several rows halves the time that a row takes; more than these gain nothing. */
const MAX_ROWS = 32
const MAX_PARAMETERS = 1000

/** Statements for one table and set of columns: one inserts `rows` rows at once, the other a single one. */
interface Inserts {
  readonly rows: number
  readonly many: Database.Statement
  readonly one: Database.Statement
}

/** Inserts on the connection of the open transaction: an SQLite database has one. */
export function createInserts<DB>(
  database: Database.Database,
  db: Kysely<DB>,
): Pick<LoadTransaction, 'add' | 'merge'> {
  const prepared = new Map<string, Inserts>()
  const insert = ({ table, columns, rows }: RowsForTable, sameId: SameId | null): string[] => {
    const key = [table, sameId, ...columns.map((column) => column.name)].join('\0')
    let inserts = prepared.get(key)
    if (!inserts) {
      const count = Math.max(1, Math.min(MAX_ROWS, Math.floor(MAX_PARAMETERS / columns.length)))
      const compile = (count: number) => {
        const statement = database.prepare(insertOf(table, columns, sameId, count).compile(db).sql)
        return statement.reader ? statement.pluck() : statement
      }
      inserts = { rows: count, many: compile(count), one: compile(1) }
      prepared.set(key, inserts)
    }
    return insertRows(inserts, columns.length, rows)
  }
  return {
    add: async (batches) => {
      for (const batch of batches) insert(batch, null)
    },
    merge: async (batches) => batches.map((batch) => insert(batch, batch.sameId)),
  }
}

function insertOf(table: string, columns: readonly Column[], sameId: SameId | null, count: number) {
  const row = sql`(${sql.join(columns.map(() => sql.val(null)))})`
  const rows = sql.join(Array.from({ length: count }, () => row))
  const conflict = sameId === null ? sql`` : onSameId({ table, columns, sameId })
  return sql`${insertInto(table, columns)} values ${rows} ${conflict}`
}

/** Returns what the statements do, in one column. */
function insertRows(
  { rows: step, many, one }: Inserts,
  width: number,
  rows: readonly (readonly Cell[])[],
): string[] {
  const written: string[] = []
  const parameters: Cell[] = []
  const run = (statement: Database.Statement) => {
    if (!statement.reader) statement.run(parameters)
    else for (const id of statement.all(parameters)) written.push(id as string)
  }
  let at = 0
  for (; at + step <= rows.length; at += step) {
    for (let i = 0; i < step; i++) bind(rows[at + i]!, width, parameters, i * width)
    run(many)
  }
  parameters.length = width
  for (; at < rows.length; at++) {
    bind(rows[at]!, width, parameters, 0)
    run(one)
  }
  return written
}

/** SQLite has no booleans, and a row may be too short to have the last columns. */
function bind(row: readonly Cell[], width: number, parameters: Cell[], from: number): void {
  for (let i = 0; i < width; i++) {
    const cell = row[i] ?? null
    parameters[from + i] = typeof cell === 'boolean' ? Number(cell) : cell
  }
}
