import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import { compareDatasets, type Schema } from './compare.ts'
import type { Database } from './database.ts'

/** Files in a folder. */
export function sqliteIn(folder: string): Database {
  const [sluice, floor] = [join(folder, 'bench.db'), join(folder, 'floor.db')]
  return {
    type: 'sqlite',
    destination: { type: 'sqlite', path: join(folder, '{dataset}.db') },
    floorArguments: [floor],
    async clear() {
      for (const file of [sluice, floor]) {
        for (const suffix of ['', '-wal', '-shm']) await rm(file + suffix, { force: true })
      }
    },
    async compare() {
      const database = new BetterSqlite(sluice, { readonly: true })
      try {
        database.prepare('attach ? as floor').run(floor)
        await compareDatasets({
          sluice: schema('main'),
          floor: schema('floor'),
          query: async (sql) => database.prepare(sql).all() as Record<string, unknown>[],
        })
      } finally {
        database.close()
      }
    },
  }
}

function schema(name: string): Schema {
  const tables = `${name}.sqlite_master as t`
  // Sluice's own tables begin with an underscore.
  const isData = `t.type = 'table' and substr(t.name, 1, 1) <> '_'`
  return {
    name,
    columns: `select t.name as "table", c.name as "column", lower(c.type) as type
      from ${tables}, pragma_table_info(t.name, '${name}') as c where ${isData}`,
    indexes: `select t.name as "table", i."unique" as "unique", (
        select group_concat(c.name, ', ') from pragma_index_info(i.name, '${name}') as c
      ) as columns
      from ${tables}, pragma_index_list(t.name, '${name}') as i where ${isData}`,
  }
}
