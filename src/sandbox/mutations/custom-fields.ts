import type { JsonRecord } from '../../core/json.ts'
import { createFieldMaker } from '../data/custom-fields.ts'
import { draftOf } from '../data/draft.ts'
import { FIELD_PATHS, fieldPathOf, type FieldPath } from '../data/settings/fields.ts'
import { instant } from '../data/times.ts'
import type { WorldData } from '../data/world-data.ts'
import { conform } from './conform.ts'
import type { Recorder } from './recorder.ts'
import { changeStamps } from './recorder.ts'

/** Changes of custom fields. They show in all records at once, and none of these gets a new `date_updated`. */
export interface CustomFieldMutations {
  /** Renames a field: its key stays, the name-keyed `custom` of leads follows. */
  renameCustomField(id?: string, name?: string): JsonRecord
  /** Defines a field (default: a text of leads) that no record has a value for yet. */
  addCustomField(path?: FieldPath, fields?: JsonRecord): JsonRecord
  /** Lets a field hold several values, so that each value there is becomes a list. */
  widenCustomField(id?: string): JsonRecord
  /** Deletes a field, and with it all its values. */
  deleteCustomField(id?: string): JsonRecord
}

const EVENT_TYPES: Readonly<Record<FieldPath, string>> = {
  'custom_field/lead': 'custom_fields.lead',
  'custom_field/contact': 'custom_fields.contact',
  'custom_field/opportunity': 'custom_fields.opportunity',
  'custom_field/activity': 'custom_fields.activity',
  'custom_field/custom_object_type': 'custom_fields.custom_object',
  'custom_field/shared': 'custom_fields.shared',
}

export function customFieldMutations(data: WorldData, recorder: Recorder): CustomFieldMutations {
  const { org, settings, clock, random } = data
  const user = org.users[0]!
  const locate = (id: string) => {
    const path = fieldPathOf(settings, id)
    if (!path) throw new RangeError(`no object ${id}`)
    return { path, before: settings[path].get(id)!.record }
  }
  const choose = (wanted: (field: JsonRecord) => boolean = () => true): string => {
    const fields = FIELD_PATHS.flatMap((path) => settings[path].inOrder())
    const fitting = fields.filter(({ record }) => wanted(record))
    if (fitting.length === 0) throw new RangeError('nothing left to choose from')
    return random.pick(fitting).id
  }
  const edit = (id: string, changes: JsonRecord): JsonRecord => {
    const at = clock.tick()
    const { path, before } = locate(id)
    const after = settings[path].update(id, { ...changes, ...changeStamps(before, at, user) })
    recorder.log(EVENT_TYPES[path], 'updated', after, at, { previous: before })
    reform(data, id)
    return after
  }
  return {
    renameCustomField: (id = choose(), name) => {
      const { before } = locate(id)
      return edit(id, { name: name ?? `${before.name as string} (new)` })
    },
    widenCustomField: (id = choose(isSingle)) => edit(id, { accepts_multiple_values: true }),
    addCustomField: (path = 'custom_field/lead', fields = {}) => {
      const at = clock.tick()
      const field = createFieldMaker(random, {
        organization_id: org.id,
        date_created: instant(at),
        date_updated: instant(at),
        created_by: user.id!,
        updated_by: user.id!,
      })
      const { name = `Field ${settings[path].size + 1}`, type = 'text', ...more } = fields
      const { record } = field(name as string, type as string, more)
      settings[path].add(draftOf(record))
      recorder.log(EVENT_TYPES[path], 'created', record, at)
      return record
    },
    deleteCustomField: (id = choose()) => {
      const at = clock.tick()
      const { path, before } = locate(id)
      settings[path].remove(id)
      recorder.log(EVENT_TYPES[path], 'deleted', before, at, { previous: before })
      reform(data, id)
      return before
    },
  }
}

function isSingle(field: JsonRecord): boolean {
  return field.accepts_multiple_values !== true
}

/** Brings every record with a value for a field into the form that the field has now. */
function reform(data: WorldData, fieldId: string): void {
  const key = `custom.${fieldId}`
  const kinds = ['leads', 'contacts', 'opportunities', 'activities', 'customObjects'] as const
  for (const kind of kinds) {
    for (const { id, record } of data[kind].inOrder()) {
      if (record[key] === undefined) continue
      data[kind].replace(id, conform(data.settings, record))
      // A lead embeds contacts and opportunities.
      if (kind !== 'leads') data.leads.touch(record.lead_id as string)
    }
  }
}
