import { parseJson, stringifyJson } from '../core/json.ts'
import { dateOrTimestamp, isDate, toTimestamp } from '../core/time.ts'
import type { Scalar } from './infer.ts'
import type { Cell, DataType } from './types.ts'

/** Decimal text is not expanded beyond this many digits: `1e-999999999` must not become a gigabyte of zeros. */
const LONGEST_EXPONENT = 400
const NUMERIC = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?\s*$/
const INTEGER = /^\s*[+-]?\d+\s*$/
const TRUE = new Set(['true', 't', 'yes', 'y', '1'])
const FALSE = new Set(['false', 'f', 'no', 'n', '0'])

/** The cell of a value in a type that is its own or a wider number type; see `promote`. */
export function toCell(value: Scalar, type: DataType): Cell {
  switch (type) {
    case 'text':
      return scalarText(value)
    case 'bigint':
      // A cell is a number wherever a number is exact; adding 0 turns -0 into 0.
      return typeof value === 'number' ? exactInteger(value) : value
    case 'double':
      return Number(value) + 0
    case 'decimal':
      return decimalText(scalarText(value)) ?? null
    case 'timestamp':
      return toTimestamp(value as string)
    case 'json':
      return stringifyJson(value)
    default:
      return value
  }
}

function exactInteger(value: number): number | bigint {
  return Number.isSafeInteger(value) ? value + 0 : BigInt(value)
}

/** A scalar as JSON spells it; a string as it is. */
export function scalarText(value: Scalar): string {
  return String(value)
}

/**
 * The cell of a value in the type its column was declared with, or undefined when it can't be converted.
 * Numbers are never taken for times, nor booleans for numbers.
 */
export function convert(value: Scalar, type: DataType): Cell | undefined {
  switch (type) {
    case 'text':
      return scalarText(value)
    case 'bigint':
      return toInteger(value)
    case 'double':
      return toDouble(value)
    case 'decimal':
      return typeof value === 'boolean' ? undefined : decimalText(String(value))
    case 'bool':
      return toBoolean(value)
    case 'timestamp':
      return typeof value === 'string' ? (dateOrTimestamp(value.trim()) ?? undefined) : undefined
    case 'date':
      return typeof value === 'string' ? toDate(value.trim()) : undefined
    default:
      return typeof value === 'string' ? jsonText(value) : stringifyJson(value)
  }
}

function toInteger(value: Scalar): number | bigint | undefined {
  if (typeof value === 'boolean') return undefined
  if (typeof value === 'string' && !INTEGER.test(value)) return undefined
  if (typeof value === 'number' && !Number.isInteger(value)) return undefined
  const integer = BigInt(typeof value === 'string' ? value.trim().replace(/^\+/, '') : value)
  if (BigInt.asIntN(64, integer) !== integer) return undefined
  const asNumber = Number(integer)
  return Number.isSafeInteger(asNumber) ? asNumber : integer
}

function toDouble(value: Scalar): number | undefined {
  if (typeof value === 'boolean') return undefined
  if (typeof value === 'string' && decimalText(value) === undefined) return undefined
  const double = Number(value) + 0
  return Number.isFinite(double) ? double : undefined
}

function toBoolean(value: Scalar): boolean | undefined {
  if (typeof value === 'boolean') return value
  const text = String(value).trim().toLowerCase()
  return TRUE.has(text) || (FALSE.has(text) ? false : undefined)
}

/** The UTC day of a date or date-time. */
function toDate(text: string): string | undefined {
  return isDate(text) ? text : toTimestamp(text)?.slice(0, 10)
}

/** A string that is JSON as that JSON, any other as a JSON string. */
function jsonText(text: string): string {
  try {
    return stringifyJson(parseJson(text).value)
  } catch {
    return stringifyJson(text)
  }
}

/**
 * A number as plain digits: `1e21` is `1000000000000000000000`, ` +007.50` is `7.50`.
 * Undefined when the text is not a number, or one of more than 400 zeros.
 */
export function decimalText(text: string): string | undefined {
  const parts = NUMERIC.exec(text)
  if (!parts) return undefined
  const [, sign, whole = '', fraction = '', exponentText = '0'] = parts
  if (whole === '' && fraction === '') return undefined
  const exponent = Number(exponentText)
  if (Math.abs(exponent) > LONGEST_EXPONENT) return undefined
  const digits = whole + fraction
  const point = whole.length + exponent
  const integer = digits
    .slice(0, Math.max(point, 0))
    .padEnd(point, '0')
    .replace(/^0+(?=\d)/, '')
  const decimals = point < 0 ? '0'.repeat(-point) + digits : digits.slice(point)
  const plain = decimals === '' ? integer : `${integer || '0'}.${decimals}`
  return sign === '-' && /[1-9]/.test(digits) ? `-${plain}` : plain
}
