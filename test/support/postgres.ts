import { Client } from 'pg'
import { inject } from 'vitest'

/** Connection string of the run's Postgres. */
export function postgresUrl(): string {
  return inject('postgresUrl')
}

/** Runs one statement on the run's Postgres, outside every dataset. */
export async function onPostgres(
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: postgresUrl() })
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql, [...parameters])
    return rows
  } finally {
    await client.end()
  }
}

export async function dropSchema(schema: string): Promise<void> {
  await onPostgres(`drop schema if exists "${schema}" cascade`)
}

/** What the indexes of a table are on: `id unique`, `a,b`. */
export async function postgresIndexes(schema: string, table: string): Promise<string[]> {
  const rows = await onPostgres(
    `select i.indisunique, array_agg(a.attname::text order by k.position) as columns
     from pg_index i
     cross join unnest(i.indkey) with ordinality as k (attnum, position)
     join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
     where i.indrelid = format('%I.%I', $1::text, $2::text)::regclass
     group by i.indexrelid, i.indisunique`,
    [schema, table],
  )
  return rows.map((row) => `${(row.columns as string[]).join()}${row.indisunique ? ' unique' : ''}`)
}
