import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'

/** A folder of a test's own, and how to remove it. */
export function tempFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Runs statements on a file, on a connection of their own. */
export function onSqlite(file: string, sql: string): void {
  const database = new Database(file)
  try {
    database.exec(sql)
  } finally {
    database.close()
  }
}

/** What the indexes of a table are on: `id unique`, `a,b`. */
export function sqliteIndexes(file: string, table: string): string[] {
  const database = new Database(file, { readonly: true })
  try {
    const statement = database.prepare<[string], { columns: string; unique: number }>(
      `select group_concat(c.name) as columns, i."unique"
       from pragma_index_list(?) as i, pragma_index_info(i.name) as c group by i.name`,
    )
    return statement.all(table).map((row) => `${row.columns}${row.unique ? ' unique' : ''}`)
  } finally {
    database.close()
  }
}
