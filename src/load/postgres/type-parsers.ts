import { types } from 'pg'
import { numberIfSafe } from '../number-if-safe.ts'

const asText = (text: string): string => text

/** By the OID of a type, where pg's own value would lose something: a Date has no microseconds. */
const PARSERS = new Map<number, (text: string) => unknown>([
  [20, parseInteger], // bigint
  [114, asText], // json
  [1082, asText], // date
  [1114, asText], // timestamp
  [1184, parseTimestamp], // timestamptz
  [1700, asText], // numeric
  [3802, asText], // jsonb
])

/** For pg's `types`: values as the cells that were written. */
export const typeParsers = {
  getTypeParser: ((oid: Parameters<typeof types.getTypeParser>[0], format?: 'text') =>
    PARSERS.get(oid) ?? types.getTypeParser(oid, format)) as typeof types.getTypeParser,
}

function parseInteger(text: string): unknown {
  return numberIfSafe(BigInt(text))
}

/** `2012-09-04 20:57:52.851+00`, as Postgres writes it in UTC, in Sluice's form. Infinities stay. */
function parseTimestamp(text: string): string {
  if (!text.endsWith('+00')) return text
  const [seconds = '', fraction = ''] = text.slice(0, -3).split('.')
  return `${seconds.replace(' ', 'T')}.${fraction.padEnd(6, '0')}Z`
}
