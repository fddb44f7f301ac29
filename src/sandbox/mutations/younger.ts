import type { JsonRecord } from '../../core/json.ts'
import { comment, commentThread } from '../data/comment.ts'
import { createCustomObject, createSubscription, type Today } from '../data/today.ts'
import { childRecords, type WorldData } from '../data/world-data.ts'
import { customActivity } from '../data/younger-kinds.ts'
import { chooseId, isChangeable, requireRecord } from './choose.ts'
import { conform } from './conform.ts'
import type { Recorder } from './recorder.ts'

/** What can happen to the kinds of objects that the first years did not have. */
export interface YoungerMutations {
  /** Subscribes a contact to a sequence. */
  subscribe(contactId?: string, sequenceId?: string): JsonRecord
  /** Comments on an activity (default: one of a kind that has events); the first comment starts a thread. */
  addComment(activityId?: string): JsonRecord
  /** Adds an activity of a kind that the organization has defined. */
  addCustomActivity(leadId?: string, typeId?: string): JsonRecord
  addCustomObject(leadId?: string, typeId?: string): JsonRecord
  /** Changes a custom object (default: its name). */
  editCustomObject(id?: string, changes?: JsonRecord): JsonRecord
  deleteCustomObject(id?: string): JsonRecord
}

export function youngerMutations(
  data: WorldData,
  { log, attach, change, detach }: Recorder,
): YoungerMutations {
  const { org, leads, contacts, activities, clock, random, settings } = data
  const user = org.users[0]!
  const today = (): Today => {
    const now = data.today()
    if (!now) throw new RangeError('the first years had none of these')
    return now
  }
  const typeOf = (types: typeof org.activityTypes, id: string | undefined) => {
    const type = id === undefined ? types[0]! : types.find((type) => type.id === id)
    if (!type) throw new RangeError(`no object ${id}`)
    return type
  }
  return {
    subscribe: (contactId = chooseId(random, contacts), sequenceId) => {
      const at = clock.tick()
      const contact = { id: contactId, record: requireRecord(contacts, contactId) }
      const { accounts } = today()
      const id = sequenceId ?? chooseId(random, settings.sequence)
      const sequence = requireRecord(settings.sequence, id)
      const options = { org, sequence, account: accounts[0]!, contact }
      const own = random.id('sub', 22)
      const made = createSubscription(own, options, { created: at, updated: at })
      return attach('subscriptions', { ...made, status: 'active', status_reason: null }, at)
    },
    addComment: (activityId = chooseId(random, activities, isChangeable)) => {
      const at = clock.tick()
      const about = requireRecord(activities, activityId)
      const leadId = about.lead_id as string
      const author = user.id as string
      const times = { created: at, updated: at }
      const known = childRecords(data, 'threads', leadId).find(
        ({ record }) => record.object_id === activityId,
      )
      const threadId = known?.id ?? random.id('comthr', 22)
      if (known) {
        const { participating, num_comments } = known.record
        const people = [...new Set([...(participating as string[]), author])]
        const fields = { num_comments: (num_comments as number) + 1, participating: people }
        const { after, previous } = change('threads', threadId, fields, at)
        log('comment_thread', 'updated', after, at, { previous })
      } else {
        const facts = { org, leadId, about, authors: [author] }
        attach('threads', commentThread(threadId, facts, times), at)
      }
      const id = random.id('comm', 22)
      return attach('comments', comment(id, { org, leadId, threadId, author }, times), at)
    },
    addCustomActivity: (leadId = chooseId(random, leads), typeId) => {
      const at = clock.tick()
      requireRecord(leads, leadId)
      const context = { org, leadId, user, created: at, updated: at }
      const type = typeOf(org.activityTypes, typeId)
      const made = customActivity(random.id('acti'), context, type)
      return attach('activities', conform(settings, made), at)
    },
    addCustomObject: (leadId = chooseId(random, leads), typeId) => {
      const at = clock.tick()
      requireRecord(leads, leadId)
      const type = typeOf(org.objectTypes, typeId)
      const options = { org, type, lead: { id: leadId }, contact: undefined, references: null }
      const times = { created: at, updated: at }
      const made = createCustomObject(random.id('custobj'), options, times)
      return attach('customObjects', conform(settings, made), at)
    },
    editCustomObject: (id = chooseId(random, data.customObjects), changes) => {
      const at = clock.tick()
      const fields = changes ?? { name: `Renamed ${random.int(1000)}` }
      const { after, previous } = change('customObjects', id, fields, at)
      log('custom_object', 'updated', after, at, { previous })
      return after
    },
    deleteCustomObject: (id = chooseId(random, data.customObjects)) =>
      detach('customObjects', id, clock.tick()),
  }
}
