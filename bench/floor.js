import Database from 'better-sqlite3'
import { createHash } from 'node:crypto'

/**
 * What a person would write by hand for exactly this data: fetch, JSON.parse, flatten, prepared inserts in
 * one transaction, the same tables and indexes. The floor that Sluice is held against.
 */
const [base, file] = process.argv.slice(2)

const db = new Database(file)
db.pragma('journal_mode = WAL')
db.pragma('synchronous = NORMAL')
const inserts = new Map()
const hash = (text) => createHash('sha1').update(text).digest('base64url').slice(0, 16)

function insert(table, row) {
  let statement = inserts.get(table)
  if (!statement) {
    const names = Object.keys(row)
    const columns = names.map((name) => `"${name}"`)
    db.exec(`create table "${table}" (${columns.join(', ')})`)
    for (const name of ['_dlt_id', '_dlt_parent_id', '_dlt_root_id', 'id', 'date_updated']) {
      const indexed = names.includes(name) && (name.startsWith('_') || table === 'leads')
      const unique = name === '_dlt_id' || name === 'id' ? 'unique' : ''
      if (indexed) db.exec(`create ${unique} index "${table}_${name}" on "${table}" ("${name}")`)
    }
    statement = db.prepare(`insert into "${table}" values (${names.map(() => '?').join(', ')})`)
    inserts.set(table, statement)
  }
  statement.run(Object.values(row))
}

const bindable = (value) => (typeof value === 'boolean' ? Number(value) : (value ?? null))

function flatten(record, links) {
  const row = {}
  const lists = []
  for (const [key, value] of Object.entries(record)) {
    if (Array.isArray(value)) lists.push([key, value])
    else row[key] = bindable(value)
  }
  return { row: { ...row, ...links }, lists }
}

function addChildren(table, lists, parent, root) {
  for (const [key, items] of lists) {
    const child = `${table}__${key}`
    items.forEach((item, index) => {
      const id = hash(`${parent}_${child}_${index}`)
      const links = {
        _dlt_id: id,
        _dlt_parent_id: parent,
        _dlt_list_idx: index,
        _dlt_root_id: root,
      }
      const { row, lists: nested } = flatten(item, links)
      insert(child, row)
      addChildren(child, nested, id, root)
    })
  }
}

db.exec('begin')
for (let skip = 0, more = true; more; skip += 100) {
  const response = await fetch(`${base}lead/?_limit=100&_skip=${skip}`)
  const body = await response.json()
  for (const record of body.data) {
    const id = hash(String(record.id))
    const { row, lists } = flatten(record, { _dlt_id: id, _dlt_load_id: '1' })
    insert('leads', row)
    addChildren('leads', lists, id, id)
  }
  more = body.has_more
}
db.exec('commit')
db.close()
