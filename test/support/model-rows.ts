import { isRecord, type JsonValue } from '../../src/core/json.ts'
import { canonical, type Item } from './model-api.ts'

/** A row as it is compared: by the keys of its record, list items in it, nothing of what says nothing. */
export type Row = { [key: string]: unknown }

/** Says of a row that its record is gone; it is no part of the record. */
export const DELETED_AT = '_sluice_deleted_at'

/** The row that a record has to become. */
export function expectedRow({ id, at, fields }: Item): Row {
  return { id: cellOf(id), ...(at === null ? {} : { at: canonical(at) }), ...columnsOf(fields) }
}

function columnsOf(record: Readonly<Record<string, JsonValue>>): Row {
  const row: Row = {}
  for (const [key, value] of Object.entries(record)) {
    if (Array.isArray(value)) {
      const items = value.map((item) => (isRecord(item) ? columnsOf(item) : valueOf(item)))
      if (items.some((item) => Object.keys(item).length > 0)) row[key] = items
    } else if (isRecord(value)) {
      for (const [inner, cell] of Object.entries(columnsOf(value))) row[`${key}__${inner}`] = cell
    } else if (value !== null) row[key] = cellOf(value)
  }
  return row
}

function valueOf(item: JsonValue): Row {
  return item === null ? {} : { value: cellOf(item) }
}

/** NULs are removed, and lone surrogates are none of Unicode's characters. */
export function cleaned(text: string): string {
  // String.prototype.toWellFormed is in Node 20 but not yet in the es2023 library types.
  return (text.replaceAll('\0', '') as string & { toWellFormed(): string }).toWellFormed()
}

function cellOf(value: JsonValue): unknown {
  if (typeof value === 'string') return cleaned(value)
  if (typeof value === 'bigint') return BigInt(Number(value)) === value ? Number(value) : value
  return typeof value === 'number' ? value + 0 : value
}

/**
 * A row as it was read, with its child rows in it, in the same form: the variant columns of a field whose type varies
 * are one field again.
 *
 * @throws Error when a field has a value in two columns, or a list's positions are not 0, 1, 2, ...
 */
export function foldRow(table: string, row: Row): Row {
  const folded: Row = {}
  for (const [column, value] of Object.entries(row)) {
    if (column === DELETED_AT) continue
    const isList = Array.isArray(value)
    const name = isList ? column.slice(`${table}__`.length) : column.replace(/__v_[a-z]+$/, '')
    if (name in folded) throw new Error(`${table}.${name} has two values in one row`)
    if (!isList) folded[name] = typeof value === 'bigint' ? cellOf(value) : value
    else {
      const items = (value as Row[]).map(({ _dlt_list_idx: index, ...item }, i) => {
        if (index !== i) throw new Error(`${column} has ${String(index)} at position ${i}`)
        return foldRow(column, item)
      })
      if (items.some((item) => Object.keys(item).length > 0)) folded[name] = items
    }
  }
  return folded
}

/** One text for all rows that are alike. A column of text takes any other scalar as its text. */
export function textOf(row: Row): string {
  return JSON.stringify(sortKeys(row))
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return String(value)
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted.map(([key, inner]) => [key, sortKeys(inner)]))
}
