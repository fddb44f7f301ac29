import type { JsonRecord } from '../../core/json.ts'
import { createRandom, type Random } from './random.ts'
import { DAY, MINUTE, naiveInstant } from './times.ts'

/** Events older than this can no longer be read. */
export const EVENT_RETENTION_MS = 30 * DAY
/** Updates of one object by one user in quick succession become one event. */
export const CONSOLIDATION_MS = MINUTE

/** What happened to one object. */
export interface Happening {
  readonly objectType: string
  readonly action: string
  readonly object: JsonRecord
  readonly leadId: string | null
  readonly userId: string | null
  /** Milliseconds since the epoch. */
  readonly at: number
  /** The changed fields as they were, for `updated`; the object as it was, for `deleted`. */
  readonly previous?: JsonRecord
  readonly meta?: JsonRecord
}

export interface LoggedEvent {
  readonly id: string
  /** Position among events of the same millisecond: the later has the greater. */
  readonly sequence: number
  readonly updatedAt: number
  readonly record: JsonRecord
}

/** Every change of every object, the latest first, as `/event/` tells it. */
export class EventLog {
  readonly #events = new Map<string, LoggedEvent>()
  readonly #lastUpdate = new Map<string, LoggedEvent>()
  readonly #random: Random
  readonly #orgId: string
  #history: (() => readonly Happening[]) | undefined
  #sequence = 0
  #latestFirst: readonly LoggedEvent[] | undefined

  /** `history` is what happened before, the oldest first; it is written when the log is first looked at. */
  constructor(seed: number, orgId: string, history: () => readonly Happening[]) {
    this.#random = createRandom(seed, 'events')
    this.#orgId = orgId
    this.#history = history
  }

  get size(): number {
    this.#begin()
    return this.#events.size
  }

  get(id: string): LoggedEvent | undefined {
    this.#begin()
    return this.#events.get(id)
  }

  /** All events, the latest first. */
  list(): readonly LoggedEvent[] {
    this.#begin()
    this.#latestFirst ??= [...this.#events.values()].sort(
      (a, b) => b.updatedAt - a.updatedAt || b.sequence - a.sequence,
    )
    return this.#latestFirst
  }

  /**
   * Writes an event, or grows the last one about the object when both are quick updates: its id and `date_created` stay,
   * `date_updated`, `data` and `changed_fields` are the new ones, `previous_data` keeps what was there first.
   */
  add(happening: Happening): LoggedEvent {
    this.#begin()
    const id = happening.object.id as string
    const last = this.#lastUpdate.get(id)
    this.#latestFirst = undefined
    const quick = last !== undefined && happening.at - last.updatedAt <= CONSOLIDATION_MS
    const event =
      happening.action === 'updated' && quick && last.record.user_id === happening.userId
        ? this.#consolidated(last, happening)
        : this.#fresh(happening)
    this.#events.set(event.id, event)
    if (happening.action === 'updated') this.#lastUpdate.set(id, event)
    else this.#lastUpdate.delete(id)
    return event
  }

  #begin(): void {
    const history = this.#history
    if (!history) return
    this.#history = undefined
    for (const happening of history()) this.add(happening)
  }

  #fresh({
    objectType,
    action,
    object,
    leadId,
    userId,
    at,
    previous,
    meta,
  }: Happening): LoggedEvent {
    const id = this.#random.id('ev', 22)
    const date = naiveInstant(at)
    const record = {
      id,
      organization_id: this.#orgId,
      user_id: userId,
      request_id: this.#random.id('req', 22),
      api_key_id: null,
      oauth_client_id: null,
      oauth_scope: null,
      object_type: objectType,
      object_id: object.id!,
      lead_id: leadId,
      action,
      changed_fields: action === 'updated' ? Object.keys(previous ?? {}) : [],
      meta: { request_method: METHODS[action] ?? 'PUT', ...meta },
      data: action === 'deleted' ? {} : object,
      previous_data: previous ?? {},
      date_created: date,
      date_updated: date,
    }
    return { id, sequence: this.#sequence++, updatedAt: at, record }
  }

  #consolidated(last: LoggedEvent, { object, at, previous }: Happening): LoggedEvent {
    const before = { ...previous, ...(last.record.previous_data as JsonRecord) }
    const record = {
      ...last.record,
      changed_fields: Object.keys(before),
      data: object,
      previous_data: before,
      date_updated: naiveInstant(at),
    }
    return { id: last.id, sequence: this.#sequence++, updatedAt: at, record }
  }
}

const METHODS: Readonly<Record<string, string>> = {
  created: 'POST',
  deleted: 'DELETE',
  merged: 'POST',
}
