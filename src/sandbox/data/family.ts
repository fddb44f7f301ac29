import type { JsonRecord } from '../../core/json.ts'
import {
  MADE_ACTIVITY_TYPES,
  createActivity,
  leadCreated,
  leadStatusChange,
  opportunityStatusChange,
  taskCompleted,
  type ActivityContext,
} from './activity.ts'
import { createContact } from './contact.ts'
import { Draft, type Times } from './draft.ts'
import { createLead, leadTimes } from './lead.ts'
import { createOpportunity } from './opportunity.ts'
import type { Org } from './org.ts'
import { createRandom, type Random } from './random.ts'
import { TASK_TYPES, createTask } from './task.ts'
import { createYoungerParts, type Today, type YoungerParts } from './today.ts'
import { DAY, MINUTE } from './times.ts'
import { emailThread } from './younger-kinds.ts'

/** A lead and everything that hangs on it. */
export interface Family {
  readonly lead: Draft
  readonly contacts: readonly Draft[]
  readonly opportunities: readonly Draft[]
  readonly tasks: readonly Draft[]
  readonly activities: readonly Draft[]
  readonly emailThreads: readonly Draft[]
  readonly customObjects: readonly Draft[]
  readonly subscriptions: readonly Draft[]
  /** Of comments. */
  readonly threads: readonly Draft[]
  readonly comments: readonly Draft[]
}

export interface FamilyOptions {
  readonly org: Org
  /** Nothing happens after this, in milliseconds. */
  readonly endsAt: number
  /** How eventful leads are: about how many activities each has beyond the one that created it. */
  readonly activities: number
  /** The lead's name, unless it is made up as well. */
  readonly name?: string | undefined
  /** What the younger kinds of objects refer to; without it there are none of them, as in the first years. */
  readonly today?: Today | undefined
}

/** Makes up a lead with its history up to `endsAt`; `times` says when it came in, if that is given. */
export function createFamily(
  random: Random,
  options: FamilyOptions,
  times: Times = leadTimes(random, options.endsAt),
): Family {
  const { org } = options
  const id = random.id('lead')
  const lead = new Draft(id, times, () => createLead(id, options, times))
  const { created, updated } = lead
  const several = <T>(counts: readonly number[], make: () => T): T[] =>
    Array.from({ length: random.pick(counts) }, make)

  const contacts = several([0, 1, 1, 1, 2, 2, 3], () => {
    const own = random.id('cont')
    // Editing a contact changes its lead, so that no contact is newer than its lead.
    const at = { created, updated: random.chance(0.3) ? updated : created }
    return new Draft(own, at, () => createContact(own, org, id, at))
  })
  const subject = () => ({ org, lead: lead.record, contact: contacts[0]?.record })
  const opportunities = several([0, 0, 0, 1, 1, 2], () => {
    const own = random.id('oppo')
    const at = laterTimes(random, created, options.endsAt)
    return new Draft(own, at, () => createOpportunity(own, subject(), at))
  })
  const tasks = several([0, 0, 1, 2], () => {
    const own = random.id('task')
    const complete = random.chance(0.5)
    const facts = {
      created,
      updated,
      type: random.chance(0.7) ? 'lead' : random.pick(TASK_TYPES),
      complete,
      completedBy: complete && random.chance(options.activities) ? random.id('acti') : null,
    }
    return {
      draft: new Draft(own, facts, () => createTask(own, subject(), facts)),
      completedBy: facts.completedBy,
    }
  })
  const family = { lead, contacts, opportunities, tasks: tasks.map(({ draft }) => draft) }
  const { activities, emails, notes } = createActivities(random, options, family)
  for (const { draft, completedBy: own } of tasks) {
    if (own === null) continue
    const at = { created: updated, updated }
    const context = { org, leadId: id, user: org.users[0]!, ...at }
    activities.push(new Draft(own, at, () => taskCompleted(own, context, draft.record)))
  }
  if (!options.today) return { ...family, activities, emailThreads: [], ...NO_YOUNGER_PARTS }
  const { endsAt, today } = options
  const parts = createYoungerParts(family, { org, endsAt, today, notes })
  return {
    ...family,
    ...parts,
    activities: [...activities, ...parts.activities],
    emailThreads: createThreads(org, id, emails),
  }
}

const NO_YOUNGER_PARTS: Omit<YoungerParts, 'activities'> = {
  customObjects: [],
  subscriptions: [],
  threads: [],
  comments: [],
}

/** The conversation that the emails of a lead make up, if it has any. */
function createThreads(org: Org, leadId: string, emails: readonly Draft[]): Draft[] {
  if (emails.length === 0) return []
  const id = threadIdOf(leadId)
  const created = Math.min(...emails.map((email) => email.created))
  const updated = Math.max(...emails.map((email) => email.updated))
  const at = { created, updated }
  return [new Draft(id, at, () => emailThread(id, { org, leadId, user: org.users[0]!, ...at }))]
}

function threadIdOf(leadId: string): string {
  return createRandom(leadId, 'thread').id('acti')
}

function createActivities(
  random: Random,
  { org, endsAt, activities: liveliness }: FamilyOptions,
  { lead, contacts, opportunities }: Pick<Family, 'lead' | 'contacts' | 'opportunities'>,
): { activities: Draft[]; emails: Draft[]; notes: Draft[] } {
  const made: Draft[] = []
  const emails: Draft[] = []
  const notes: Draft[] = []
  const add = (
    times: Times,
    build: (id: string, context: ActivityContext) => JsonRecord,
    withContact = random.chance(0.6),
  ): Draft => {
    const id = random.id('acti')
    const user = random.pick(org.users)
    const contact = () => (withContact ? contacts[0]?.record : undefined)
    const draft = new Draft(id, times, () =>
      build(id, { org, leadId: lead.id, contact: contact(), user, ...times }),
    )
    made.push(draft)
    return draft
  }
  if (liveliness >= 1 || random.chance(liveliness)) {
    // The entry in the history is written a moment after the lead itself, by whoever made it.
    add({ created: lead.created, updated: lead.created + 19 }, (id, context) => {
      const user = org.users.find((user) => user.id === lead.record.created_by) ?? null
      return leadCreated(id, { ...context, user, contact: undefined })
    })
  }
  for (let left = liveliness * 2 * random.next(); left >= 0.5; left--) {
    const type = random.pick(MADE_ACTIVITY_TYPES)
    const times = laterTimes(random, lead.created, endsAt)
    // Synced mail counts from when it was sent, which can be years before it, or even the lead, got here.
    const synced = type === 'Email' && random.chance(0.1)
    const sent = synced ? times.created - (200 + random.int(2000)) * DAY : times.created
    const draft = add({ ...times, created: sent }, (id, context) =>
      createActivity(id, type, { ...context, threadId: threadIdOf(lead.id) }),
    )
    if (type === 'Email') emails.push(draft)
    if (type === 'Note') notes.push(draft)
  }
  const changed = { created: lead.updated, updated: lead.updated }
  if (random.chance(liveliness * 0.1)) {
    const [from, to] = [random.pick(org.leadStatuses), random.pick(org.leadStatuses)]
    add(changed, (id, context) => leadStatusChange(id, context, from, to))
  }
  const [opportunity] = opportunities
  if (opportunity && random.chance(liveliness * 0.1)) {
    const [from, , to] = org.opportunityStatuses
    const at = { created: opportunity.updated, updated: opportunity.updated }
    add(at, (id, context) => opportunityStatusChange(id, context, opportunity.record, from!, to!))
  }
  return { activities: made, emails, notes }
}

/** A time between a first day and the end of the data; changes mostly come never, or soon after. */
function laterTimes(random: Random, first: number, endsAt: number): Times {
  const created = first + Math.floor((endsAt - first) * random.next())
  const within = random.chance(0.7) ? 0 : random.chance(0.8) ? 20 * MINUTE : endsAt - created
  return { created, updated: Math.min(endsAt, created + Math.floor(within * random.next())) }
}
