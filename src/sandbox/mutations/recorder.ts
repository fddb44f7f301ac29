import type { JsonRecord } from '../../core/json.ts'
import { draftOf } from '../data/draft.ts'
import type { Happening } from '../data/event-log.ts'
import { childEventType } from '../data/event-types.ts'
import { userName } from '../data/org.ts'
import { instant, naiveInstant } from '../data/times.ts'
import type { ChildKind, WorldData } from '../data/world-data.ts'
import { requireRecord } from './choose.ts'
import { previousValues } from './previous-values.ts'

/** What a change was: the record before and after it, and the values that it replaced. */
export interface Change {
  readonly before: JsonRecord
  readonly after: JsonRecord
  readonly previous: JsonRecord
}

/** Changes what hangs on leads, and writes down what has happened. */
export interface Recorder {
  /** Writes an event; a kind of objects without events has no `objectType`. */
  readonly log: (
    objectType: string | null,
    action: string,
    object: JsonRecord,
    at: number,
    more?: Partial<Happening>,
  ) => void
  /** Adds an object to its lead, with the event of its creation. */
  readonly attach: (kind: ChildKind, record: JsonRecord, at: number) => JsonRecord
  /** Changes an object and says when and by whom; the event is up to the caller. */
  readonly change: (kind: ChildKind, id: string, changes: JsonRecord, at: number) => Change
  /** Takes an object off its lead, with the event of its deletion. */
  readonly detach: (kind: ChildKind, id: string, at: number) => JsonRecord
  readonly bumpLead: (leadId: string, at: number) => void
}

/** The service touches a lead this long after the change of something on it that caused it. */
export const BUMP_DELAY_MS = 14

export function createRecorder(data: WorldData): Recorder {
  const { org, leads, events } = data
  const user = org.users[0]!
  const log: Recorder['log'] = (objectType, action, object, at, more) => {
    if (objectType === null) return
    const leadId = (object.lead_id ?? null) as string | null
    const userId = user.id as string
    events.add({ objectType, action, object, leadId, userId, at, ...more })
  }
  return {
    log,
    attach: (kind, record, at) => {
      const leadId = record.lead_id as string
      data.children(leadId)[kind].push(data[kind].add(draftOf(record)).id)
      // The lead embeds what hangs on it: its text is stale even where its date stays.
      leads.touch(leadId)
      log(childEventType(kind, record), 'created', record, at)
      return record
    },
    change: (kind, id, changes, at) => {
      const before = requireRecord(data[kind], id)
      const full = { ...changes, ...changeStamps(before, at, user) }
      const after = data[kind].update(id, full)
      leads.touch(after.lead_id as string)
      return { before, after, previous: previousValues(before, full) }
    },
    detach: (kind, id, at) => {
      const record = requireRecord(data[kind], id)
      const leadId = record.lead_id as string
      const siblings = data.children(leadId)[kind]
      siblings.splice(siblings.indexOf(id), 1)
      data[kind].remove(id)
      leads.touch(leadId)
      log(childEventType(kind, record), 'deleted', record, at, { previous: record })
      return record
    },
    bumpLead: (leadId, at) => {
      leads.update(leadId, { date_updated: instant(at + BUMP_DELAY_MS) })
    },
  }
}

/** When and by whom a record was changed, in the fields and the way of writing that its kind has for it. */
export function changeStamps(record: JsonRecord, at: number, user: JsonRecord): JsonRecord {
  const stamps: JsonRecord = {}
  const has = (field: string) => record[field] !== undefined
  if (has('date_updated')) {
    const offset = (record.date_updated as string).endsWith('+00:00')
    stamps.date_updated = offset ? instant(at) : naiveInstant(at)
  }
  if (has('updated_at')) stamps.updated_at = instant(at)
  if (has('updated_by')) stamps.updated_by = user.id!
  if (has('updated_by_id')) stamps.updated_by_id = user.id!
  if (has('updated_by_name')) stamps.updated_by_name = userName(user)
  return stamps
}
