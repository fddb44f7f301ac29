import type { JsonRecord, JsonValue } from '../../core/json.ts'
import { findField } from '../data/settings/fields.ts'
import type { Settings } from '../data/settings/settings.ts'

const PREFIX = 'custom.'

/**
 * A record as it can be under the settings of now: without values of custom fields that are gone, lists where a field has
 * come to hold several values, and its statuses under their present labels.
 */
export function conform(settings: Settings, record: JsonRecord): JsonRecord {
  const conforming: JsonRecord = {}
  for (const [key, value] of Object.entries(record)) {
    if (!key.startsWith(PREFIX)) conforming[key] = value
    else {
      const field = findField(settings, key.slice(PREFIX.length))
      if (field) conforming[key] = asFieldHoldsIt(field, value)
    }
  }
  return { ...conforming, ...namedValues(settings, conforming), ...labels(settings, conforming) }
}

function asFieldHoldsIt(field: JsonRecord, value: JsonValue): JsonValue {
  return field.accepts_multiple_values === true && !Array.isArray(value) ? [value] : value
}

/** The deprecated mirror of the custom values, by the names of their fields; only leads have it. */
function namedValues(settings: Settings, record: JsonRecord): JsonRecord {
  if (record.custom === undefined) return {}
  const named: JsonRecord = {}
  for (const [key, value] of Object.entries(record)) {
    const field = key.startsWith(PREFIX) && findField(settings, key.slice(PREFIX.length))
    if (field) named[field.name as string] = value
  }
  return { custom: named }
}

function labels(settings: Settings, record: JsonRecord): JsonRecord {
  if (typeof record.status_id !== 'string') return {}
  const path = record.status_type === undefined ? 'status/lead' : 'status/opportunity'
  const status = (settings[path].get(record.status_id) ?? settings[path].inOrder()[0])?.record
  if (!status) return {}
  const label = { status_id: status.id!, status_label: status.label! }
  return path === 'status/lead'
    ? label
    : { ...label, status_display_name: status.label!, status_type: status.type! }
}
