import { type Kysely, sql } from 'kysely'
import type { LoadTransaction, Reader } from '../destination.ts'

/** SQLite keeps the text of a view as it was written, comments and all. */
const STAMP = /\/\* made by Sluice: (\w+) \*\//

/** {@link Reader.stamps}: names are found whatever their case, as SQLite takes them. */
export async function readStamps<DB>(
  db: Kysely<DB>,
  names: readonly string[],
): ReturnType<Reader['stamps']> {
  const { rows } = await sql<{ name: string; type: string; sql: string | null }>`
    select wanted.value as name, there.type, there.sql
    from json_each(${JSON.stringify(names)}) as wanted
    join sqlite_master as there on there.name = wanted.value collate nocase
    where there.type <> 'trigger'`.execute(db)
  return new Map(
    rows.map(({ name, type, sql: text }) => {
      const stamp = type === 'view' ? STAMP.exec(text ?? '')?.[1] : undefined
      return [name, stamp ?? null]
    }),
  )
}

export const createView =
  <DB>(db: Kysely<DB>): LoadTransaction['createView'] =>
  async (name, stamp, query) => {
    const comment = sql.raw(`/* made by Sluice: ${stamp} */`)
    await sql`create view ${sql.id(name)} as ${comment} ${query}`.execute(db)
  }
