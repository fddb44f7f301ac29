import { Client } from 'pg'
import { compareDatasets, type Schema } from './compare.ts'
import type { Database } from './database.ts'

/** Schemas of a Postgres database. */
export function postgresAt(url: string): Database {
  const [sluice, floor] = ['bench', 'floor']
  return {
    type: 'postgres',
    destination: { type: 'postgres', connection_string: url },
    floorArguments: [url, floor],
    clear: () => dropSchemas(url, [sluice, floor]),
    compare: () =>
      withClient(url, (client) =>
        compareDatasets({
          sluice: schema(sluice),
          floor: schema(floor),
          query: async (sql) => (await client.query<Record<string, unknown>>(sql)).rows,
        }),
      ),
  }
}

/** Removes schemas with all that is in them. */
export function dropSchemas(url: string, names: readonly string[]): Promise<void> {
  return withClient(url, async (client) => {
    for (const name of names) await client.query(`drop schema if exists ${name} cascade`)
    // What the round before left to be written is not written while the next one is measured.
    await client.query('checkpoint')
  })
}

async function withClient(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

function schema(name: string): Schema {
  // Sluice's own tables begin with an underscore.
  const isData = `t.relnamespace = '${name}'::regnamespace and t.relkind = 'r'
    and not starts_with(t.relname, '_')`
  return {
    name,
    columns: `select t.relname as "table", c.attname as "column",
        format_type(c.atttypid, c.atttypmod) as type
      from pg_class as t join pg_attribute as c on c.attrelid = t.oid
      where ${isData} and c.attnum > 0 and not c.attisdropped`,
    indexes: `select t.relname as "table", i.indisunique as "unique", (
        select string_agg(c.attname, ', ' order by k.position)
        from unnest(i.indkey) with ordinality as k (attnum, position)
        join pg_attribute as c on c.attrelid = t.oid and c.attnum = k.attnum
      ) as columns
      from pg_class as t join pg_index as i on i.indrelid = t.oid where ${isData}`,
  }
}
