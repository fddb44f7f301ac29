import type { JsonRecord } from '../../core/json.ts'
import { taskEventType } from '../data/event-types.ts'
import { childRecords, type ChildKind, type WorldData } from '../data/world-data.ts'
import { chooseId, isChangeable, requireRecord } from './choose.ts'
import type { Conversations } from './conversations.ts'
import type { Recorder } from './recorder.ts'

/** Deletions of single objects: no list tells of them, only the event log does. */
export interface Deletions {
  /** Deletes an activity and the comments on it; a completion that is deleted opens its task again. */
  deleteActivity(id?: string): JsonRecord
  /** Deletes a contact and its subscriptions, which changes its lead. */
  deleteContact(id?: string): JsonRecord
  /** Deletes an opportunity; its lead stays as it was. */
  deleteOpportunity(id?: string): JsonRecord
  /** Deletes a task; its lead stays as it was. */
  deleteTask(id?: string): JsonRecord
}

export function deletions(
  data: WorldData,
  { log, change, detach, bumpLead }: Recorder,
  conversations: Conversations,
): Deletions {
  const { clock, random, tasks } = data
  const childrenOf = (kind: ChildKind, record: JsonRecord) =>
    childRecords(data, kind, record.lead_id as string)
  const deleteComments = (activity: JsonRecord, at: number) => {
    for (const thread of childrenOf('threads', activity)) {
      if (thread.record.object_id !== activity.id) continue
      for (const comment of childrenOf('comments', activity)) {
        if (comment.record.thread_id === thread.id) detach('comments', comment.id, at)
      }
      detach('threads', thread.id, at)
    }
  }
  const reopenTask = (completion: JsonRecord, at: number) => {
    const id = completion.task_id as string
    if (completion._type !== 'TaskCompleted' || !tasks.get(id)) return
    const open = { is_complete: false, view: 'inbox', object_id: null, object_type: null }
    const { after, previous } = change('tasks', id, open, at)
    log(taskEventType(after), 'updated', after, at, { previous })
  }
  return {
    deleteActivity: (id = chooseId(random, data.activities, isChangeable)) => {
      const at = clock.tick()
      const activity = detach('activities', id, at)
      deleteComments(activity, at)
      reopenTask(activity, at)
      conversations.emailChanged(activity, at)
      return activity
    },
    deleteContact: (id = chooseId(random, data.contacts)) => {
      const at = clock.tick()
      const contact = detach('contacts', id, at)
      for (const { id: own, record } of childrenOf('subscriptions', contact)) {
        if (record.contact_id === id) detach('subscriptions', own, at)
      }
      const leadId = contact.lead_id as string
      const { date_updated } = requireRecord(data.leads, leadId)
      bumpLead(leadId, at)
      const previous = { date_updated: date_updated! }
      log('lead', 'updated', requireRecord(data.leads, leadId), at, { leadId, previous })
      return contact
    },
    deleteOpportunity: (id = chooseId(random, data.opportunities)) =>
      detach('opportunities', id, clock.tick()),
    deleteTask: (id = chooseId(random, tasks)) => detach('tasks', id, clock.tick()),
  }
}
