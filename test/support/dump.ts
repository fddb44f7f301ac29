import { parseJson, stringifyJson, type JsonValue } from '../../src/core/json.ts'
import type { DataType, TableSchema } from '../../src/normalize/types.ts'
import type { Dataset } from '../../src/state/dataset.ts'

/** Rows of every user table by table name, as canonical values that are equal wherever they are stored. */
export type Dump = Record<string, Record<string, unknown>[]>

export interface DumpOptions {
  /** Columns left out, such as `_dlt_load_id`, or `_dlt_id` where ids come from load ids. */
  readonly without?: readonly string[]
}

/** Every table of the dataset's stored schemas, its rows ordered by their content. */
export async function dumpTables(
  dataset: Dataset,
  { without = [] }: DumpOptions = {},
): Promise<Dump> {
  const dump: Dump = {}
  for (const { tables } of await dataset.schemas()) {
    for (const table of tables) {
      const columns = table.columns.filter((column) => !without.includes(column.name))
      const rows = await readTable(dataset, { ...table, columns })
      dump[table.name] = rows.sort((a, b) => (key(a) < key(b) ? -1 : 1))
    }
  }
  return dump
}

/** The rows of one table as canonical values, in no particular order. */
export async function readTable(
  dataset: Dataset,
  { name, columns }: TableSchema,
): Promise<Record<string, unknown>[]> {
  const list = columns.map((column) => quote(column.name)).join(', ')
  const { rows } = await dataset.query(`select ${list} from ${quote(name)}`)
  return rows.map((row) =>
    Object.fromEntries(columns.map(({ name, type }, i) => [name, canonical(type, row[i])])),
  )
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function key(row: Record<string, unknown>): string {
  return stringifyJson(row as Record<string, JsonValue>)
}

function canonical(type: DataType, value: unknown): unknown {
  if (value === null) return null
  // SQLite keeps booleans as 0 and 1; JSON is compared by what it says, not how it is spaced.
  if (type === 'bool') return Boolean(value)
  if (type === 'json') return sortKeys(parseJson(value as string).value)
  return value
}

function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted.map(([name, member]) => [name, sortKeys(member)]))
}
