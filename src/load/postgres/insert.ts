import { CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely'
import type { Cell, Column, DataType } from '../../normalize/types.ts'
import type { SameId } from '../destination.ts'
import { onSameId } from '../sql/replace-row.ts'
import { columnLiteral } from './array-literal.ts'

/** A statement carries at most so many rows and, roughly, characters: what it carries is held three times. */
const MAX_ROWS = 5000
const MAX_CHARACTERS = 8_000_000

/**
 * Inserts rows by a statement whose parameters are columns, so that it is the same for any number of rows:
 * `insert into t (id, name) select * from unnest($1::text[], $2::text[])`.
 */
export function createInsert<DB>(types: Readonly<Record<DataType, string>>) {
  const compiled = new Map<string, string>()
  return async (
    db: Kysely<DB>,
    table: string,
    columns: readonly Column[],
    rows: readonly Cell[][],
    sameId: SameId,
  ): Promise<readonly string[]> => {
    const key = [table, sameId, ...columns.map((column) => `${column.name} ${column.type}`)].join(
      '\0',
    )
    let text = compiled.get(key)
    if (text === undefined) {
      const conflict = onSameId(table, columns, sameId)
      text = sql`${statement(table, columns, types)} ${conflict}`.compile(db).sql
      compiled.set(key, text)
    }
    const written: string[] = []
    for (const [from, to] of slices(rows)) {
      const parameters = columns.map((_, i) => columnLiteral(rows, i, from, to))
      const result = await db.executeQuery<{ root_id: string }>(CompiledQuery.raw(text, parameters))
      for (const row of result.rows) written.push(row.root_id)
    }
    return written
  }
}

function statement(
  table: string,
  columns: readonly Column[],
  types: Readonly<Record<DataType, string>>,
): RawBuilder<unknown> {
  const names = sql.join(columns.map((column) => sql.id(column.name)))
  const arrays = sql.join(
    columns.map((column) => sql`${sql.val('{}')}::${sql.raw(types[column.type])}[]`),
  )
  return sql`insert into ${sql.id(table)} (${names}) select * from unnest(${arrays})`
}

function* slices(rows: readonly Cell[][]): Generator<[from: number, to: number]> {
  let from = 0
  let characters = 0
  for (let i = 0; i < rows.length; i++) {
    for (const cell of rows[i]!) characters += typeof cell === 'string' ? cell.length : 8
    if (i + 1 - from < MAX_ROWS && characters < MAX_CHARACTERS) continue
    yield [from, i + 1]
    from = i + 1
    characters = 0
  }
  if (from < rows.length) yield [from, rows.length]
}
