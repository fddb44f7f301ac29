import { stringifyJson, type JsonValue } from '../../src/core/json.ts'
import type { TableSchema } from '../../src/normalize/types.ts'
import type { Dataset } from '../../src/state/dataset.ts'
import { readTable } from './dump.ts'

/** Rows by table name, each with its child rows in it, in an order that follows from their content. */
export type Records = Record<string, Record<string, unknown>[]>

const LINKS: readonly string[] = [
  '_dlt_id',
  '_dlt_load_id',
  '_dlt_parent_id',
  '_dlt_root_id',
  '_dlt_list_idx',
]

/**
 * What the tables say, without the ids and load ids that they say it by: two datasets with the same records
 * give the same, also where row ids come from load ids. Fails where a row's links lead nowhere.
 */
export async function dumpRecords(dataset: Dataset): Promise<Records> {
  const records: Records = {}
  for (const { tables } of await dataset.schemas()) {
    const [root] = tables
    if (!root) continue
    const rows = await readWithChildren(dataset, root, tables)
    records[root.name] = rows.map(({ row }) => row).sort(byContent)
  }
  return records
}

interface Row {
  readonly id: unknown
  readonly parent: unknown
  readonly position: unknown
  readonly root: unknown
  readonly row: Record<string, unknown>
}

async function readWithChildren(
  dataset: Dataset,
  table: TableSchema,
  all: readonly TableSchema[],
): Promise<readonly Row[]> {
  const rows = (await readTable(dataset, table)).map((values): Row => {
    const data = Object.entries(values).filter(([name]) => !LINKS.includes(name))
    return {
      id: values._dlt_id,
      parent: values._dlt_parent_id,
      position: values._dlt_list_idx,
      root: values._dlt_root_id ?? values._dlt_id,
      row: Object.fromEntries(data.filter(([, value]) => value !== null)),
    }
  })
  const byId = new Map(rows.map((row) => [row.id, row]))
  if (byId.size !== rows.length) throw new Error(`${table.name} has a row id twice`)
  for (const child of all.filter(({ parent }) => parent === table.name)) {
    const items = await readWithChildren(dataset, child, all)
    for (const item of items.toSorted((a, b) => Number(a.position) - Number(b.position))) {
      const parent = byId.get(item.parent)
      if (!parent || parent.root !== item.root) {
        throw new Error(`${child.name} has a row that is tied to no row of ${table.name}`)
      }
      const list = (parent.row[child.name] ??= []) as unknown[]
      list.push({ ...item.row, _dlt_list_idx: item.position })
    }
  }
  return rows
}

function byContent(a: Record<string, unknown>, b: Record<string, unknown>): number {
  return spell(a) < spell(b) ? -1 : 1
}

function spell(row: Record<string, unknown>): string {
  return stringifyJson(row as Record<string, JsonValue>)
}
