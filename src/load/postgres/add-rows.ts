import { CompiledQuery, type Kysely } from 'kysely'
import { escapeIdentifier } from 'pg'
import type { RowsForTable } from '../destination.ts'
import { CopyTexts } from './copy-in.ts'
import { copyText } from './copy-text.ts'

/** See `LoadTransaction.add`: by COPY, into all tables in one round trip. */
export async function addRows<DB>(db: Kysely<DB>, batches: readonly RowsForTable[]): Promise<void> {
  const filled = batches.filter(({ rows }) => rows.length > 0)
  if (filled.length === 0) return
  const text = filled.map(copyStatement).join('; ')
  await db.executeQuery(CompiledQuery.raw(text, [new CopyTexts(filled.map(copyText))]))
}

function copyStatement({ table, columns }: RowsForTable): string {
  const names = columns.map(({ name }) => escapeIdentifier(name)).join(', ')
  return `copy ${escapeIdentifier(table)} (${names}) from stdin`
}
