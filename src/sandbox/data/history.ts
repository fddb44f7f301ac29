import type { JsonRecord } from '../../core/json.ts'
import type { Draft } from './draft.ts'
import { EVENT_RETENTION_MS, type Happening } from './event-log.ts'
import type { Family } from './family.ts'

/** `activity.lead_status_change` for `LeadStatusChange`: activities carry their kind in the type of their events. */
export function activityEventType(activity: JsonRecord): string {
  const type = activity._type as string
  return `activity.${type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase()}`
}

/** `task.incoming_email`: so do tasks. */
export function taskEventType(task: JsonRecord): string {
  return `task.${task._type as string}`
}

/**
 * What happened in the weeks before `endsAt` that explains how leads came to be as they are, the oldest first. Nothing
 * older is told: the log would not show it.
 */
export function recentHistory(families: readonly Family[], endsAt: number): Happening[] {
  const oldest = endsAt - EVENT_RETENTION_MS
  const happenings: Happening[] = []
  const add = (typeOf: (object: JsonRecord) => string, draft: Draft, leadId: string): void => {
    const { created, updated } = draft
    if (updated < oldest) return
    const object = draft.record
    const objectType = typeOf(object)
    const happening = { objectType, object, leadId, userId: userOf(object) }
    if (created >= oldest) happenings.push({ ...happening, action: 'created', at: created })
    if (updated === created) return
    const completed = objectType === 'task.lead' && object.is_complete === true
    happenings.push({
      ...happening,
      action: completed ? 'completed' : 'updated',
      at: updated,
      ...(completed ? {} : { previous: { date_updated: object.date_created! } }),
    })
  }
  for (const { lead, contacts, opportunities, tasks, activities } of families) {
    add(() => 'lead', lead, lead.id)
    for (const contact of contacts) add(() => 'contact', contact, lead.id)
    for (const opportunity of opportunities) add(() => 'opportunity', opportunity, lead.id)
    for (const task of tasks) add(taskEventType, task, lead.id)
    for (const activity of activities) add(activityEventType, activity, lead.id)
  }
  return happenings.sort((a, b) => a.at - b.at || (a.object.id! < b.object.id! ? -1 : 1))
}

/** Who last changed an object; null for an import. */
function userOf(record: JsonRecord): string | null {
  return (record.updated_by ?? record.user_id ?? null) as string | null
}
