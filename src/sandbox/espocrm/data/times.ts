import type { Random } from '../../data/random.ts'
import { DAY, SECOND } from '../../data/times.ts'

/** `2025-06-01 10:00:05`: every instant, UTC without saying so, in whole seconds. */
export function dateTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

export interface Times {
  readonly created: number
  /** Null for a row that was put into the database behind the service's back. */
  readonly modified: number | null
}

/** A mass update this long before the data ends touched a quarter of all records within one second. */
const MASS_UPDATE_DAYS = 45
const MASS_UPDATE_SHARE = 0.25
/** Imports: many records created in the same second. */
const IMPORT_DAYS = [3, 20, 200] as const
const IMPORT_SHARE = 0.1
const UNSTAMPED_EVERY = 40

/** When a record came to be and last changed, recent changes being the likelier. */
export function makeTimes(random: Random, index: number, endsAt: number): Times {
  const imported = endsAt - random.pick(IMPORT_DAYS) * DAY - 17 * SECOND
  const created = random.chance(IMPORT_SHARE)
    ? imported
    : endsAt - SECOND - Math.floor(random.next() ** 1.3 * 900 * DAY)
  const massUpdate = endsAt - MASS_UPDATE_DAYS * DAY - 30 * SECOND
  if (index % UNSTAMPED_EVERY === 17) return { created, modified: null }
  if (created < massUpdate && random.chance(MASS_UPDATE_SHARE * 1.5))
    return { created, modified: massUpdate }
  if (random.chance(0.15)) return { created, modified: created }
  const span = endsAt - SECOND - created
  return { created, modified: created + Math.floor(span * random.next() ** 0.8) }
}
