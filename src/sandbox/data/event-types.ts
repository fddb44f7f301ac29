import type { JsonRecord } from '../../core/json.ts'
import type { ChildKind } from './world-data.ts'

const IRREGULAR: Readonly<Record<string, string | null>> = {
  WhatsAppMessage: 'activity.whatsapp_message',
  LeadMerge: 'lead_merge',
  // The log knows no events of the entry that says where a lead came from.
  Created: null,
}

/** `activity.lead_status_change` for `LeadStatusChange`: activities carry their kind in the type of their events. */
export function activityEventType(activity: JsonRecord): string | null {
  const type = activity._type as string
  if (Object.hasOwn(IRREGULAR, type)) return IRREGULAR[type] ?? null
  return `activity.${type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase()}`
}

/** `task.incoming_email`: so do tasks. */
export function taskEventType(task: JsonRecord): string {
  return `task.${task._type as string}`
}

const BY_KIND: Readonly<Record<ChildKind, (record: JsonRecord) => string | null>> = {
  contacts: () => 'contact',
  opportunities: () => 'opportunity',
  tasks: taskEventType,
  activities: activityEventType,
  emailThreads: activityEventType,
  customObjects: () => 'custom_object',
  subscriptions: () => 'sequence_subscription',
  threads: () => 'comment_thread',
  comments: () => 'comment',
}

/** The type of the events of what hangs on a lead; null for what has none. */
export function childEventType(kind: ChildKind, record: JsonRecord): string | null {
  return BY_KIND[kind](record)
}
