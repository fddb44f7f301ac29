import type { JsonRecord } from '../../core/json.ts'
import type { Entry } from './collection.ts'
import type { SettingPath } from './settings/settings.ts'
import { childRecords, type ChildKind, type WorldData } from './world-data.ts'

/** The list of each kind of activities, by the last part of its path. */
export const ACTIVITY_LISTS = {
  note: 'Note',
  call: 'Call',
  email: 'Email',
  emailthread: 'EmailThread',
  sms: 'SMS',
  whatsapp_message: 'WhatsAppMessage',
  meeting: 'Meeting',
  custom: 'CustomActivity',
  created: 'Created',
  form_submission: 'FormSubmission',
  lead_merge: 'LeadMerge',
  task_completed: 'TaskCompleted',
  'status_change/lead': 'LeadStatusChange',
  'status_change/opportunity': 'OpportunityStatusChange',
} as const

const COLLECTIONS = {
  contact: 'contacts',
  opportunity: 'opportunities',
  task: 'tasks',
  activity: 'activities',
  custom_object: 'customObjects',
  sequence_subscription: 'subscriptions',
  comment_thread: 'threads',
  comment: 'comments',
} as const satisfies Readonly<Record<string, ChildKind>>

/** What can be listed, by its path: `lead`, `activity/note`, `custom_field/lead`, `membership`. */
export type ListPath =
  | 'lead'
  | 'event'
  | keyof typeof COLLECTIONS
  | `activity/${keyof typeof ACTIVITY_LISTS}`
  | SettingPath

/** Every record of a list in the shape it is served in, in no particular order where the list has one of its own. */
export function listOf(data: WorldData, path: ListPath): readonly JsonRecord[] {
  if (path === 'lead') return data.leads.list('id').map((entry) => leadAsServed(data, entry))
  if (path === 'event') return data.events.list().map(({ record }) => record)
  if (isActivityPath(path)) return activities(data, path)
  if (Object.hasOwn(COLLECTIONS, path)) {
    return recordsOf(data[COLLECTIONS[path as keyof typeof COLLECTIONS]].list('id'))
  }
  return settingRecords(data, path as SettingPath)
}

function isActivityPath(path: string): path is `activity/${keyof typeof ACTIVITY_LISTS}` {
  return path.startsWith('activity/')
}

function activities(
  data: WorldData,
  path: `activity/${keyof typeof ACTIVITY_LISTS}`,
): readonly JsonRecord[] {
  const type = ACTIVITY_LISTS[path.slice('activity/'.length) as keyof typeof ACTIVITY_LISTS]
  if (type === 'EmailThread') {
    return data.emailThreads.list('id').map((entry) => threadAsServed(data, entry))
  }
  return recordsOf(data.activities.list('id')).filter(({ _type }) => _type === type)
}

/** A lead embeds its contacts, opportunities and tasks. */
export function leadAsServed(data: WorldData, { id, record }: Entry): JsonRecord {
  return {
    ...record,
    contacts: recordsOf(childRecords(data, 'contacts', id)),
    opportunities: recordsOf(childRecords(data, 'opportunities', id)),
    tasks: recordsOf(childRecords(data, 'tasks', id)),
  }
}

/** A conversation embeds its emails, the latest first and without their bodies. */
export function threadAsServed(data: WorldData, { id, record }: Entry): JsonRecord {
  const emails = childRecords(data, 'activities', record.lead_id as string)
    .filter((entry) => entry.record.thread_id === id)
    .sort((a, b) => b.created - a.created)
    .map(({ record }) => withoutBodies(record))
  return { ...record, n_emails: emails.length, emails }
}

function withoutBodies(email: JsonRecord): JsonRecord {
  const fields = Object.entries(email).filter(([field]) => !/^body_(?:text|html)/.test(field))
  return Object.fromEntries(fields)
}

/** The records of a list of settings, with what they tell of other settings. */
export function settingRecords(
  { settings }: Pick<WorldData, 'settings'>,
  path: SettingPath,
): readonly JsonRecord[] {
  const records = recordsOf(settings[path].inOrder())
  switch (path) {
    case 'pipeline':
      return records.map((pipeline) => ({
        ...pipeline,
        statuses: recordsOf(settings['status/opportunity'].inOrder())
          .filter((status) => status.pipeline_id === pipeline.id)
          .map(({ id, label, type }) => ({ id: id!, label: label!, type: type! })),
      }))
    case 'custom_activity':
      return records.map((type) => ({ ...type, fields: fieldsOf(settings, type.id as string) }))
    case 'custom_object_type':
      return records.map((type) => ({
        ...type,
        fields: fieldsOf(settings, type.id as string),
        back_reference_fields: recordsOf(settings['custom_field/custom_object_type'].inOrder())
          .filter((field) => field.referenced_custom_type_id === type.id)
          .map(asFieldOfType),
      }))
    default:
      return records
  }
}

const FIELD_LISTS = ['activity', 'custom_object_type', 'shared'] as const

function fieldsOf(settings: WorldData['settings'], typeId: string): JsonRecord[] {
  return FIELD_LISTS.flatMap((list) => recordsOf(settings[`custom_field/${list}`].inOrder()))
    .filter((field) => isFieldOf(field, typeId))
    .map(asFieldOfType)
}

/** Whether a field belongs to a custom type, of its own or by association. */
export function isFieldOf(field: JsonRecord, typeId: string): boolean {
  const owners = [field, ...((field.associations ?? []) as JsonRecord[])]
  return owners.some(
    (owner) => owner.custom_activity_type_id === typeId || owner.custom_object_type_id === typeId,
  )
}

const FIELD_KEYS = [
  'id',
  'name',
  'description',
  'type',
  'choices',
  'required',
  'accepts_multiple_values',
  'referenced_custom_type_id',
  'back_reference_is_visible',
  'editable_with_roles',
] as const

/** A type tells most of what its fields' own list does. */
function asFieldOfType(field: JsonRecord): JsonRecord {
  const known = FIELD_KEYS.filter((key) => field[key] !== undefined)
  return { required: false, ...Object.fromEntries(known.map((key) => [key, field[key]!])) }
}

function recordsOf(entries: readonly Entry[]): JsonRecord[] {
  return entries.map(({ record }) => record)
}
