import type { JsonRecord } from '../../core/json.ts'
import type { Times } from './draft.ts'
import type { Subject } from './opportunity.ts'
import { stamps, userName } from './org.ts'
import { createRandom } from './random.ts'
import { DAY, day, instant, shortInstant } from './times.ts'

/** Kinds of tasks; a list of tasks holds only the first unless it is asked for others. */
export const TASK_TYPES = ['lead', 'incoming_email', 'missed_call', 'email_followup'] as const

const TEXTS = ['Send MSA ✍️', 'Call back', 'Renew "Gold" plan', '', '見積もりを送る'] as const

/** What decides a task beyond its subject; `completedBy` is the activity that tells of its completion, if one does. */
export interface TaskFacts extends Times {
  readonly type: string
  readonly complete: boolean
  readonly completedBy: string | null
}

export function createTask(
  id: string,
  { org, lead, contact }: Subject,
  times: TaskFacts,
): JsonRecord {
  const { type, complete, completedBy } = times
  const random = createRandom(id)
  const owner = random.pick(org.users)
  const due = times.created + random.int(20) * DAY
  // A due date is a day or an instant, whichever was entered.
  const date = random.chance(0.7) ? day(due) : shortInstant(due)
  const about = type === 'lead' ? undefined : contact
  return {
    _type: type,
    id,
    organization_id: org.id,
    lead_id: lead.id!,
    lead_name: lead.display_name!,
    contact_id: about ? about.id! : null,
    contact_name: about ? about.name! : null,
    assigned_to: owner.id!,
    assigned_to_name: userName(owner),
    // Each kind of task has keys of its own.
    ...(type === 'lead'
      ? { text: random.pick(TEXTS) }
      : {
          subject: 'Re: pricing',
          emails: [],
          phone: null,
          local_phone: null,
          voicemail_url: null,
        }),
    date,
    due_date: date,
    is_complete: complete,
    is_dateless: false,
    is_primary_lead_notification: type === 'lead',
    view: complete ? 'archive' : random.pick(['inbox', 'future']),
    priority: 'medium',
    object_id: completedBy,
    object_type: completedBy === null ? null : 'taskcompleted',
    resolution: null,
    deduplication_key: null,
    sequence_id: null,
    sequence_subscription_id: null,
    agent_config_id: null,
    date_created: instant(times.created),
    date_updated: instant(times.updated),
    ...stamps(owner),
  }
}
