import { isRecord, type JsonRecord, type JsonValue } from '../core/json.ts'
import { ruleFor, rulesUnder, type FieldRules } from './field-rules.ts'

/** A copy of a record without the fields that are declared `pii`, for where the record is kept as it came. */
export function withoutPii(record: JsonRecord, rules: FieldRules): JsonRecord {
  const kept = Object.entries(record).filter(([key]) => {
    const { keep } = ruleFor(rules, key)
    return keep !== 'drop' && keep !== 'hash'
  })
  return Object.fromEntries(
    kept.map(([key, value]) => [key, valueWithoutPii(value, rulesUnder(rules, key))]),
  )
}

function valueWithoutPii(value: JsonValue, rules: FieldRules): JsonValue {
  if (rules.length === 0) return value
  if (Array.isArray(value)) return value.map((item) => valueWithoutPii(item, rules))
  return isRecord(value) ? withoutPii(value, rules) : value
}
