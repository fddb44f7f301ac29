import { stringifyJson, type JsonValue } from '../../../src/core/json.ts'
import { toTimestamp } from '../../../src/core/time.ts'
import { DELETED_AT, type EndpointSchema, type TableSchema } from '../../../src/normalize/types.ts'
import type { Dataset } from '../../../src/state/dataset.ts'
import { readTable } from '../../support/dump.ts'

type Item = Record<string, unknown>

/** The records that the tables of one endpoint hold, put together again by the paths that their columns come from. */
export interface Stored {
  readonly live: readonly Item[]
  /** Those that are marked as deleted. */
  readonly gone: readonly Item[]
  /** Fields that are kept as JSON, by their path from the record. */
  readonly json: ReadonlySet<string>
}

/** What the tables of every endpoint hold. Fails where a row is tied to nothing, or a list lacks a position. */
export async function readStored(dataset: Dataset): Promise<ReadonlyMap<string, Stored>> {
  const stored = new Map<string, Stored>()
  for (const schema of await dataset.schemas()) {
    stored.set(schema.endpoint, await readEndpoint(dataset, schema))
  }
  return stored
}

async function readEndpoint(dataset: Dataset, { tables }: EndpointSchema): Promise<Stored> {
  const [root] = tables
  const rows = root ? await readRows(dataset, root, tables) : []
  const records = (gone: boolean) =>
    rows.filter(({ cells }) => ((cells[DELETED_AT] ?? null) !== null) === gone)
  return {
    live: records(false).map(({ value }) => value as Item),
    gone: records(true).map(({ value }) => value as Item),
    json: new Set((root?.columns ?? []).flatMap(jsonPath)),
  }
}

function jsonPath({ type, path }: TableSchema['columns'][number]): string[] {
  return type === 'json' && path ? [path.join('.')] : []
}

interface Row {
  readonly cells: Item
  readonly root: unknown
  /** The record, or the list item, which may be no object. */
  readonly value: unknown
}

async function readRows(
  dataset: Dataset,
  table: TableSchema,
  all: readonly TableSchema[],
): Promise<readonly Row[]> {
  const read = await readTable(dataset, table)
  const rows = read.map((cells): Row => {
    const root = cells._dlt_root_id ?? cells._dlt_id
    return { cells, root, value: toValue(table, cells) }
  })
  const byId = new Map(rows.map((row) => [row.cells._dlt_id, row]))
  if (byId.size !== rows.length) throw new Error(`${table.name} has a row id twice`)
  for (const child of all.filter(({ parent }) => parent === table.name)) {
    const items = await readRows(dataset, child, all)
    const ordered = items.toSorted((a, b) => position(a) - position(b))
    for (const item of ordered) {
      const parent = byId.get(item.cells._dlt_parent_id)
      if (!parent || parent.root !== item.root) {
        throw new Error(`${child.name} has a row that is tied to no row of ${table.name}`)
      }
      const list = listAt(parent.value as Item, child.path)
      if (list.length !== position(item)) {
        throw new Error(`${child.name} has position ${position(item)} after ${list.length} items`)
      }
      list.push(item.value)
    }
  }
  return rows
}

const position = ({ cells }: Row) => Number(cells._dlt_list_idx)

/** A row without its children: an object by the paths of its columns, or the only value of an item. */
function toValue({ columns }: TableSchema, cells: Item): unknown {
  const value: Item = {}
  for (const { name, path, type } of columns) {
    const cell = cells[name]
    if (path === null || cell === null || cell === undefined) continue
    const own = type === 'json' ? asJson(cell) : cell
    if (path.length === 0) return own
    const object = objectAt(value, path.slice(0, -1))
    const key = path.at(-1)!
    if (Object.hasOwn(object, key)) throw new Error(`${name} is a second value of ${key}`)
    object[key] = own
  }
  return value
}

function objectAt(value: Item, path: readonly string[]): Item {
  let object = value
  for (const key of path) object = (object[key] ??= {}) as Item
  return object
}

function listAt(value: Item, path: readonly string[]): unknown[] {
  const object = objectAt(value, path.slice(0, -1))
  const key = path.at(-1)!
  return (object[key] ??= []) as unknown[]
}

/** JSON as one text, whatever the order of its keys. */
function asJson(value: unknown): string {
  return `JSON ${stringifyJson(sortKeys(value as JsonValue))}`
}

function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted.map(([name, member]) => [name, sortKeys(member)]))
}

/** A record as tables can say it: times in UTC, and no nulls, no empty lists, no empty objects. */
export function asStored(record: Item, json: ReadonlySet<string>): Item {
  return storedObject(record, json, '')
}

function storedObject(value: Item, json: ReadonlySet<string>, path: string): Item {
  const object: Item = {}
  for (const [key, member] of Object.entries(value)) {
    const here = path === '' ? key : `${path}.${key}`
    const own = json.has(here) && member !== null ? asJson(member) : stored(member, json, here)
    if (own !== undefined) object[key] = own
  }
  return object
}

function stored(value: unknown, json: ReadonlySet<string>, path: string): unknown {
  if (value === null || value === undefined) return undefined
  if (Array.isArray(value)) {
    // Columns of list items are in tables of their own, which have none of JSON.
    const items = value.map((item) =>
      typeof item === 'object' && item !== null
        ? storedObject(item as Item, NONE, '')
        : (stored(item, NONE, '') ?? null),
    )
    return items.length === 0 ? undefined : items
  }
  if (typeof value === 'object') {
    const object = storedObject(value as Item, json, path)
    return Object.keys(object).length === 0 ? undefined : object
  }
  return typeof value === 'string' ? (toTimestamp(value) ?? value) : value
}

const NONE: ReadonlySet<string> = new Set()

/**
 * How two sets of records differ: one line for each record or field that is not the same in both. Without a key a record is
 * what it says.
 */
export function differences(
  what: string,
  key: readonly string[],
  { expected, actual }: { readonly expected: readonly Item[]; readonly actual: readonly Item[] },
): string[] {
  const keyOf = (record: Item) =>
    key.length === 0 ? spell(record) : key.map((field) => String(record[field])).join(' ')
  const there = groupByKey(actual, keyOf)
  const wanted = groupByKey(expected, keyOf)
  const keys = [...new Set([...wanted.keys(), ...there.keys()])].sort()
  return keys.flatMap((id) => {
    const [a, b] = [wanted.get(id) ?? [], there.get(id) ?? []]
    if (a.length !== b.length) return [`${what} ${id}: ${b.length} times instead of ${a.length}`]
    return a.flatMap((record, i) =>
      fieldsThatDiffer(record, b[i]!).map((line) => `${what} ${id} ${line}`),
    )
  })
}

function fieldsThatDiffer(expected: Item, actual: Item): string[] {
  const fields = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort()
  return fields.flatMap((field) => {
    const [a, b] = [spell(expected[field]), spell(actual[field])]
    return a === b ? [] : [`${field}: ${b} instead of ${a}`]
  })
}

function groupByKey(records: readonly Item[], keyOf: (record: Item) => string) {
  const groups = new Map<string, Item[]>()
  for (const record of records) {
    const id = keyOf(record)
    groups.set(id, [...(groups.get(id) ?? []), record])
  }
  return groups
}

function spell(value: unknown): string {
  return value === undefined ? 'nothing' : stringifyJson(sortKeys(value as JsonValue))
}
