import { CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely'
import type { DataType } from '../../normalize/types.ts'
import type { LoadTransaction, RowsToMerge } from '../destination.ts'
import { insertInto, onSameId, type Replacement, wouldStay } from '../sql/replace-row.ts'
import { columnLiteral } from './array-literal.ts'
import { slicesOf } from './slices.ts'
import { executeTogether } from './together.ts'

const INCOMING = 'incoming'

/**
 * See `LoadTransaction.merge`: by statements whose parameters are columns, so that they are the same for any number of
 * rows. To COPY a page into tables beside, and merge those, would take half as long again.
 */
export function createMergeRows<DB>(
  types: Readonly<Record<DataType, string>>,
): (db: Kysely<DB>, batches: readonly RowsToMerge[]) => ReturnType<LoadTransaction['merge']> {
  const compiled = new Map<string, string>()
  const compile = (db: Kysely<DB>, replacement: Replacement): string => {
    const { table, columns, sameId } = replacement
    const parts = [table, sameId, ...columns.map((column) => `${column.name} ${column.type}`)]
    const key = parts.join('\0')
    let text = compiled.get(key)
    if (text === undefined) {
      text = insertDiffering(replacement, types).compile(db).sql
      compiled.set(key, text)
    }
    return text
  }
  return async (db, batches) => {
    const written = batches.map((): string[] => [])
    for (const slices of slicesOf(batches)) {
      const statements = lazily(slices, ({ position, from, to }) => {
        const batch = batches[position]!
        const parameters = batch.columns.map((_, i) => columnLiteral(batch.rows, i, from, to))
        return CompiledQuery.raw(compile(db, batch), parameters)
      })
      const results = await executeTogether<DB, { root_id: string }>(db, statements)
      for (const [i, rows] of results.entries()) {
        for (const row of rows) written[slices[i]!.position]!.push(row.root_id)
      }
    }
    return written
  }
}

function* lazily<T, U>(items: readonly T[], map: (item: T) => U): Generator<U> {
  for (const item of items) yield map(item)
}

/**
 * `insert into t (id, name) select * from (select unnest($1::text[]) as id, unnest($2::text[]) as name) as incoming`, but
 * for rows that would stay as they are: ON CONFLICT writes to a row, to lock it, before it compares it with another.
 */
function insertDiffering(
  replacement: Replacement,
  types: Readonly<Record<DataType, string>>,
): RawBuilder<unknown> {
  const { table, columns } = replacement
  // Not in FROM, where every column would be put aside as a whole before the first row is made.
  const cells = columns.map(({ name, type }) => {
    const column = sql`${sql.val('{}')}::${sql.raw(types[type])}[]`
    return sql`unnest(${column}) as ${sql.id(name)}`
  })
  return sql`${insertInto(table, columns)}
    select * from (select ${sql.join(cells)}) as ${sql.id(INCOMING)}
    where not ${wouldStay(replacement, INCOMING)} ${onSameId(replacement)}`
}
