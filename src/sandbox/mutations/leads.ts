import type { JsonRecord } from '../../core/json.ts'
import { leadStatusChange } from '../data/activity.ts'
import { draftOf } from '../data/draft.ts'
import { createFamily } from '../data/family.ts'
import { activityEventType, taskEventType } from '../data/history.ts'
import { stamps } from '../data/org.ts'
import { createRandom, type Random } from '../data/random.ts'
import { instant } from '../data/times.ts'
import { SENTENCES } from '../data/words.ts'
import { CHILD_KINDS, type ChildKind, type WorldData } from '../data/world-data.ts'
import { previousValues } from './previous-values.ts'
import { chooseId, requireRecord } from './choose.ts'

export interface LeadMutations {
  /**
   * Changes a lead's own fields (default: its description); a new `status_id` also writes the status change into its
   * history. `at` (milliseconds) makes several changes happen in the same millisecond.
   */
  editLead(id?: string, changes?: JsonRecord, at?: number): JsonRecord
  /** Adds a lead with contacts and a history that begins now. */
  addLead(fields?: JsonRecord, at?: number): JsonRecord
  /** Deletes a lead and all that hangs on it; every deletion has an event. */
  deleteLead(id?: string, at?: number): JsonRecord
  /** Moves all that hangs on `source` to `destination`, bumping the destination only, and deletes `source`. */
  mergeLeads(source?: string, destination?: string): JsonRecord
}

export function leadMutations(data: WorldData): LeadMutations {
  const { org, leads, events, clock } = data
  const log = (objectType: string, action: string, object: JsonRecord, at: number, more = {}) =>
    events.add({
      objectType,
      action,
      object,
      leadId: (object.lead_id ?? object.id) as string,
      userId: org.users[0]!.id as string,
      at,
      ...more,
    })

  const editLead: LeadMutations['editLead'] = (id, changes, at = clock.tick()) => {
    const before = requireRecord(leads, id ?? chooseId(data.random, leads))
    const wanted = changes ?? { description: newText(data.random, before.description as string) }
    const status = org.leadStatuses.find((status) => status.id === wanted.status_id)
    const user = org.users[0]!
    const { updated_by, updated_by_name } = stamps(user)
    const full = {
      ...wanted,
      ...(status ? { status_label: status.label! } : {}),
      date_updated: instant(at),
      updated_by: updated_by!,
      updated_by_name: updated_by_name!,
    }
    const after = leads.update(before.id as string, full)
    log('lead', 'updated', after, at, { previous: previousValues(before, full) })
    if (status && status.id !== before.status_id) {
      const from = { id: before.status_id!, label: before.status_label! }
      const leadId = after.id as string
      const context = { org, leadId, user, created: at, updated: at }
      const change = leadStatusChange(data.random.id('acti'), context, from, status)
      data.children(leadId).activities.push(data.activities.add(draftOf(change)).id)
      log(activityEventType(change), 'created', change, at)
    }
    return after
  }

  const addLead: LeadMutations['addLead'] = (fields = {}, at = clock.tick()) => {
    const random = createRandom(data.seed, 'added', leads.version, at)
    const options = { org, endsAt: at, activities: data.liveliness }
    const family = createFamily(random, options, { created: at, updated: at })
    const lead = { ...family.lead.record, ...fields }
    data.adopt({ ...family, lead: draftOf(lead) })
    log('lead', 'created', lead, at)
    for (const kind of CHILD_KINDS) {
      for (const { record } of family[kind]) log(eventType(kind, record), 'created', record, at)
    }
    return lead
  }

  const deleteLead: LeadMutations['deleteLead'] = (id, at = clock.tick()) => {
    const lead = requireRecord(leads, id ?? chooseId(data.random, leads))
    const leadId = lead.id as string
    for (const kind of CHILD_KINDS) {
      for (const childId of data.children(leadId)[kind]) {
        const child = requireRecord(data[kind], childId)
        log(eventType(kind, child), 'deleted', child, at, { previous: child })
      }
    }
    data.abandon(leadId)
    log('lead', 'deleted', lead, at, {
      previous: lead,
      meta: { request_path: `/api/v1/lead/${leadId}/` },
    })
    return lead
  }

  const mergeLeads: LeadMutations['mergeLeads'] = (source, destination) => {
    const from = requireRecord(leads, source ?? chooseId(data.random, leads))
    const into = requireRecord(
      leads,
      destination ?? chooseId(data.random, leads, from.id as string),
    )
    if (from.id === into.id) throw new RangeError(`lead ${from.id as string} merged into itself`)
    const at = clock.tick()
    const [fromId, intoId] = [from.id as string, into.id as string]
    for (const kind of CHILD_KINDS) {
      for (const id of data.children(fromId)[kind].splice(0)) {
        const before = requireRecord(data[kind], id)
        const moved = data[kind].update(id, {
          lead_id: intoId,
          ...('lead_name' in before ? { lead_name: into.display_name! } : {}),
        })
        data.children(intoId)[kind].push(id)
        log(eventType(kind, moved), 'updated', moved, at, { previous: { lead_id: fromId } })
      }
    }
    data.abandon(fromId)
    const after = leads.update(intoId, { date_updated: instant(at) })
    const meta = {
      request_path: '/api/v1/lead/merge/',
      merge_source_lead_id: fromId,
      merge_destination_lead_id: intoId,
    }
    // Only this tells that the source is gone: there is no event of its deletion.
    log('lead', 'merged', after, at, { meta })
    return after
  }

  return { editLead, addLead, deleteLead, mergeLeads }
}

function eventType(kind: ChildKind, record: JsonRecord): string {
  if (kind === 'contacts') return 'contact'
  if (kind === 'opportunities') return 'opportunity'
  return kind === 'tasks' ? taskEventType(record) : activityEventType(record)
}

/** Some text that is not the one there is now: an edit that changes nothing would prove nothing. */
function newText(random: Random, current: string): string {
  return `${random.pick(SENTENCES)} (${current.length + random.int(1000)})`
}
