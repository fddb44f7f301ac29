import { finished } from 'node:stream/promises'
import { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { pages } from './pages.js'
import { indexesOf, LOAD_ID, shapeOf } from './shapes.js'

/** `node postgres.js LIST CONNECTION SCHEMA`: COPY in one transaction, and then the indexes. */
const [list, connectionString, schema] = process.argv.slice(2)
const { tables, cursor, flatten } = shapeOf(list)

/** So many characters go by one COPY; more take longer. */
const COPY_SIZE = 100_000

const client = new Client({ connectionString })
await client.connect()
await client.query('begin')
await client.query(`create schema ${schema}`)
await client.query(`set local search_path to ${schema}`)
for (const [table, columns] of Object.entries(tables)) {
  const typed = Object.entries(columns).map(([name, type]) => `${name} ${type}`)
  await client.query(`create table ${table} (${typed.join(', ')})`)
}

const texts = Object.fromEntries(Object.keys(tables).map((table) => [table, '']))

const ESCAPES = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function spell(cell) {
  if (cell === null) return '\\N'
  if (typeof cell !== 'string' || !/[\\\n\r\t]/.test(cell)) return cell
  return cell.replaceAll(/[\\\n\r\t]/g, (character) => ESCAPES[character])
}

function add(table, row) {
  texts[table] += `${row.map(spell).join('\t')}\n`
}

async function copy(table) {
  const stream = client.query(copyFrom(`copy ${table} from stdin`))
  stream.end(texts[table])
  texts[table] = ''
  await finished(stream)
}

for await (const records of pages(list)) {
  for (const record of records) flatten(record, LOAD_ID, add)
  for (const table of Object.keys(tables)) if (texts[table].length > COPY_SIZE) await copy(table)
}
for (const table of Object.keys(tables)) await copy(table)

for (const [table, columns] of Object.entries(tables)) {
  for (const index of indexesOf(table, columns, cursor)) {
    await client.query(`create ${index.kind} on ${table} (${index.columns})`)
  }
}
await client.query('commit')
await client.end()
