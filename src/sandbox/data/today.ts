import type { JsonRecord } from '../../core/json.ts'
import type { ActivityContext } from './activity.ts'
import { comment, commentThread } from './comment.ts'
import { someValues } from './custom-fields.ts'
import type { CustomType } from './custom-types.ts'
import { Draft, type Times } from './draft.ts'
import type { Family } from './family.ts'
import { userName, type Org } from './org.ts'
import { createRandom, type Random } from './random.ts'
import { instant, naiveInstant } from './times.ts'
import { customActivity, formSubmission, leadMerge, whatsAppMessage } from './younger-kinds.ts'

/** The settings that the younger kinds of objects refer to. */
export interface Today {
  readonly sequences: readonly JsonRecord[]
  readonly forms: readonly JsonRecord[]
  /** Whose mail is connected. */
  readonly accounts: readonly JsonRecord[]
}

/** What later years added to a lead. */
export interface YoungerParts {
  readonly activities: Draft[]
  readonly customObjects: Draft[]
  readonly subscriptions: Draft[]
  readonly threads: Draft[]
  readonly comments: Draft[]
}

interface PartsOptions {
  readonly org: Org
  readonly endsAt: number
  readonly today: Today
  /** Activities that may have been commented on. */
  readonly notes: readonly Draft[]
}

/**
 * Makes up what a lead has beyond its contacts, deals, tasks and the activities of the first years. It draws from a stream
 * of its own, so that the rest of the lead is the same with and without it.
 */
export function createYoungerParts(
  { lead, contacts }: Pick<Family, 'lead' | 'contacts'>,
  options: PartsOptions,
): YoungerParts {
  const random = createRandom(lead.id, 'today')
  const { org, endsAt, today } = options
  const [contact] = contacts
  const later = (): Times => {
    const created = lead.created + Math.floor((endsAt - lead.created) * random.next())
    const changed = random.chance(0.3) ? Math.floor((endsAt - created) * random.next()) : 0
    return { created, updated: created + changed }
  }
  const parts: YoungerParts = {
    activities: youngerActivities(random, { ...options, lead, contact, later }),
    customObjects: [],
    subscriptions: [],
    threads: [],
    comments: [],
  }
  let contractId: string | null = null
  for (const type of org.objectTypes) {
    if (!random.chance(0.25)) continue
    const id = random.id('custobj')
    const at = later()
    const references = contractId
    parts.customObjects.push(
      new Draft(id, at, () => createCustomObject(id, { org, type, lead, contact, references }, at)),
    )
    contractId ??= id
  }
  if (contact && random.chance(0.3)) {
    const id = random.id('sub', 22)
    const at = later()
    const sequence = random.pick(today.sequences)
    const account = random.pick(today.accounts)
    parts.subscriptions.push(
      new Draft(id, at, () => createSubscription(id, { org, sequence, account, contact }, at)),
    )
  }
  for (const note of options.notes) {
    if (!random.chance(0.2)) continue
    const at = { created: note.updated, updated: note.updated }
    addComments(random, parts, { org, leadId: lead.id, about: note, at })
  }
  return parts
}

interface ActivityOptions extends Pick<PartsOptions, 'org' | 'today'> {
  readonly lead: Draft
  readonly contact: Draft | undefined
  readonly later: () => Times
}

function youngerActivities(
  random: Random,
  { org, today, lead, contact, later }: ActivityOptions,
): Draft[] {
  const made: Draft[] = []
  const add = (at: Times, build: (id: string, context: ActivityContext) => JsonRecord): void => {
    const id = random.id('acti')
    const user = random.pick(org.users)
    made.push(
      new Draft(id, at, () =>
        build(id, { org, leadId: lead.id, contact: contact?.record, user, ...at }),
      ),
    )
  }
  if (random.chance(0.15)) add(later(), whatsAppMessage)
  if (random.chance(0.25)) {
    const type = random.pick(org.activityTypes)
    add(later(), (id, context) => customActivity(id, context, type))
  }
  if (random.chance(0.12)) {
    const form = random.pick(today.forms)
    const { created } = later()
    add({ created, updated: created }, (id, context) => formSubmission(id, context, form))
  }
  if (random.chance(0.04)) {
    const { created } = later()
    // The source is long gone.
    const source = { id: random.id('lead'), display_name: 'Duplicate Ltd' }
    add({ created, updated: created }, (id, context) =>
      leadMerge(id, { ...context, contact: undefined }, source, lead.record),
    )
  }
  return made
}

interface CustomObjectOptions {
  readonly org: Org
  readonly type: CustomType
  readonly lead: Pick<Draft, 'id'>
  readonly contact: Pick<Draft, 'id'> | undefined
  /** The object that a field of this one points to. */
  readonly references: string | null
}

export function createCustomObject(
  id: string,
  { org, type, lead, contact, references }: CustomObjectOptions,
  times: Times,
): JsonRecord {
  const random = createRandom(id)
  const author = random.pick(org.users).id!
  const pointer = type.fields.find(({ record }) => record.type === 'custom_object')
  const context = { users: org.users, contactId: contact?.id ?? null, created: times.created }
  return {
    id,
    organization_id: org.id,
    lead_id: lead.id,
    custom_object_type_id: type.id,
    // Starts with zeros at times, which no number type would keep.
    name: `${type.record.name as string} ${String(random.int(100_000)).padStart(5, '0')}`,
    ...someValues(random, type.fields, context),
    ...(pointer && references !== null ? { [`custom.${pointer.id}`]: references } : {}),
    created_by: author,
    updated_by: author,
    date_created: instant(times.created),
    date_updated: instant(times.updated),
  }
}

interface SubscriptionOptions {
  readonly org: Org
  readonly sequence: JsonRecord
  readonly account: JsonRecord
  readonly contact: { readonly id: string; readonly record: JsonRecord }
}

export function createSubscription(
  id: string,
  { org, sequence, account, contact }: SubscriptionOptions,
  times: Times,
): JsonRecord {
  const random = createRandom(id)
  const [email] = contact.record.emails as JsonRecord[]
  const sender = org.users.find((user) => user.id === account.user_id) ?? org.users[0]!
  const status = random.pick(['active', 'active', 'paused', 'finished', 'goal'])
  return {
    id,
    organization_id: org.id,
    sequence_id: sequence.id!,
    lead_id: contact.record.lead_id!,
    contact_id: contact.id,
    contact_email: email?.email ?? null,
    calls_assigned_to: [sender.id!],
    sender_account_id: account.id!,
    sender_email: sender.email!,
    sender_name: userName(sender),
    start_date: null,
    status,
    status_reason: status === 'paused' ? 'manual' : null,
    created_by_id: sender.id!,
    updated_by_id: sender.id!,
    // As in sequences, times are UTC without saying so.
    date_created: naiveInstant(times.created),
    date_updated: naiveInstant(times.updated),
  }
}

function addComments(
  random: Random,
  parts: Pick<YoungerParts, 'threads' | 'comments'>,
  { org, leadId, about, at }: { org: Org; leadId: string; about: Draft; at: Times },
): void {
  const threadId = random.id('comthr', 22)
  const count = 1 + random.int(2)
  const authors = Array.from({ length: count }, () => random.pick(org.users).id as string)
  parts.threads.push(
    new Draft(threadId, at, () =>
      commentThread(threadId, { org, leadId, about: about.record, authors }, at),
    ),
  )
  for (const author of authors) {
    const id = random.id('comm', 22)
    parts.comments.push(new Draft(id, at, () => comment(id, { org, leadId, threadId, author }, at)))
  }
}
