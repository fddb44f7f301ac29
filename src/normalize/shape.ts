import { declaredKeys, NO_RULE, ruleFor, rulesUnder } from './field-rules.ts'
import type { FieldRule, FieldRules } from './field-rules.ts'
import { tableSeed, type TableSeed } from './row-id.ts'
import { RESERVED_COLUMNS, type Naming } from './naming.ts'
import type { Cell, Column, DataType, TableSchema } from './types.ts'

/** A column and where it stands in the rows of its table. */
export interface Place {
  readonly column: Column
  readonly index: number
  /** Created by this run: its type is still being found. */
  readonly fresh: boolean
}

/**
 * Where the values of one key of one object go. Built the first time the key is met and looked up from
 * then on; a key whose values change shape fills several of place, shape and child.
 */
export interface Field {
  readonly table: TablePlan
  /** Keys from the row's record down to the value. */
  readonly path: readonly string[]
  /** The same as identifiers, not yet joined to a name. */
  readonly identifiers: readonly string[]
  readonly rule: FieldRule
  /** No rule changes how a scalar is stored; the quick test of the hot path. */
  readonly plain: boolean
  /** What becomes of objects and lists: more columns and tables, or one text. */
  readonly nested: 'flatten' | 'json' | 'text'
  readonly rulesUnder: FieldRules
  /** How many objects and lists enclose the value in its record. */
  readonly depth: number
  /** Scalars, and whatever is kept as JSON. */
  place: Place | null
  /** Values that the column can't hold, by their type. */
  variants: Map<DataType, Place> | null
  /** Objects, flattened into columns of the same table. */
  shape: Shape | null
  /** Lists, as rows of a child table. */
  child: TablePlan | null
}

/** One level of objects inside the records of a table. */
export interface Shape {
  readonly table: TablePlan
  readonly path: readonly string[]
  readonly identifiers: readonly string[]
  readonly rules: FieldRules
  readonly depth: number
  readonly fields: Map<string, Field>
  /** Keys with declared types, until their columns have been created; then null. */
  declared: readonly string[] | null
}

/** A table, how its records map to columns, and the rows of the page at work. */
export interface TablePlan {
  readonly schema: TableSchema & { primaryKey: string[] }
  /** The records or list items themselves. */
  item: Shape
  /** A list item that is a scalar: column `value`. */
  value: Field
  readonly seed: TableSeed
  /** Lower-cased names of its columns. */
  readonly names: Set<string>
  /** A row of nulls, as long as the table is wide; copying it is the quickest way to begin a row. */
  readonly blank: null[]
  /** Created by this run: it may still get columns whatever the contract says. */
  readonly fresh: boolean
  /** The schema as handed out, until it changes. */
  snapshot: TableSchema | null
  rows: Cell[][]
  /** How many of the rows belong to records that are complete. */
  complete: number
}

/** How fields are named, and how deep they are flattened. */
export interface ShapeOptions {
  readonly naming: Naming
  readonly maxNesting: number
}

/** A table without rows, filled by `list`, or by the records themselves when that is null. */
export function createTablePlan(
  schema: TablePlan['schema'],
  origin: { readonly list: Field | null; readonly rules: FieldRules; readonly fresh: boolean },
): TablePlan {
  const { list, rules, fresh } = origin
  const depth = list === null ? 0 : list.depth + 1
  const plan = {
    schema,
    seed: tableSeed(schema.name),
    names: new Set(RESERVED_COLUMNS),
    blank: schema.columns.map(() => null),
    fresh,
    snapshot: null,
    rows: [],
    complete: 0,
  } as unknown as TablePlan // item and value point back at it, so they follow
  plan.item = createShape(plan, { path: [], identifiers: [], rules, depth })
  plan.value = createField(plan, {
    path: [],
    identifiers: ['value'],
    rule: NO_RULE,
    rulesUnder: [],
    depth,
    nested: 'json',
  })
  return plan
}

function createField(
  table: TablePlan,
  at: Pick<Field, 'path' | 'identifiers' | 'rule' | 'rulesUnder' | 'depth' | 'nested'>,
): Field {
  const plain = at.rule.keep === 'value'
  return { table, ...at, plain, place: null, variants: null, shape: null, child: null }
}

function createShape(
  table: TablePlan,
  at: Pick<Shape, 'path' | 'identifiers' | 'rules' | 'depth'>,
): Shape {
  const declared = declaredKeys(at.rules)
  return { table, ...at, fields: new Map(), declared: declared.length > 0 ? declared : null }
}

/** The field of a key that is met for the first time. */
export function addField(shape: Shape, key: string, options: ShapeOptions): Field {
  const rule = ruleFor(shape.rules, key)
  const field = createField(shape.table, {
    path: [...shape.path, key],
    identifiers: [...shape.identifiers, options.naming.identifier(key)],
    rule,
    rulesUnder: rulesUnder(shape.rules, key),
    depth: shape.depth,
    nested: nestedAs(rule, shape.depth < options.maxNesting),
  })
  shape.fields.set(key, field)
  return field
}

function nestedAs(rule: FieldRule, withinNesting: boolean): Field['nested'] {
  if (rule.type === 'text') return 'text'
  return rule.keep === 'json' || !withinNesting ? 'json' : 'flatten'
}

/** The level of the objects in a field. */
export function shapeUnder(field: Field): Shape {
  field.shape ??= createShape(field.table, {
    path: field.path,
    identifiers: field.identifiers,
    rules: field.rulesUnder,
    depth: field.depth + 1,
  })
  return field.shape
}

/** Appends a column to a table; `field` is what fills it, null for Sluice's own columns. */
export function placeColumn(
  table: TablePlan,
  field: Field | null,
  column: Column,
  fresh: boolean,
): Place {
  const place = { column, index: table.schema.columns.length, fresh }
  table.schema.columns.push(column)
  table.blank.push(null)
  table.names.add(column.name.toLowerCase())
  table.snapshot = null
  if (field !== null && column.variantOf === undefined) field.place = place
  else if (field !== null) (field.variants ??= new Map()).set(column.type, place)
  return place
}

/** Takes back the last {@link placeColumn}. */
export function unplaceColumn(table: TablePlan, field: Field): void {
  const column = table.schema.columns.pop()!
  table.blank.pop()
  table.names.delete(column.name.toLowerCase())
  table.snapshot = null
  if (column.variantOf === undefined) field.place = null
  else field.variants!.delete(column.type)
}
