import type { FieldRules } from './field-rules.ts'
import { createTablePlan, placeColumn, shapeUnder } from './shape.ts'
import type { Field, TablePlan } from './shape.ts'
import type { SchemaGrowth } from './table-schema.ts'
import type { Column, EndpointSchema, TableSchema } from './types.ts'

/** Rebuilds what earlier runs knew of an endpoint, so that every key meets the column it had. */
export function restoreSchema(
  growth: SchemaGrowth,
  known: EndpointSchema,
  options: { readonly rules: FieldRules; readonly description: string | undefined },
): void {
  const byName = new Map<string, TablePlan>()
  for (const table of known.tables) {
    const parent = table.parent === null ? undefined : byName.get(table.parent)
    const list = parent === undefined ? null : fieldAt(growth, parent, table.path)
    const plan = createTablePlan(emptySchema(table, parent ? undefined : options.description), {
      list,
      rules: list === null ? options.rules : list.rulesUnder,
      fresh: false,
    })
    if (list !== null) list.child = plan
    growth.restoreTable(plan)
    byName.set(table.name, plan)
    for (const column of table.columns) restoreColumn(growth, plan, column)
  }
  growth.keep()
}

/** Key and cursor are found again by the rules, which may have changed since. */
function emptySchema(table: TableSchema, description: string | undefined): TablePlan['schema'] {
  return {
    ...table,
    columns: [],
    primaryKey: [],
    cursor: null,
    ...(description !== undefined && { description }),
  }
}

function restoreColumn(growth: SchemaGrowth, table: TablePlan, column: Column): void {
  const field = column.path === null ? null : fieldAt(growth, table, column.path)
  const description = field?.rule.description ?? column.description
  const copy = { ...column, ...(description !== undefined && { description }) }
  const place = placeColumn(table, field, copy, false)
  if (field === null || column.variantOf !== undefined) return
  growth.noteRole(field, place)
  if (field.rule.type !== null) growth.redeclare(table, place, field.rule.type)
}

/** The field at the end of a path of keys; the empty path is a list item itself. */
function fieldAt(growth: SchemaGrowth, table: TablePlan, path: readonly string[]): Field {
  let field = table.value
  let shape = table.item
  for (const [level, key] of path.entries()) {
    field = shape.fields.get(key) ?? growth.addField(shape, key)
    if (level < path.length - 1) shape = shapeUnder(field)
  }
  return field
}
