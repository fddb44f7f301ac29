import { createHash } from 'node:crypto'
import type {
  Cell,
  Column,
  DataType,
  EndpointSchema,
  TableSchema,
} from '../../src/normalize/types.ts'
import type { Load } from '../../src/state/dataset.ts'

/** Columns of a table as `name: type`, in order. */
export type Columns = Readonly<Record<string, DataType>>

interface RootOptions {
  readonly key?: readonly string[]
  readonly cursor?: string | null
}

/** An endpoint's own table, the link columns first. */
export function rootTable(name: string, columns: Columns, options: RootOptions = {}): TableSchema {
  const { key = ['id'], cursor = null } = options
  const links = { _dlt_id: 'text', _dlt_load_id: 'text' } as const
  return {
    name,
    endpoint: name,
    parent: null,
    path: [],
    columns: [...link(links), ...data(columns)],
    primaryKey: key,
    cursor,
  }
}

/** A table of the lists in `parent`. */
export function childTable(parent: TableSchema, list: string, columns: Columns): TableSchema {
  const links: Columns = {
    _dlt_id: 'text',
    _dlt_parent_id: 'text',
    _dlt_list_idx: 'bigint',
    _dlt_root_id: 'text',
  }
  return {
    name: `${parent.name}__${list}`,
    endpoint: parent.endpoint,
    parent: parent.name,
    path: [list],
    columns: [...link(links), ...data(columns)],
    primaryKey: [],
    cursor: null,
  }
}

function link(columns: Columns): Column[] {
  return Object.entries(columns).map(([name, type]) => ({ name, type, path: null }))
}

function data(columns: Columns): Column[] {
  return Object.entries(columns).map(([name, type]) => ({ name, type, path: [name] }))
}

export function schemaOf(...tables: TableSchema[]): EndpointSchema {
  return { endpoint: tables[0]!.endpoint, tables }
}

/** The id of a row, from whatever identifies it. */
export function rowId(...parts: readonly unknown[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('base64url').slice(0, 16)
}

/** Rows of an endpoint's own table; their ids come from the first cell. */
export function rootRows(loadId: string, ...rows: Cell[][]): Cell[][] {
  return rows.map((cells) => [rowId(cells[0]), loadId, ...cells])
}

/** The child rows of one root row, which `key` identifies. */
export function childRows(table: TableSchema, key: unknown, ...rows: Cell[][]): Cell[][] {
  return rows.map((cells, i) => [rowId(key, table.name, i), rowId(key), i, rowId(key), ...cells])
}

let loads = 0

/** The next load id; later ones are greater. */
export function nextLoadId(): string {
  return `1700000000.${String(++loads).padStart(6, '0')}`
}

/** A load of the given rows, merged unless told otherwise. */
export function loadOf(
  schema: EndpointSchema,
  rows: readonly (readonly [TableSchema, Cell[][]])[],
  options: Partial<Load> = {},
): Load {
  return {
    loadId: nextLoadId(),
    runId: 'run',
    endpoint: schema.endpoint,
    schema,
    changes: [],
    batches: rows.map(([table, rows]) => ({ table, rows })),
    write: 'merge',
    publish: 'none',
    keys: options.write === 'append' || options.publish === 'append' ? 'repeated' : 'unique',
    bookmarks: [],
    windows: [],
    rejects: [],
    ...options,
  }
}
