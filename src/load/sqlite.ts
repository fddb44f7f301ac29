import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type Database from 'better-sqlite3'
import { Kysely, sql } from 'kysely'
import { SluiceError } from '../core/errors.ts'
import type { Cell, DataType } from '../normalize/types.ts'
import type {
  Capabilities,
  Destination,
  DestinationContext,
  LoadTransaction,
  QueryResult,
  Reader,
} from './destination.ts'
import { columnOf } from './sql/column-of.ts'
import { groupNames } from './group-names.ts'
import { numberIfSafe } from './number-if-safe.ts'
import { NOT_A_QUERY, queryError } from './query-error.ts'
import type { SystemTables } from './sql/system-tables.ts'
import { openDatabase } from './sqlite/database.ts'
import { PreparedSqliteDialect } from './sqlite/dialect.ts'
import { createInserts } from './sqlite/insert.ts'
import { explainSqlite, judgeSqlite } from './sqlite/explain.ts'
import { jsonArray } from './sqlite/json-array.ts'
import { createView, readStamps } from './sqlite/views.ts'
import { watchFile } from './sqlite/watch-file.ts'
import { rebuildTable } from './sqlite/widen.ts'
import { unavailable } from './unavailable.ts'

const capabilities: Capabilities = {
  // SQLite has no limit of its own; a dataset should fit into Postgres, too.
  maxIdentifierBytes: 63,
  maxColumns: 2000,
  types: {
    text: 'text',
    bigint: 'integer',
    // Text keeps digits that a REAL would round.
    decimal: 'text',
    double: 'real',
    bool: 'integer',
    timestamp: 'text',
    date: 'text',
    json: 'text',
  },
}

/** Opens the file at `path`, in which `{dataset}` stands for the name of the dataset. */
export function openSqlite(path: string, context: DestinationContext): Destination | null {
  const file = resolve(context.folder, path.replaceAll('{dataset}', context.dataset))
  if (context.mode === 'read' && !existsSync(file)) return null
  try {
    return createDestination(file, openDatabase(file, context.mode), context)
  } catch (error) {
    throw unavailable(`sqlite ${file}`, error, explainSqlite(error))
  }
}

function createDestination(
  file: string,
  database: Database.Database,
  { clock }: DestinationContext,
): Destination {
  const db = new Kysely<SystemTables>({ dialect: new PreparedSqliteDialect(database) })
  const inserts = createInserts(database, db)
  const checkFile = watchFile(file)
  return {
    ...reader(db),
    type: 'sqlite',
    where: `sqlite ${file}`,
    schema: null,
    transaction: (work) =>
      db.transaction().execute(async (trx) => {
        const transaction: LoadTransaction = {
          ...reader(trx),
          ...inserts,
          // SQLite takes an index that fits without knowing how many rows it leads to.
          analyze: async () => {},
          widen: (table, widenings) => rebuildTable(trx, table, widenings, capabilities.types),
          createView: createView(trx),
          dropView: async (name) => {
            await sql`drop view ${sql.id(name)}`.execute(trx)
          },
        }
        const result = await work(transaction)
        checkFile()
        return result
      }),
    query: async (text) => queryReadOnly(database, text),
    // Processes that share a file share a machine.
    now: async () => clock.now(),
    explain: explainSqlite,
    judge: judgeSqlite,
    close: async () => {
      await db.destroy()
      // Kysely closes the database only if it was ever used.
      database.close()
    },
  }
}

function reader(db: Kysely<SystemTables>): Reader {
  return {
    capabilities,
    db,
    decode,
    tables: async () => {
      const { rows } = await sql<{ name: string }>`
        select name from sqlite_master where type = 'table'`.execute(db)
      return rows.map(({ name }) => name)
    },
    columns: async (tables) => {
      const { rows } = await sql<{ table: string; name: string }>`
        select t.name as "table", c.name from sqlite_master as t, pragma_table_info(t.name) as c
        where t.type = 'table' and t.name in ${list(tables)} order by t.name, c.cid`.execute(db)
      return groupNames(rows)
    },
    indexes: async (tables) => {
      const { rows } = await sql<{ table: string; name: string }>`
        select tbl_name as "table", name from sqlite_master
        where type = 'index' and tbl_name in ${list(tables)}`.execute(db)
      return groupNames(rows)
    },
    isAmong: (column, values) => sql`${columnOf(column)} in ${list(values)}`,
    stamps: (names) => readStamps(db, names),
    // A view whose tables are gone keeps nothing from being dropped.
    dependentsOf: async () => [],
    jsonArray,
  }
}

/** One parameter whatever the number of values, so that one prepared statement serves them all. */
function list(values: readonly string[]) {
  return sql`(select value from json_each(${JSON.stringify(values)}))`
}

function decode(type: DataType, value: unknown): Cell {
  if (type === 'bool' && value !== null) return Number(value) !== 0
  return numberIfSafe(value) as Cell
}

function queryReadOnly(database: Database.Database, text: string): QueryResult {
  try {
    const statement = database.prepare(text)
    if (!statement.reader || !statement.readonly) throw queryError(NOT_A_QUERY)
    const columns = statement.columns().map((column) => column.name)
    const rows = statement.raw().all() as unknown[][]
    return { columns, rows: rows.map((row) => row.map(numberIfSafe)) }
  } catch (error) {
    throw error instanceof SluiceError ? error : queryError(error)
  }
}
