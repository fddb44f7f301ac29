import { CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely'
import { escapeIdentifier } from 'pg'
import type { Cell, DataType } from '../../normalize/types.ts'
import type { LoadTransaction, RowsForTable } from '../destination.ts'
import { insertInto, onSameId, type Replacement, wouldStay } from '../sql/replace-row.ts'
import { columnLiteral } from './array-literal.ts'
import { CopyTexts } from './copy-in.ts'
import { copyText } from './copy-text.ts'
import { executeTogether } from './together.ts'

/** Statements that go out together carry at most so many rows and, roughly, characters, and each of these three times. */
const MAX_ROWS = 5000
const MAX_CHARACTERS = 8_000_000

const INCOMING = 'incoming'

/**
 * New rows go by COPY. Rows of which some may be there go by an INSERT whose parameters are columns, so that it is the
 * same for any number of rows; a COPY into a table beside it and a merge of the two would take half as long again.
 */
export function createInserts<DB>(
  types: Readonly<Record<DataType, string>>,
): (db: Kysely<DB>) => Pick<LoadTransaction, 'add' | 'merge'> {
  const compiled = new Map<string, string>()
  const compile = (db: Kysely<DB>, batch: Replacement): string => {
    const { table, columns, sameId } = batch
    const parts = [table, sameId, ...columns.map((column) => `${column.name} ${column.type}`)]
    const key = parts.join('\0')
    let text = compiled.get(key)
    if (text === undefined) {
      text = insertDiffering(batch, types).compile(db).sql
      compiled.set(key, text)
    }
    return text
  }
  return (db) => ({
    add: async (batches) => {
      const filled = batches.filter(({ rows }) => rows.length > 0)
      if (filled.length === 0) return
      const text = filled.map(copyStatement).join('; ')
      await db.executeQuery(CompiledQuery.raw(text, [new CopyTexts(filled.map(copyText))]))
    },
    merge: async (batches) => {
      const written = batches.map((): string[] => [])
      for (const slices of slicesOf(batches)) {
        const statements = slices.map(({ position, from, to }) => {
          const { columns, rows } = batches[position]!
          const parameters = columns.map((_, i) => columnLiteral(rows, i, from, to))
          return CompiledQuery.raw(compile(db, batches[position]!), parameters)
        })
        const results = await executeTogether(
          db,
          statements as CompiledQuery<{ root_id: string }>[],
        )
        for (const [i, rows] of results.entries()) {
          for (const row of rows) written[slices[i]!.position]!.push(row.root_id)
        }
      }
      return written
    },
  })
}

function copyStatement({ table, columns }: RowsForTable): string {
  const names = columns.map(({ name }) => escapeIdentifier(name)).join(', ')
  return `copy ${escapeIdentifier(table)} (${names}) from stdin`
}

/**
 * `insert into t (id, name) select * from (select unnest($1::text[]) as id, unnest($2::text[]) as name) as incoming`, but
 * for rows that would stay as they are: ON CONFLICT writes to a row, to lock it, before it compares it with another.
 */
function insertDiffering(
  batch: Replacement,
  types: Readonly<Record<DataType, string>>,
): RawBuilder<unknown> {
  const { table, columns } = batch
  // Not in FROM, where every column would be put aside as a whole before the first row is made.
  const cells = columns.map(({ name, type }) => {
    const column = sql`${sql.val('{}')}::${sql.raw(types[type])}[]`
    return sql`unnest(${column}) as ${sql.id(name)}`
  })
  return sql`${insertInto(table, columns)}
    select * from (select ${sql.join(cells)}) as ${sql.id(INCOMING)}
    where not ${wouldStay(batch, INCOMING)} ${onSameId(batch)}`
}

/** Some of the rows of one batch. */
interface Slice {
  readonly position: number
  readonly from: number
  readonly to: number
}

/** The rows of all batches, as many at a time as may go out together. */
function* slicesOf(batches: readonly RowsForTable[]): Generator<Slice[]> {
  let slices: Slice[] = []
  let count = 0
  let characters = 0
  for (const [position, { rows }] of batches.entries()) {
    let from = 0
    for (const [i, row] of rows.entries()) {
      count++
      characters += sizeOf(row)
      if (count < MAX_ROWS && characters < MAX_CHARACTERS) continue
      yield [...slices, { position, from, to: i + 1 }]
      slices = []
      from = i + 1
      count = 0
      characters = 0
    }
    if (from < rows.length) slices.push({ position, from, to: rows.length })
  }
  if (slices.length > 0) yield slices
}

function sizeOf(row: readonly Cell[]): number {
  let characters = 0
  for (const cell of row) characters += typeof cell === 'string' ? cell.length : 8
  return characters
}
