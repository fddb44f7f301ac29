import type { JsonRecord } from '../../core/json.ts'

/** The fields of a record that changes would replace, as they are now. */
export function previousValues(record: JsonRecord, changes: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.keys(changes).map((field) => [field, record[field] ?? null]))
}
