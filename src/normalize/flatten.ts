import { hash } from 'node:crypto'
import { stringifyJson, type JsonRecord, type JsonValue } from '../core/json.ts'
import { isDate, toTimestamp } from '../core/time.ts'
import { convert, scalarText, toCell } from './coerce.ts'
import { inferType, type Scalar } from './infer.ts'
import { childId } from './row-id.ts'
import { shapeUnder, type Field, type Place, type Shape, type TablePlan } from './shape.ts'
import type { SchemaGrowth } from './table-schema.ts'
import type { Cell, DataType } from './types.ts'

/** Lays out one record: its row in `table`, begun by the caller, and the rows of all lists in it. */
export type Flatten = (
  table: TablePlan,
  record: JsonRecord,
  row: Cell[],
  /** The record's row id, asked for once its own cells are laid out. */
  idOf: (row: Cell[]) => string,
) => void

/**
 * A flattener over a growing schema. Fields seen before cost one lookup and one test of their column's type;
 * everything else (a new key, a value that does not fit, a rule of the source file) leaves that path.
 */
export function createFlatten(growth: SchemaGrowth): Flatten {
  // Lists wait until the row they are in has its id; a stack, because list items hold lists.
  const waitingFields: Field[] = []
  const waitingLists: JsonValue[][] = []
  let rootId = ''

  function fill(shape: Shape, record: JsonRecord, row: Cell[]): void {
    const { fields } = shape
    for (const key in record) {
      const value = record[key]
      if (value === null || value === undefined) continue
      const field = fields.get(key) ?? growth.addField(shape, key)
      if (typeof value === 'object') putNested(field, value, row)
      else putScalar(field, value, row)
    }
    if (shape.declared !== null) growth.declareColumns(shape, row)
  }

  function putScalar(field: Field, value: Scalar, row: Cell[]): void {
    const { place } = field
    if (place === null || !field.plain) return putOther(field, value, row)
    const { column, index } = place
    switch (typeof value) {
      case 'string':
        if (column.type === 'text') row[index] = value
        else if (column.type === 'timestamp') {
          const timestamp = toTimestamp(value)
          if (timestamp === null) putOther(field, value, row)
          else row[index] = timestamp
        } else if (column.type === 'date' && isDate(value)) row[index] = value
        else putOther(field, value, row)
        return
      case 'number':
        if (Number.isSafeInteger(value)) {
          // Adding 0 turns -0 into 0.
          if (column.type === 'bigint' || column.type === 'double') row[index] = value + 0
          else putOther(field, value, row)
        } else if (column.type === 'double' && !Number.isInteger(value) && Number.isFinite(value)) {
          row[index] = value
        } else putOther(field, value, row)
        return
      case 'boolean':
        if (column.type === 'bool') row[index] = value
        else putOther(field, value, row)
        return
      default:
        putOther(field, value, row)
    }
  }

  /** A scalar of a new field, one under a rule, or one that is not plainly of its column's type. */
  function putOther(field: Field, value: Scalar, row: Cell[]): void {
    const { keep } = field.rule
    if (keep === 'drop') return
    if (keep === 'hash') return putAs(field, 'text', sha256(scalarText(value)), row)
    if (keep === 'json') return putAs(field, 'json', convert(value, 'json')!, row)
    const type = inferType(value)
    const place = growth.column(field, type)
    if (place === null) return
    const cell = cellFor(field.table, place, value, type)
    if (cell === REFUSED) return
    if (cell !== undefined) put(row, place, cell)
    else putVariant(field, type, toCell(value, type), row)
  }

  /** The cell for a column of any type; undefined when the value does not fit. */
  function cellFor(
    table: TablePlan,
    place: Place,
    value: Scalar,
    type: DataType,
  ): Cell | undefined | typeof REFUSED {
    const { column } = place
    if (column.declared === true) return convert(value, column.type)
    const exact = type === 'bigint' && !Number.isSafeInteger(value)
    const outcome = growth.widen(table, place, { type, exact })
    if (outcome === 'fits') return toCell(value, column.type)
    if (outcome === 'refused') return REFUSED
    if (column.type === 'json') return stringifyJson(value)
    return column.type === 'text' && typeof value !== 'string' ? scalarText(value) : undefined
  }

  /** A cell whose type is settled: into the column when it has that type, else into a variant. */
  function putAs(field: Field, type: DataType, cell: Cell, row: Cell[]): void {
    const place = growth.column(field, type)
    if (place === null) return
    if (place.column.type === type) put(row, place, cell)
    else putVariant(field, type, cell, row)
  }

  function putVariant(field: Field, type: DataType, cell: Cell, row: Cell[]): void {
    const variant = growth.variant(field, type)
    if (variant !== null) put(row, variant, cell)
  }

  function putNested(field: Field, value: JsonValue[] | JsonRecord, row: Cell[]): void {
    const { nested, rule } = field
    if (rule.keep === 'drop') return
    if (rule.keep === 'hash') putAs(field, 'text', sha256(stringifyJson(value)), row)
    else if (nested !== 'flatten') putAs(field, nested, stringifyJson(value), row)
    else if (Array.isArray(value)) putList(field, value, row)
    else fill(field.shape ?? shapeUnder(field), value, row)
  }

  function putList(field: Field, list: JsonValue[], row: Cell[]): void {
    const content = contentOf(list)
    if (content === 'mixed') return putAs(field, 'json', stringifyJson(list), row)
    // Nothing but nulls makes no table, but one that exists keeps their positions.
    if (content === 'nothing' && field.child === null) return
    waitingFields.push(field)
    waitingLists.push(list)
  }

  /** Lays out the lists that have been waiting since `from` for their row to have an id. */
  function releaseLists(from: number, parentId: string): void {
    const end = waitingFields.length
    for (let i = from; i < end; i++) putItems(waitingFields[i]!, waitingLists[i]!, parentId)
    waitingFields.length = from
    waitingLists.length = from
  }

  function putItems(field: Field, list: JsonValue[], parentId: string): void {
    const table = field.child ?? growth.childTable(field)
    if (table === null) return
    for (let index = 0; index < list.length; index++) {
      const item = list[index]
      const id = childId(parentId, table.seed, index)
      const row: Cell[] = table.blank.slice()
      row[0] = id
      row[1] = parentId
      row[2] = index
      row[3] = rootId
      table.rows.push(row)
      if (item === null || item === undefined) continue
      if (typeof item !== 'object') {
        putScalar(table.value, item, row)
        continue
      }
      const waiting = waitingFields.length
      fill(table.item, item as JsonRecord, row)
      if (waitingFields.length > waiting) releaseLists(waiting, id)
    }
  }

  return (table, record, row, idOf) => {
    // A record that was abandoned half-way may have left lists behind.
    waitingFields.length = 0
    waitingLists.length = 0
    fill(table.item, record, row)
    rootId = idOf(row)
    row[0] = rootId
    releaseLists(0, rootId)
  }
}

/** Sets a cell; a column created since the row was begun may stand beyond its end. */
function put(row: Cell[], { index }: Place, cell: Cell): void {
  while (row.length < index) row.push(null)
  row[index] = cell
}

/** Marks a value that the contract leaves out. */
const REFUSED = Symbol('refused')

/** Whether a list makes rows (all objects or all scalars, nulls aside), or has no such table. */
function contentOf(list: readonly JsonValue[]): 'nothing' | 'alike' | 'mixed' {
  let objects = false
  let scalars = false
  for (const item of list) {
    if (item === null || item === undefined) continue
    if (typeof item !== 'object') scalars = true
    else if (Array.isArray(item)) return 'mixed'
    else objects = true
  }
  if (objects && scalars) return 'mixed'
  return objects || scalars ? 'alike' : 'nothing'
}

function sha256(text: string): string {
  return hash('sha256', text, 'hex')
}
