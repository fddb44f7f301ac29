import type { JsonRecord } from '../../core/json.ts'
import { listed, type Store } from './data/store.ts'
import type { Row } from './data/table.ts'
import { ENTITIES } from './model/entities.ts'
import type { EntityName } from './model/names.ts'
import { textOf } from './query/compare.ts'

/** A record by its id: everything its list carries, links to many, and what no list ever has. */
export function readOne(store: Store, row: Row, name: EntityName): JsonRecord {
  const { attributes, names } = ENTITIES[name]
  const record = listed(store, row, name, names.all)
  if ('emailAddress' in attributes) {
    const lower = textOf(record.emailAddress ?? null).toLowerCase()
    record.emailAddressData = dataOf(record, 'emailAddress', { lower })
  }
  if ('phoneNumber' in attributes) {
    record.phoneNumberData = dataOf(record, 'phoneNumber', { type: 'Mobile' })
  }
  if ('streamUpdatedAt' in attributes) record.isFollowed = false
  return record
}

/** The addresses or numbers of a record in full; the first is the one that lists show. */
function dataOf(record: JsonRecord, field: string, own: JsonRecord): JsonRecord[] {
  const value = record[field]
  if (value == null) return []
  const state = { optOut: record[`${field}IsOptedOut`]!, invalid: record[`${field}IsInvalid`]! }
  return [{ [field]: value, ...own, primary: true, ...state }]
}
