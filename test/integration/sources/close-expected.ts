import type { JsonRecord } from '../../../src/core/json.ts'
import { EVENT_RETENTION_MS } from '../../../src/sandbox/data/event-log.ts'
import type { ListPath } from '../../../src/sandbox/data/lists.ts'
import { ask, post } from '../sandbox/client.ts'
import { EVERY_ENDPOINT, shippedSource, type Close } from './close.ts'
import { asStored, differences, readStored } from './close-tables.ts'

type Records = readonly JsonRecord[]

/** What the API would serve now, asked for beside any run. */
interface Served {
  readonly list: (path: ListPath) => Records
  /** The body of a request. */
  readonly get: (path: string) => Promise<JsonRecord>
  readonly post: (path: string, body: JsonRecord) => Promise<JsonRecord>
  /** When events come to be too old to be shown, and what day it is. */
  readonly now: number
}

interface Expected {
  /** The records as they are served now. */
  readonly records: (served: Served) => Records | Promise<Records>
  /** Rows to compare, where the table keeps others beside them. */
  readonly isCurrent?: (record: Record<string, unknown>, served: Served) => boolean
}

/** Fields of records that tables do not have, because the source file does not ask for them or leaves them out. */
const WITHHELD: Readonly<Record<string, readonly string[]>> = {
  leads: [
    // The custom fields by their names, which anyone may change; they are there by their ids.
    'custom',
    // Tables of their own.
    'opportunities',
    'tasks',
    'integration_links',
    // Users are a table, too.
    'created_by_name',
    'updated_by_name',
  ],
  contacts: ['timezone_source', 'integration_links'],
  organization: [
    'memberships',
    'inactive_memberships',
    'lead_statuses',
    'opportunity_statuses',
    'pipelines',
  ],
  // Secrets.
  webhooks: ['signature_key'],
  exports: ['download_url'],
}

const of = (path: ListPath): Expected => ({ records: ({ list }) => list(path) })
const dataOf = async (body: Promise<JsonRecord>) => (await body).data as JsonRecord[]
const isOpen = ({ is_active: active }: JsonRecord) => active === true
const orgId = ({ list }: Served) => (list('user')[0]!.organizations as string[])[0]!

const schemaOf = (kind: string): Expected => ({
  records: async ({ get }) =>
    (await get(`custom_field_schema/${kind}/`)).fields as unknown as Records,
})

/** The fields of each type, with the id of the type that they are those of. */
const schemasOf = (kind: string, types: ListPath, included: string): Expected => ({
  records: async ({ list, get }) => {
    const all: JsonRecord[] = []
    for (const { id } of list(types)) {
      const { fields } = await get(`custom_field_schema/${kind}/${id as string}/`)
      for (const field of fields as JsonRecord[]) all.push({ ...field, [included]: id! })
    }
    return all
  },
})

const report = (path: string, key: string): Expected => ({
  records: async (served) =>
    (await served.get(`report/${path}/${orgId(served)}/`))[key] as unknown as Records,
})

const dated = ({ records }: Expected): Expected => ({
  records: async (served) =>
    (await records(served)).map((record) => ({ ...record, report_date: today(served) })),
  isCurrent: ({ report_date: date }, served) => date === today(served),
})

const today = ({ now }: Served) => new Date(now).toISOString().slice(0, 10)

/** What each endpoint's table should say. */
const EXPECTED: Readonly<Record<string, Expected>> = {
  event_log: {
    records: ({ list, now }) =>
      list('event').filter(({ date_updated: at }) => isVisible(at as string, now)),
    // Events stay in the table when the log does not show them any more.
    isCurrent: ({ date_updated: at }, { now }) => isVisible(at as string, now),
  },
  leads: of('lead'),
  contacts: of('contact'),
  opportunities: of('opportunity'),
  tasks: of('task'),
  notes: of('activity/note'),
  calls: of('activity/call'),
  emails: of('activity/email'),
  email_threads: of('activity/emailthread'),
  sms: of('activity/sms'),
  whatsapp_messages: of('activity/whatsapp_message'),
  meetings: of('activity/meeting'),
  custom_activities: of('activity/custom'),
  form_submissions: of('activity/form_submission'),
  lead_status_changes: of('activity/status_change/lead'),
  opportunity_status_changes: of('activity/status_change/opportunity'),
  lead_merges: of('activity/lead_merge'),
  task_completions: of('activity/task_completed'),
  created_activities: of('activity/created'),
  activities: of('activity'),
  comment_threads: { records: ({ list }) => aboutNotes(list) },
  comments: {
    records: ({ list }) => {
      const threads = new Set(aboutNotes(list).map(({ id }) => id))
      return list('comment').filter(({ thread_id: id }) => threads.has(id))
    },
  },
  custom_fields_lead: of('custom_field/lead'),
  custom_fields_contact: of('custom_field/contact'),
  custom_fields_opportunity: of('custom_field/opportunity'),
  custom_fields_activity: of('custom_field/activity'),
  custom_fields_custom_object_type: of('custom_field/custom_object_type'),
  custom_fields_shared: of('custom_field/shared'),
  custom_activity_types: of('custom_activity'),
  custom_object_types: of('custom_object_type'),
  custom_objects: of('custom_object'),
  custom_field_schema_lead: schemaOf('lead'),
  custom_field_schema_contact: schemaOf('contact'),
  custom_field_schema_opportunity: schemaOf('opportunity'),
  custom_field_schemas_activity: schemasOf(
    'activity',
    'custom_activity',
    '_custom_activity_types_id',
  ),
  custom_field_schemas_custom_object: schemasOf(
    'custom_object',
    'custom_object_type',
    '_custom_object_types_id',
  ),
  lead_statuses: of('status/lead'),
  opportunity_statuses: of('status/opportunity'),
  pipelines: of('pipeline'),
  users: of('user'),
  me: { records: async ({ get }) => [await get('me/')] },
  my_organizations: {
    records: async ({ get }) => (await get('me/')).organizations as unknown as Records,
  },
  organization: {
    records: async (served) => [await served.get(`organization/${orgId(served)}/`)],
  },
  memberships: { records: ({ list }) => list('membership').filter(isOpen) },
  inactive_memberships: {
    records: ({ list }) => list('membership').filter((member) => !isOpen(member)),
  },
  roles: of('role'),
  groups: { records: ({ list }) => list('group').map((group) => without(group, ['members'])) },
  group_members: {
    records: ({ list }) => list('group').map((group) => without(group, ['organization_id'])),
  },
  pinned_views: {
    records: async ({ list, get }) => {
      const all: JsonRecord[] = []
      for (const { id } of list('membership').filter(isOpen)) {
        const views = await get(`membership/${id as string}/pinned_views/`)
        all.push({ ...views, _memberships_id: id! })
      }
      return all
    },
  },
  user_availability: {
    records: async ({ get, now }) =>
      (await dataOf(get('user/availability/'))).map((record) => ({
        ...record,
        seen_at: new Date(now).toISOString(),
      })),
    isCurrent: ({ seen_at: at }, { now }) => Date.parse(at as string) === now,
  },
  smart_views: of('saved_search'),
  sequences: of('sequence'),
  sequence_subscriptions: of('sequence_subscription'),
  email_templates: {
    records: ({ list }) => list('email_template').filter((template) => !template.is_archived),
  },
  archived_email_templates: {
    records: ({ list }) => list('email_template').filter((template) => template.is_archived),
  },
  sms_templates: of('sms_template'),
  outcomes: of('outcome'),
  playbooks: of('playbook'),
  forms: of('form'),
  scheduling_links: of('scheduling_link'),
  shared_scheduling_links: of('shared_scheduling_link'),
  connected_accounts: of('connected_account'),
  send_as: {
    records: ({ list }) => {
      const me = list('user')[0]!.id
      return list('send_as').filter(({ allowing_user_id: id }) => id === me)
    },
  },
  unsubscribed_emails: of('unsubscribe/email'),
  phone_numbers: of('phone_number'),
  blocked_phone_numbers: of('blocked_phone_number'),
  blocked_phone_settings: {
    records: async ({ get }) => [await get('blocked_phone_number/settings/')],
  },
  dialer_sessions: of('dialer'),
  bulk_emails: of('bulk_action/email'),
  bulk_edits: of('bulk_action/edit'),
  bulk_deletes: of('bulk_action/delete'),
  bulk_sequence_subscriptions: of('bulk_action/sequence_subscription'),
  integration_links: of('integration_link'),
  webhooks: of('webhook'),
  exports: of('export'),
  report_lead_statuses: dated(report('statuses/lead', 'status_overview')),
  report_opportunity_statuses: dated(report('statuses/opportunity', 'status_overview')),
  report_activity: dated({
    records: ({ post }) =>
      dataOf(
        post('report/activity/', {
          type: 'comparison',
          relative_range: 'yesterday',
          metrics: ['calls.all.all.count', 'emails.sent.all.count'],
        }),
      ),
  }),
  report_sent_emails: report('sent_emails', 'data'),
  report_custom: report('custom', 'series'),
}

const KEYS = new Map(
  shippedSource().endpoints.map(({ name, primary_key: key = 'id' }) => [
    name,
    key === null ? [] : [key].flat().map(String),
  ]),
)

function served({ source, world, now }: Close): Served {
  return {
    list: (path) => world.listOf(path),
    get: async (path) => (await ask(source, path)).body as unknown as JsonRecord,
    post: async (path, body) => (await post(source, path, body)).body as unknown as JsonRecord,
    now: now(),
  }
}

/** How the tables of some endpoints (default: all) differ from what the API serves now. */
export async function compare(
  close: Close,
  names: readonly string[] = EVERY_ENDPOINT,
): Promise<string[]> {
  const api = served(close)
  const tables = await close.read(readStored)
  const found: string[] = []
  for (const name of names) {
    const { records, isCurrent = () => true } = EXPECTED[name]!
    const { live = [], json = NO_JSON } = tables.get(name) ?? {}
    const withheld = WITHHELD[name] ?? []
    const expected = (await records(api)).map((record) => asStored(without(record, withheld), json))
    const actual = live
      .filter((record) => isCurrent(record, api))
      .map((record) => asStored(record, NO_JSON))
    found.push(...differences(name, KEYS.get(name)!, { expected, actual }))
  }
  return found
}

/** The keys of what the API serves now, by endpoint. */
export async function servedKeys(close: Close): Promise<ReadonlyMap<string, readonly string[]>> {
  const api = served(close)
  const keys = new Map<string, string[]>()
  for (const [name, { records }] of Object.entries(EXPECTED)) {
    keys.set(name, (await records(api)).map((record) => keyOf(name, record)).sort())
  }
  return keys
}

const keyOf = (name: string, record: Readonly<Record<string, unknown>>) =>
  KEYS.get(name)!
    .map((field) => String(record[field]))
    .join(' ')

const NO_JSON: ReadonlySet<string> = new Set()

/** The keys of the rows that are marked as deleted, by endpoint, in their order. */
export async function goneKeys(close: Close): Promise<ReadonlyMap<string, readonly string[]>> {
  const keys = new Map<string, string[]>()
  for (const [name, { gone }] of await close.read(readStored)) {
    keys.set(name, gone.map((record) => keyOf(name, record)).sort())
  }
  return keys
}

/** Those of one endpoint. */
export async function goneFrom(close: Close, name: string): Promise<readonly string[]> {
  return (await goneKeys(close)).get(name) ?? []
}

function aboutNotes(list: Served['list']): Records {
  const notes = new Set(list('activity/note').map(({ id }) => id))
  return list('comment_thread').filter(({ object_id: id }) => notes.has(id))
}

function without(record: JsonRecord, fields: readonly string[]): JsonRecord {
  return Object.fromEntries(Object.entries(record).filter(([field]) => !fields.includes(field)))
}

function isVisible(at: string, now: number): boolean {
  const utc = at.endsWith('Z') ? at : `${at}Z`
  return Date.parse(utc) >= now - EVENT_RETENTION_MS
}
