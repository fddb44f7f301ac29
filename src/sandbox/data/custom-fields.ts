import type { JsonRecord, JsonValue } from '../../core/json.ts'
import type { Random } from './random.ts'
import { DAY, day, instant } from './times.ts'
import { SENTENCES } from './words.ts'

/** What a lead, contact or any other object can say beyond its own fields. */
export interface CustomField {
  readonly record: JsonRecord
  readonly id: string
  readonly name: string
}

/** Defines a field; `more` says what is particular about it, `prefix` is that of its id. */
export type FieldMaker = (
  name: string,
  type: string,
  more?: JsonRecord,
  prefix?: string,
) => CustomField

/** Makes fields that all carry `stamps`: whose they are, who made them and when. */
export function createFieldMaker(random: Random, stamps: JsonRecord): FieldMaker {
  return (name, type, more = {}, prefix = 'cf') => {
    const own = { id: random.id(prefix), name, description: null, type }
    const shared = { accepts_multiple_values: false, is_shared: false, editable_with_roles: [] }
    const links = { referenced_custom_type_id: null, back_reference_is_visible: false }
    const record = { ...own, ...shared, ...links, ...more, ...stamps }
    return { id: own.id, name, record }
  }
}

/** What values can refer to. */
export interface ValueContext {
  readonly users: readonly JsonRecord[]
  readonly contactId: string | null
  /** When the object with the value was made, in milliseconds. */
  readonly created: number
}

/** Values for some of the fields, by flat keys with a literal dot; a field without a value is absent, not null. */
export function someValues(
  random: Random,
  fields: readonly CustomField[],
  context: ValueContext,
): JsonRecord {
  const values: JsonRecord = {}
  for (const field of fields) {
    if (field.record.required !== true && random.chance(0.5)) continue
    const value = sampleValue(random, field.record, context)
    if (value !== null) values[`custom.${field.id}`] = value
  }
  return values
}

function sampleValue(random: Random, field: JsonRecord, context: ValueContext): JsonValue {
  if (field.accepts_multiple_values !== true) return oneValue(random, field, context)
  const values = [oneValue(random, field, context), oneValue(random, field, context)]
  return [...new Set(values)].filter((value) => value !== null)
}

function oneValue(
  random: Random,
  field: JsonRecord,
  { users, contactId, created }: ValueContext,
): JsonValue {
  switch (field.type) {
    case 'choices':
      return random.pick(field.choices as string[])
    case 'number':
      return random.chance(0.2) ? 7.5 : random.int(100)
    case 'date':
      return day(created + random.int(400) * DAY)
    case 'datetime':
      return instant(created + random.int(30 * DAY))
    case 'user':
      return random.pick(users).id!
    case 'contact':
      return contactId
    // Which object it would be is not known where values are made up.
    case 'custom_object':
      return null
    default:
      return random.pick(SENTENCES)
  }
}
