import { numberIfSafe } from '../number-if-safe.ts'
import type { Cell, DataType } from '../../normalize/types.ts'

const OID_INT8 = 20
const OID_TIMESTAMPTZ = 1184
/** Types that pg would turn into values that lose something: Date has no microseconds, JSON no bigints. */
const AS_TEXT = new Set([OID_INT8, OID_TIMESTAMPTZ, 114, 1082, 1114, 1700, 3802])

/** For pg's `types`: which values are left as the text that Postgres sends. */
export function keepsText(oid: number): boolean {
  return AS_TEXT.has(oid)
}

/** A value that pg returned for a column of this type, as the cell that was written. */
export function decodePostgres(type: DataType, value: unknown): Cell {
  if (value === null) return null
  if (type === 'bigint') return numberIfSafe(BigInt(value as string)) as Cell
  if (type === 'timestamp') return canonicalTimestamp(value as string)
  return value as Cell
}

/** A value of any query, by the OID of its column. */
export function decodeByOid(oid: number, value: unknown): unknown {
  if (oid === OID_INT8) return decodePostgres('bigint', value)
  if (oid === OID_TIMESTAMPTZ) return decodePostgres('timestamp', value)
  return value
}

/** `2012-09-04 20:57:52.851+00`, as Postgres writes it in UTC, in Sluice's form. Infinities stay. */
function canonicalTimestamp(text: string): string {
  if (!text.endsWith('+00')) return text
  const [seconds = '', fraction = ''] = text.slice(0, -3).split('.')
  return `${seconds.replace(' ', 'T')}.${fraction.padEnd(6, '0')}Z`
}
