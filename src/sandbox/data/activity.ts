import type { JsonRecord } from '../../core/json.ts'
import type { Times } from './draft.ts'
import { call, email, meeting, note, sms } from './activity-kinds.ts'
import { stamps, userName, type Org } from './org.ts'
import { createRandom, type Random } from './random.ts'
import { instant } from './times.ts'

/** Kinds of activities a person makes; changes of status and the like come about by themselves. */
export const MADE_ACTIVITY_TYPES = ['Call', 'Email', 'Note', 'SMS', 'Meeting'] as const

export type MadeActivityType = (typeof MADE_ACTIVITY_TYPES)[number]

export interface ActivityContext extends Times {
  readonly org: Org
  readonly leadId: string
  readonly contact?: JsonRecord | undefined
  /** Who did it; null for what nobody did, such as an import. */
  readonly user: JsonRecord | null
  /** The conversation that an email belongs to; default: one of its own. */
  readonly threadId?: string | undefined
}

const KINDS: Readonly<
  Record<MadeActivityType, (random: Random, context: ActivityContext, id: string) => JsonRecord>
> = { Call: call, Email: email, Note: note, SMS: sms, Meeting: meeting }

/** An activity that somebody made, with the fields of its kind. */
export function createActivity(
  id: string,
  type: MadeActivityType,
  context: ActivityContext,
): JsonRecord {
  return { ...activityBase(id, type, context), ...KINDS[type](createRandom(id), context, id) }
}

/** The fields all activities have, and the kind's own on top of them. */
export function activityBase(
  id: string,
  type: string,
  { org, leadId, contact, user, created, updated }: ActivityContext,
): JsonRecord {
  return {
    _type: type,
    id,
    organization_id: org.id,
    lead_id: leadId,
    contact_id: contact ? contact.id! : null,
    user_id: user ? user.id! : null,
    user_name: user ? userName(user) : null,
    users: [],
    activity_at: instant(created),
    date_created: instant(created),
    date_updated: instant(updated),
    ...stamps(user),
  }
}

export function leadCreated(id: string, context: ActivityContext): JsonRecord {
  const source = context.user ? 'user' : 'api'
  return { ...activityBase(id, 'Created', context), source, import_id: null }
}

export function leadStatusChange(
  id: string,
  context: ActivityContext,
  from: JsonRecord,
  to: JsonRecord,
): JsonRecord {
  return {
    ...activityBase(id, 'LeadStatusChange', context),
    old_status_id: from.id!,
    old_status_label: from.label!,
    new_status_id: to.id!,
    new_status_label: to.label!,
  }
}

export function opportunityStatusChange(
  id: string,
  context: ActivityContext,
  opportunity: JsonRecord,
  from: JsonRecord,
  to: JsonRecord,
): JsonRecord {
  const side = (prefix: 'old' | 'new', status: JsonRecord): JsonRecord => ({
    [`${prefix}_status_id`]: status.id!,
    [`${prefix}_status_label`]: status.label!,
    [`${prefix}_status_type`]: status.type!,
    [`${prefix}_pipeline_id`]: status.pipeline_id!,
    [`${prefix}_pipeline_name`]: 'Sales',
  })
  return {
    ...activityBase(id, 'OpportunityStatusChange', context),
    opportunity_id: opportunity.id!,
    ...side('old', from),
    ...side('new', to),
    opportunity_value: opportunity.value!,
    opportunity_value_currency: opportunity.value_currency!,
    opportunity_value_formatted: opportunity.value_formatted!,
    opportunity_value_period: opportunity.value_period!,
    opportunity_confidence: opportunity.confidence!,
    opportunity_date_won: opportunity.date_won!,
  }
}

export function taskCompleted(id: string, context: ActivityContext, task: JsonRecord): JsonRecord {
  return {
    ...activityBase(id, 'TaskCompleted', context),
    task_id: task.id!,
    task_text: task.text ?? '',
    task_assigned_to: task.assigned_to!,
    task_assigned_to_name: task.assigned_to_name!,
  }
}
