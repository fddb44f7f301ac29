import type { Cell, DataType } from '../../normalize/types.ts'

/**
 * Orders two non-null cells of a column as the values they stand for: negative when `a` comes first.
 * Texts are compared by code unit, as canonical timestamps and dates must be.
 */
export function compareCells(type: DataType, a: Cell, b: Cell): number {
  if (type === 'decimal') return compareDecimals(String(a), String(b))
  // A bigint and a number compare by value, whichever of the two a cell happens to be.
  const [left, right] = [a as number | bigint | string, b as number | bigint | string]
  return left < right ? -1 : left > right ? 1 : 0
}

function compareDecimals(a: string, b: string): number {
  const digits = Math.max(fractionDigits(a), fractionDigits(b))
  const [left, right] = [scaled(a, digits), scaled(b, digits)]
  return left < right ? -1 : left > right ? 1 : 0
}

function fractionDigits(text: string): number {
  const point = text.indexOf('.')
  return point === -1 ? 0 : text.length - point - 1
}

function scaled(text: string, digits: number): bigint {
  const [whole = '', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(digits, '0'))
}
