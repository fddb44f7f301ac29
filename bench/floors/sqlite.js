import Database from 'better-sqlite3'
import { pages } from './pages.js'
import { indexesOf, LOAD_ID, shapeOf } from './shapes.js'

/** `node sqlite.js LIST FILE`: prepared inserts in one transaction, and then the indexes. */
const [list, file] = process.argv.slice(2)
const { tables, cursor, flatten } = shapeOf(list)

const TYPES = {
  bigint: 'integer',
  boolean: 'integer',
  date: 'text',
  'double precision': 'real',
  timestamptz: 'text',
}

const database = new Database(file)
database.pragma('journal_mode = wal')
database.pragma('synchronous = normal')
database.pragma('cache_size = -65536')
database.exec('begin')

const inserts = {}
for (const [table, columns] of Object.entries(tables)) {
  const typed = Object.entries(columns).map(([name, type]) => `${name} ${TYPES[type] ?? type}`)
  database.exec(`create table ${table} (${typed.join(', ')})`)
  inserts[table] = database.prepare(
    `insert into ${table} values (${typed.map(() => '?').join(', ')})`,
  )
}

const add = (table, row) => inserts[table].run(row)
for await (const records of pages(list)) {
  for (const record of records) flatten(record, LOAD_ID, add)
}

let number = 0
for (const [table, columns] of Object.entries(tables)) {
  for (const index of indexesOf(table, columns, cursor)) {
    database.exec(`create ${index.kind} ix_${number++} on ${table} (${index.columns})`)
  }
}
database.exec('commit')
database.close()
