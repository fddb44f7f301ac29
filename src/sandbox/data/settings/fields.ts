import type { JsonRecord } from '../../../core/json.ts'
import type { Settings } from './settings.ts'

/** The lists of custom fields, by what has them. */
export const FIELD_PATHS = [
  'custom_field/lead',
  'custom_field/contact',
  'custom_field/opportunity',
  'custom_field/activity',
  'custom_field/custom_object_type',
  'custom_field/shared',
] as const

export type FieldPath = (typeof FIELD_PATHS)[number]

/** The list that a custom field is in now. */
export function fieldPathOf(settings: Settings, id: string): FieldPath | undefined {
  return FIELD_PATHS.find((path) => settings[path].get(id) !== undefined)
}

export function findField(settings: Settings, id: string): JsonRecord | undefined {
  const path = fieldPathOf(settings, id)
  return path && settings[path].get(id)?.record
}
