import { SluiceError } from '../core/errors.ts'
import { stringifyJson, type JsonRecord, type JsonValue } from '../core/json.ts'

import type { ExtractEndpoint } from './endpoint.ts'
import { usedNames } from './request.ts'
import { compileTemplate } from '../core/template.ts'

/** What one parent contributes to a child's requests and records. */
export interface ParentValues {
  /** Mapped parameters by name. */
  readonly mapped: ReadonlyMap<string, JsonValue>
  /** Template names: the mapped parameters and `parent.<field>`. */
  readonly scope: ReadonlyMap<string, JsonValue>
  /** Fields that every record of this parent gets. */
  readonly included: JsonRecord
  /** Names this parent's bookmark: the mapped values as JSON. */
  readonly partition: string
}

/** The part of a parent's table schema that says which fields it has. */
export interface ParentTable {
  readonly endpoint: string
  readonly columns: readonly { readonly path: readonly string[] | null }[]
}

const PARENT_NAME = /^parent\.(.+)$/

/** Every field of the parent that a child asks for, each once. */
export function parentFields(child: ExtractEndpoint): readonly string[] {
  const dependency = child.depends_on!
  const inTemplates = usedNames(child).flatMap((name) => PARENT_NAME.exec(name)?.[1] ?? [])
  return [
    ...new Set([...Object.values(dependency.param_mapping), ...dependency.include, ...inTemplates]),
  ]
}

/**
 * Those of the fields a child asks for that its parent's table has, once the parent has been read. A field that
 * was null in every parent has no column: it is null for the child too.
 *
 * @throws SluiceError PARENT_FIELD_MISSING naming a mapped field that is not there, and what there is
 */
export function knownParentFields(child: ExtractEndpoint, parent: ParentTable): readonly string[] {
  const known = new Set(parent.columns.map((column) => column.path?.join('.')))
  for (const field of Object.values(child.depends_on!.param_mapping)) {
    if (known.has(field)) continue
    const there = [...known].filter((name) => name !== undefined)
    throw new SluiceError(
      'PARENT_FIELD_MISSING',
      `${child.name}: no record of ${parent.endpoint} has a field "${field}"`,
      { hint: `fields of ${parent.endpoint}: ${there.slice(0, 20).join(', ') || 'none'}` },
    )
  }
  return parentFields(child).filter((field) => known.has(field))
}

/**
 * What one parent row gives its children, or null when a mapped value, or one that the path needs, is null:
 * there is nothing to ask for.
 */
export function parentValues(
  child: ExtractEndpoint,
  values: ReadonlyMap<string, JsonValue>,
): ParentValues | null {
  const { endpoint, param_mapping, include } = child.depends_on!
  const mapped = new Map<string, JsonValue>()
  for (const [param, field] of Object.entries(param_mapping)) {
    const value = values.get(field) ?? null
    if (value === null) return null
    mapped.set(param, value)
  }
  const scope = new Map<string, JsonValue>(mapped)
  for (const field of parentFields(child)) scope.set(`parent.${field}`, values.get(field) ?? null)
  if (compileTemplate(child.path).names.some((name) => scope.get(name) === null)) return null
  const included: JsonRecord = {}
  for (const field of include) included[`_${endpoint}_${field}`] = values.get(field) ?? null
  return { mapped, scope, included, partition: stringifyJson(Object.fromEntries(mapped)) }
}
