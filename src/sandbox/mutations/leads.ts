import type { JsonRecord } from '../../core/json.ts'
import { leadStatusChange } from '../data/activity.ts'
import { Draft } from '../data/draft.ts'
import { childEventType } from '../data/event-types.ts'
import { createFamily, type Family } from '../data/family.ts'
import { createRandom, type Random } from '../data/random.ts'
import { instant } from '../data/times.ts'
import { SENTENCES } from '../data/words.ts'
import { CHILD_KINDS, type WorldData } from '../data/world-data.ts'
import { leadMerge } from '../data/younger-kinds.ts'
import { chooseId, chooseIds, requireRecord } from './choose.ts'
import { conform } from './conform.ts'
import { previousValues } from './previous-values.ts'
import { changeStamps, type Recorder } from './recorder.ts'

export interface LeadMutations {
  /**
   * Changes a lead's own fields (default: its description); a new `status_id` also writes the status change into its
   * history. `at` (milliseconds) makes several changes happen in the same millisecond.
   */
  editLead(id?: string, changes?: JsonRecord, at?: number): JsonRecord
  /** Edits so many leads (default: all) within one millisecond, as a bulk edit does; returns their ids. */
  touchLeads(count?: number): string[]
  /** Adds a lead with contacts and a history that begins now. */
  addLead(fields?: JsonRecord, at?: number): JsonRecord
  /** Deletes a lead and all that hangs on it; every deletion has an event. */
  deleteLead(id?: string, at?: number): JsonRecord
  /** Moves all that hangs on `source` to `destination`, bumping the destination only, and deletes `source`. */
  mergeLeads(source?: string, destination?: string): JsonRecord
}

export function leadMutations(data: WorldData, recorder: Recorder): LeadMutations {
  const { org, leads, clock, settings } = data
  const user = org.users[0]!
  const log = (action: string, lead: JsonRecord, at: number, more = {}) =>
    recorder.log('lead', action, lead, at, { leadId: lead.id as string, ...more })

  const editLead: LeadMutations['editLead'] = (id, changes, at = clock.tick()) => {
    const before = requireRecord(leads, id ?? chooseId(data.random, leads))
    const wanted = changes ?? { description: newText(data.random, before.description as string) }
    const full = { ...wanted, ...changeStamps(before, at, user) }
    const after = leads.replace(before.id as string, conform(settings, { ...before, ...full }))
    log('updated', after, at, { previous: previousValues(before, full) })
    if (after.status_id !== before.status_id) {
      const leadId = after.id as string
      const context = { org, leadId, user, created: at, updated: at }
      const [from, to] = [before, after].map(({ status_id, status_label }) => ({
        id: status_id!,
        label: status_label!,
      }))
      const change = leadStatusChange(data.random.id('acti'), context, from!, to!)
      recorder.attach('activities', change, at)
    }
    return after
  }

  const addLead: LeadMutations['addLead'] = (fields = {}, at = clock.tick()) => {
    const random = createRandom(data.seed, 'added', leads.version, at)
    const options = { org, endsAt: at, activities: data.liveliness, today: data.today() }
    const made = createFamily(random, options, { created: at, updated: at })
    const family = conformingFamily(data, made, fields)
    data.adopt(family)
    const lead = family.lead.record
    log('created', lead, at)
    for (const kind of CHILD_KINDS) {
      for (const { record } of family[kind]) {
        recorder.log(childEventType(kind, record), 'created', record, at)
      }
    }
    return lead
  }

  const deleteLead: LeadMutations['deleteLead'] = (id, at = clock.tick()) => {
    const lead = requireRecord(leads, id ?? chooseId(data.random, leads))
    const leadId = lead.id as string
    for (const kind of CHILD_KINDS) {
      for (const childId of data.children(leadId)[kind]) {
        const child = requireRecord(data[kind], childId)
        recorder.log(childEventType(kind, child), 'deleted', child, at, { previous: child })
      }
    }
    data.abandon(leadId)
    log('deleted', lead, at, {
      previous: lead,
      meta: { request_path: `/api/v1/lead/${leadId}/` },
    })
    return lead
  }

  const mergeLeads: LeadMutations['mergeLeads'] = (source, destination) => {
    const from = requireRecord(leads, source ?? chooseId(data.random, leads))
    const into = requireRecord(
      leads,
      destination ?? chooseId(data.random, leads, ({ id }) => id !== from.id),
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
        const previous = { lead_id: fromId }
        recorder.log(childEventType(kind, moved), 'updated', moved, at, { previous })
      }
    }
    data.abandon(fromId)
    if (data.today()) {
      const context = { org, leadId: intoId, user, created: at, updated: at }
      const merge = leadMerge(data.random.id('acti'), context, from, into)
      recorder.attach('activities', merge, at)
    }
    const after = leads.update(intoId, { date_updated: instant(at) })
    const meta = {
      request_path: '/api/v1/lead/merge/',
      merge_source_lead_id: fromId,
      merge_destination_lead_id: intoId,
    }
    // Only this tells that the source is gone: there is no event of its deletion.
    log('merged', after, at, { meta })
    return after
  }

  const touchLeads: LeadMutations['touchLeads'] = (count = leads.size) => {
    const at = clock.tick()
    const ids = chooseIds(data.random, leads, count)
    for (const id of ids) editLead(id, undefined, at)
    return ids
  }

  return { editLead, touchLeads, addLead, deleteLead, mergeLeads }
}

/** The drafts of a family that comes in now, made up from settings that may have changed since. */
function conformingFamily(data: WorldData, family: Family, fields: JsonRecord): Family {
  const conforming = (draft: Draft, more: JsonRecord = {}) =>
    new Draft(draft.id, draft, () => conform(data.settings, { ...draft.record, ...more }))
  const [opportunities, contacts, activities, customObjects] = (
    ['opportunities', 'contacts', 'activities', 'customObjects'] as const
  ).map((kind) => family[kind].map((draft) => conforming(draft)))
  return {
    ...family,
    lead: conforming(family.lead, fields),
    opportunities: opportunities!,
    contacts: contacts!,
    activities: activities!,
    customObjects: customObjects!,
  }
}

/** Some text that is not the one there is now: an edit that changes nothing would prove nothing. */
function newText(random: Random, current: string): string {
  return `${random.pick(SENTENCES)} (${current.length + random.int(1000)})`
}
