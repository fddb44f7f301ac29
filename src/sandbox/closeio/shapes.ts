import type { JsonRecord } from '../../core/json.ts'
import type { CloseApi } from '../close/api.ts'
import type { Shape } from '../close/list.ts'
import type { Entry } from '../data/collection.ts'
import { childRecords } from '../data/world-data.ts'
import type { World } from '../data/world.ts'

/**
 * The shapes of the first years: `status` is a word, custom values are an object by name, a contact is little more than
 * its ways to be reached, and a lead can embed its activities.
 */
export function legacyShapes(world: World, withActivities: boolean): CloseApi['shapes'] {
  const views = {
    contact: shape('legacy contact', ({ record }) => contact(record)),
    opportunity: shape('legacy opportunity', ({ record }) => opportunity(record)),
    task: shape('legacy task', ({ record }) => task(record)),
    activity: shape('legacy activity', ({ record }) => activity(record)),
  }
  const lead = ({ id, record }: Entry): JsonRecord => ({
    status: (record.status_label as string).toLowerCase(),
    ...(withActivities
      ? { activities: childRecords(world, 'activities', id).map(views.activity.view) }
      : {}),
    display_name: record.display_name!,
    addresses: record.addresses!,
    name: record.name!,
    contacts: childRecords(world, 'contacts', id).map(({ record }) => embeddedContact(record)),
    date_updated: record.date_updated!,
    opportunities: childRecords(world, 'opportunities', id).map(views.opportunity.view),
    custom: record.custom!,
    organization_id: record.organization_id!,
    date_created: record.date_created!,
    id,
    description: record.description!,
  })
  return { lead: shape('legacy lead', lead), ...views }
}

function shape(name: string, view: Shape['view']): Shape {
  return { name, view }
}

function contact(record: JsonRecord): JsonRecord {
  const dates = pick(record, ['date_created', 'date_updated'])
  return { ...embeddedContact(record), lead_id: record.lead_id!, ...dates }
}

function embeddedContact(record: JsonRecord): JsonRecord {
  const each = (list: 'phones' | 'emails', fields: readonly string[]) =>
    (record[list] as JsonRecord[]).map((item) => pick(item, fields))
  return {
    name: record.name!,
    title: record.title!,
    phones: each('phones', ['phone', 'phone_formatted', 'type']),
    emails: each('emails', ['email', 'type']),
    organization_id: record.organization_id!,
    id: record.id!,
  }
}

function opportunity(record: JsonRecord): JsonRecord {
  const fields = ['value', 'value_period', 'confidence', 'note', 'date_won', 'user_id', 'user_name']
  const links = ['lead_id', 'organization_id', 'date_created', 'date_updated']
  return {
    id: record.id!,
    status: record.status_type!,
    ...pick(record, [...fields, ...links]),
  }
}

function task(record: JsonRecord): JsonRecord {
  const fields = ['_type', 'id', 'text', 'date', 'due_date', 'is_complete', 'assigned_to']
  const names = ['assigned_to_name', 'lead_id', 'lead_name', 'contact_id', 'contact_name', 'view']
  const dates = ['organization_id', 'date_created', 'date_updated', 'created_by', 'updated_by']
  return pick(record, [...fields, ...names, ...dates])
}

/** What the first activities had, whatever their kind has gained since. */
const ACTIVITY_FIELDS = [
  'organization_id',
  '_type',
  'lead_id',
  'date_updated',
  'direction',
  'note',
  'phone',
  'subject',
  'body_text',
  'text',
  'duration',
  'voicemail_url',
  'contact_id',
  'user_id',
  'source',
  'old_status_label',
  'new_status_label',
  'task_id',
  'opportunity_id',
  'date_created',
  'id',
] as const

function activity(record: JsonRecord): JsonRecord {
  return { ...pick(record, ACTIVITY_FIELDS), is_new: null, comments: [] }
}

function pick(record: JsonRecord, fields: readonly string[]): JsonRecord {
  const picked: JsonRecord = {}
  for (const field of fields) if (record[field] !== undefined) picked[field] = record[field]
  return picked
}
