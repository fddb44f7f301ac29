import type { JsonRecord } from '../../core/json.ts'
import {
  MADE_ACTIVITY_TYPES,
  createActivity,
  opportunityStatusChange,
  taskCompleted,
  type MadeActivityType,
} from '../data/activity.ts'
import { activityEventType, taskEventType } from '../data/event-types.ts'
import { opportunityStatus, opportunityValue } from '../data/opportunity.ts'
import type { Random } from '../data/random.ts'
import { SENTENCES, TITLES } from '../data/words.ts'
import type { WorldData } from '../data/world-data.ts'
import { chooseId, isChangeable, requireRecord } from './choose.ts'
import type { Conversations } from './conversations.ts'
import type { Recorder } from './recorder.ts'

export interface RelatedMutations {
  /** Adds an activity to a lead, which it does not bump. */
  addActivity(leadId?: string, type?: MadeActivityType): JsonRecord
  /**
   * Changes an activity (default: the text of a note, the duration of a call, whatever its kind has), which no list can be
   * filtered by.
   */
  editActivity(id?: string, changes?: JsonRecord): JsonRecord
  /** Changes a contact (default: its title) and, a moment later, its lead's `date_updated`. */
  editContact(id?: string, changes?: JsonRecord): JsonRecord
  /** Changes an opportunity (default: its value) and not its lead. */
  editOpportunity(id?: string, changes?: JsonRecord): JsonRecord
  /** Completes a task (default: an open one), which adds an activity and bumps the lead. */
  completeTask(id?: string): JsonRecord
}

export function relatedMutations(
  data: WorldData,
  { log, attach, change, bumpLead }: Recorder,
  conversations: Conversations,
): RelatedMutations {
  const { org, leads, contacts, opportunities, tasks, activities, clock, random } = data
  const user = org.users[0]!
  return {
    addActivity: (leadId, type) => {
      const at = clock.tick()
      const lead = requireRecord(leads, leadId ?? chooseId(random, leads))
      const context = { org, leadId: lead.id as string, user, created: at, updated: at }
      const kind = type ?? random.pick(MADE_ACTIVITY_TYPES)
      if (kind === 'Email') return conversations.addEmail(context, at)
      return attach('activities', createActivity(random.id('acti'), kind, context), at)
    },
    editActivity: (id = chooseId(random, activities, isChangeable), changes) => {
      const at = clock.tick()
      const fields = changes ?? defaultEdit(random, requireRecord(activities, id))
      const { after, previous } = change('activities', id, fields, at)
      log(activityEventType(after), 'updated', after, at, { previous })
      conversations.emailChanged(after, at)
      return after
    },
    editContact: (id = chooseId(random, contacts), changes) => {
      const at = clock.tick()
      const fields = changes ?? { title: `${random.pick(TITLES)} ${random.int(100)}` }
      const { after, previous } = change('contacts', id, fields, at)
      log('contact', 'updated', after, at, { previous })
      bumpLead(after.lead_id as string, at)
      return after
    },
    editOpportunity: (id = chooseId(random, opportunities), changes) => {
      const at = clock.tick()
      const current = requireRecord(opportunities, id)
      const value = (current.value as number) + 50 * (1 + random.int(100))
      const statuses = data.settings['status/opportunity']
      const status = statuses.get((changes?.status_id ?? '') as string)?.record
      const fields = {
        ...(changes ??
          opportunityValue(value, current.value_period as string, current.confidence as number)),
        ...(status ? opportunityStatus(status, at) : {}),
      }
      const { before, after, previous } = change('opportunities', id, fields, at)
      log('opportunity', 'updated', after, at, { previous })
      if (status && status.id !== before.status_id) {
        const leadId = after.lead_id as string
        const context = { org, leadId, user, created: at, updated: at }
        const from = requireRecord(statuses, before.status_id as string)
        const own = random.id('acti')
        attach('activities', opportunityStatusChange(own, context, after, from, status), at)
      }
      return after
    },
    completeTask: (id) => {
      const at = clock.tick()
      const open = tasks.list('id').filter(({ record }) => record.is_complete === false)
      const chosen = id ?? (open.length > 0 ? random.pick(open).id : chooseId(random, tasks))
      const task = requireRecord(tasks, chosen)
      const context = { org, leadId: task.lead_id as string, user, created: at, updated: at }
      const completed = taskCompleted(random.id('acti'), context, task)
      const fields = {
        is_complete: true,
        view: 'archive',
        object_id: completed.id!,
        object_type: 'taskcompleted',
      }
      const { after } = change('tasks', chosen, fields, at)
      log(taskEventType(after), 'completed', after, at)
      attach('activities', completed, at)
      bumpLead(after.lead_id as string, at)
      return after
    },
  }
}

/** The change that is likely for an activity of this kind. */
function defaultEdit(random: Random, activity: JsonRecord): JsonRecord {
  const text = `${random.pick(SENTENCES)} (edited ${random.int(1000)})`
  switch (activity._type) {
    case 'Call':
      return { duration: (activity.duration as number) + 1 + random.int(600), note: text }
    case 'Email':
      return { opens_summary: text }
    case 'SMS':
      return { text }
    case 'WhatsAppMessage':
      return { message_markdown: text, message_html: `<p>${text}</p>` }
    case 'Note':
      return { note: text, note_html: `<body><p>${text}</p></body>` }
    case 'Meeting':
      return { note: text }
    default:
      return { users: [...(activity.users as string[]), activity.id as string].slice(-2) }
  }
}
