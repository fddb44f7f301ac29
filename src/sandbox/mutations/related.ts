import type { JsonRecord } from '../../core/json.ts'
import {
  MADE_ACTIVITY_TYPES,
  createActivity,
  opportunityStatusChange,
  taskCompleted,
  type MadeActivityType,
} from '../data/activity.ts'
import { draftOf } from '../data/draft.ts'
import { activityEventType, taskEventType } from '../data/history.ts'
import { opportunityStatus, opportunityValue } from '../data/opportunity.ts'
import { instant } from '../data/times.ts'
import { SENTENCES, TITLES } from '../data/words.ts'
import type { WorldData } from '../data/world-data.ts'
import { chooseId, requireRecord } from './choose.ts'
import { previousValues } from './previous-values.ts'

export interface RelatedMutations {
  /** Adds an activity to a lead, which it does not bump. */
  addActivity(leadId?: string, type?: MadeActivityType): JsonRecord
  /** Changes an activity (default: its note or text), which no list can be filtered by. */
  editActivity(id?: string, changes?: JsonRecord): JsonRecord
  /** Changes a contact (default: its title) and, a moment later, its lead's `date_updated`. */
  editContact(id?: string, changes?: JsonRecord): JsonRecord
  /** Changes an opportunity (default: its value) and not its lead. */
  editOpportunity(id?: string, changes?: JsonRecord): JsonRecord
  /** Completes a task (default: an open one), which adds an activity and bumps the lead. */
  completeTask(id?: string): JsonRecord
}

/** The service touches a lead this long after the contact that caused it. */
const BUMP_DELAY_MS = 14

export function relatedMutations(data: WorldData): RelatedMutations {
  const { org, leads, contacts, opportunities, tasks, activities, events, clock, random } = data
  const user = org.users[0]!
  const log = (objectType: string, action: string, object: JsonRecord, at: number, more = {}) =>
    events.add({
      objectType,
      action,
      object,
      leadId: object.lead_id as string,
      userId: user.id as string,
      at,
      ...more,
    })
  const change = (
    kind: 'contacts' | 'opportunities' | 'tasks' | 'activities',
    id: string,
    changes: JsonRecord,
    at: number,
  ) => {
    const before = requireRecord(data[kind], id)
    const full = { ...changes, date_updated: instant(at), updated_by: user.id! }
    const after = data[kind].update(id, full)
    // The lead embeds what has changed: its text is stale even where its date stays.
    leads.touch(after.lead_id as string)
    return { before, after, previous: previousValues(before, full) }
  }
  const bumpLead = (leadId: string, at: number) =>
    leads.update(leadId, { date_updated: instant(at) })
  const attach = (activity: JsonRecord, at: number) => {
    const leadId = activity.lead_id as string
    data.children(leadId).activities.push(activities.add(draftOf(activity)).id)
    leads.touch(leadId)
    log(activityEventType(activity), 'created', activity, at)
    return activity
  }

  return {
    addActivity: (leadId, type) => {
      const at = clock.tick()
      const lead = requireRecord(leads, leadId ?? chooseId(random, leads))
      const context = { org, leadId: lead.id as string, user, created: at, updated: at }
      const kind = type ?? random.pick(MADE_ACTIVITY_TYPES)
      return attach(createActivity(random.id('acti'), kind, context), at)
    },
    editActivity: (id = chooseId(random, activities), changes) => {
      const at = clock.tick()
      const fields = changes ?? { note: `${random.pick(SENTENCES)} (edited)` }
      const { after, previous } = change('activities', id, fields, at)
      log(activityEventType(after), 'updated', after, at, { previous })
      return after
    },
    editContact: (id = chooseId(random, contacts), changes) => {
      const at = clock.tick()
      const fields = changes ?? { title: `${random.pick(TITLES)} ${random.int(100)}` }
      const { after, previous } = change('contacts', id, fields, at)
      log('contact', 'updated', after, at, { previous })
      bumpLead(after.lead_id as string, at + BUMP_DELAY_MS)
      return after
    },
    editOpportunity: (id = chooseId(random, opportunities), changes) => {
      const at = clock.tick()
      const current = requireRecord(opportunities, id)
      const value = (current.value as number) + 50 * (1 + random.int(100))
      const status = org.opportunityStatuses.find((status) => status.id === changes?.status_id)
      const fields = {
        ...(changes ??
          opportunityValue(value, current.value_period as string, current.confidence as number)),
        ...(status ? opportunityStatus(status, at) : {}),
      }
      const { before, after, previous } = change('opportunities', id, fields, at)
      log('opportunity', 'updated', after, at, { previous })
      const from = org.opportunityStatuses.find((status) => status.id === before.status_id)!
      if (status && status !== from) {
        const leadId = after.lead_id as string
        const context = { org, leadId, user, created: at, updated: at }
        attach(opportunityStatusChange(random.id('acti'), context, after, from, status), at)
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
      attach(completed, at)
      bumpLead(after.lead_id as string, at + BUMP_DELAY_MS)
      return after
    },
  }
}
