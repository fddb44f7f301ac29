import { stringifyJson, type JsonRecord } from '../core/json.ts'
import { compileGet } from '../core/path.ts'

/** Names a record among others of its list; null when it has no key, or not all of it. */
export type KeyOf = (record: JsonRecord) => string | null

/** A record's primary key as one text, as the API returned it. Always null for an endpoint without a key. */
export function compileKey(primaryKey: readonly string[]): KeyOf {
  if (primaryKey.length === 0) return () => null
  const fields = primaryKey.map(compileGet)
  return (record) => {
    const values = fields.map((get) => get(record) ?? null)
    return values.includes(null) ? null : stringifyJson(values)
  }
}
