import { isRecord, type JsonRecord, type JsonValue } from '../core/json.ts'
import type { ColumnConfig } from './config.ts'
import type { DataType } from './types.ts'

/** What the source file says about one field. */
export interface FieldRule {
  /** Declared type, or null when it is to be inferred. */
  readonly type: DataType | null
  /** How the value is stored: by its own shape, as one JSON text, as a hash of its text, or not at all. */
  readonly keep: 'value' | 'json' | 'hash' | 'drop'
  readonly description: string | null
  /** Position in the primary key, or -1. */
  readonly keyIndex: number
  readonly cursor: boolean
}

/** Rules still to be met on the way down a record, by what is left of their path. */
export type FieldRules = readonly { readonly rest: string; readonly rule: FieldRule }[]

export const NO_RULE: FieldRule = {
  type: null,
  keep: 'value',
  description: null,
  keyIndex: -1,
  cursor: false,
}

/** Everything the source file says about fields, by dotted path; lists need no step of their own. */
export function compileRules(options: {
  readonly columns: Readonly<Record<string, ColumnConfig>>
  readonly jsonColumns: readonly string[]
  readonly primaryKey: readonly string[]
  readonly cursorPath: string | null
}): FieldRules {
  const byPath = new Map<string, FieldRule>()
  const add = (path: string, part: Partial<FieldRule>): void => {
    const plain = withoutListSteps(path)
    byPath.set(plain, { ...(byPath.get(plain) ?? NO_RULE), ...part })
  }
  for (const path of options.jsonColumns) add(path, { keep: 'json' })
  for (const [path, config] of Object.entries(options.columns)) {
    const type = config.type ?? null
    add(path, { type, description: config.description ?? null })
    if (type === 'json') add(path, { keep: 'json' })
    // A hash is text, whatever type the value was declared to have.
    if (config.pii === 'hash') add(path, { keep: 'hash', type: type === null ? null : 'text' })
    if (config.pii === 'drop') add(path, { keep: 'drop' })
  }
  for (const [keyIndex, path] of options.primaryKey.entries()) add(path, { keyIndex })
  if (options.cursorPath !== null) add(options.cursorPath, { cursor: true })
  return [...byPath].map(([rest, rule]) => ({ rest, rule }))
}

/** `contacts[*].email` and `contacts[].email` mean what `contacts.email` does. */
function withoutListSteps(path: string): string {
  return path.replace(/^\$\./, '').replaceAll(/\[\*?\]/g, '')
}

/** The rule for a key of the object that `rules` belong to. A key that literally holds the dots is met too. */
export function ruleFor(rules: FieldRules, key: string): FieldRule {
  return rules.find(({ rest }) => rest === key)?.rule ?? NO_RULE
}

/** The rules for what lies under a key. */
export function rulesUnder(rules: FieldRules, key: string): FieldRules {
  const prefix = `${key}.`
  return rules
    .filter(({ rest }) => rest.startsWith(prefix))
    .map(({ rest, rule }) => ({ rest: rest.slice(prefix.length), rule }))
}

/** Keys of this very object that have a declared type; a dotted rest may lie deeper, so it is not one. */
export function declaredKeys(rules: FieldRules): string[] {
  return rules
    .filter(({ rest, rule }) => rule.type !== null && rule.keep !== 'drop' && !rest.includes('.'))
    .map(({ rest }) => rest)
}

/** Whether a record has a value at a path; where the path crosses a list, every item must. */
export type HasValue = (record: JsonRecord) => boolean

/** Compiles the check for a field that is not nullable. */
export function compileHasValue(path: string): HasValue {
  const steps = withoutListSteps(path).split('.')
  return (record) => hasValue(record, steps, 0)
}

function hasValue(value: JsonValue | undefined, steps: readonly string[], from: number): boolean {
  if (value === null || value === undefined) return false
  if (from === steps.length) return true
  if (Array.isArray(value)) return value.every((item) => hasValue(item, steps, from))
  if (!isRecord(value)) return false
  for (let to = steps.length; to > from; to--) {
    const key = steps.slice(from, to).join('.')
    if (Object.hasOwn(value, key) && hasValue(value[key], steps, to)) return true
  }
  return false
}
