import { isDate, toTimestamp } from '../core/time.ts'
import type { DataType } from './types.ts'

/** A JSON value that is one cell. */
export type Scalar = string | number | bigint | boolean

/** What a column has to hold. `exact`: some bigint in it is beyond 2^53, which a double would round. */
export interface Kind {
  readonly type: DataType
  readonly exact: boolean
}

/** The type of a single value. Strings are never taken for numbers; numbers beyond doubles are text. */
export function inferType(value: Scalar): DataType {
  switch (typeof value) {
    case 'string':
      return isDate(value) ? 'date' : toTimestamp(value) === null ? 'text' : 'timestamp'
    case 'number':
      if (Number.isSafeInteger(value)) return 'bigint'
      if (Number.isInteger(value)) return inferType(BigInt(value))
      return Number.isFinite(value) ? 'double' : 'text'
    case 'boolean':
      return 'bool'
    default:
      return BigInt.asIntN(64, value) === value ? 'bigint' : 'decimal'
  }
}

/**
 * What a column must become to hold both kinds without losing a digit, or null when no number type does.
 * Numbers widen bigint -> double -> decimal; a double can't join integers beyond 2^53, so those meet in decimal.
 */
export function promote(a: Kind, b: Kind): Kind | null {
  const exact = a.exact || b.exact
  if (a.type === b.type) return { type: a.type, exact }
  if (!isNumber(a.type) || !isNumber(b.type)) return null
  if (a.type === 'decimal' || b.type === 'decimal' || exact)
    return { type: 'decimal', exact: false }
  return { type: 'double', exact: false }
}

function isNumber(type: DataType): boolean {
  return type === 'bigint' || type === 'double' || type === 'decimal'
}
