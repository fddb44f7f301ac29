import { stringifyJson, type JsonValue } from '../../../core/json.ts'
import type { AttributeType } from '../model/fields.ts'
import type { PhpValue } from './php-query.ts'

/**
 * Compares as the database does: numbers as numbers, everything else as text, dates and times included. Undefined where
 * either side is null, for then no condition is met.
 */
export type Compare = (value: JsonValue, bound: PhpValue) => number | undefined

export function comparisonOf(type: AttributeType): Compare {
  const isNumeric = type === 'int' || type === 'float' || type === 'bool'
  return (value, bound) => {
    if (value === null || bound === null || bound instanceof Map) return undefined
    return isNumeric
      ? numberOf(value) - numberOf(bound)
      : compareTexts(textOf(value), textOf(bound))
  }
}

/** The order of a list: nulls before everything else. */
export function compareValues(a: JsonValue, b: JsonValue): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null)
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return compareTexts(textOf(a), textOf(b))
}

export function textOf(value: JsonValue | PhpValue): string {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (value === null || value instanceof Map) return ''
  return stringifyJson(value as JsonValue)
}

/** As the database reads a number in text: the digits it begins with, or 0. */
function numberOf(value: JsonValue | PhpValue): number {
  return Number(/^\s*([+-]?\d+(?:\.\d+)?)/.exec(textOf(value))?.[1] ?? 0)
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Whether text fits a pattern of `LIKE`: `%` is any text, `_` any character, case does not count. */
export function likePattern(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('%', '[^]*')
    .replaceAll('_', '[^]')
  return new RegExp(`^${source}$`, 'iu')
}
