import type { Random } from '../data/random.ts'
import { DAY, SECOND } from '../data/times.ts'
import { FIRST_NAMES, LAST_NAMES } from '../data/words.ts'
import type { Email, Lead, Phone } from './rows.ts'
import {
  CITIES,
  EXTENSIONS,
  NASTY_CUSTOM_DATA,
  NASTY_LEAD_NAMES,
  NASTY_PHONE_NUMBERS,
  ORIGINS,
} from './words.ts'

const HOUR = 3600 * SECOND
/** How far back the first lead goes. */
const OLDEST_DAYS = 1000

/** Everything about a lead that is made up together. */
export interface LeadDraft {
  readonly lead: Omit<Lead, 'id' | 'phone_id' | 'email_id'>
  readonly phone: Omit<Phone, 'id'> | null
  readonly email: Omit<Email, 'id'> | null
}

/** The lead at an index: mostly an ordinary one, but each kind of trouble comes round. */
export function draftLead(random: Random, index: number, endsAt: number): LeadDraft {
  const at = endsAt - SECOND - Math.floor(random.next() * OLDEST_DAYS * DAY)
  return {
    lead: {
      name: index % 6 === 4 ? cycle(NASTY_LEAD_NAMES, index / 6) : leadName(random),
      city_id: random.chance(0.2) ? null : random.pick(CITIES).id,
      custom_data: index % 5 === 2 ? cycle(NASTY_CUSTOM_DATA, index / 5) : customData(random),
      // Some clock was wrong: these leads come from the future.
      creation_date: writtenAt(random, index % 20 === 13 ? endsAt + 40 * DAY : at),
    },
    phone: random.chance(0.15) ? null : draftPhone(random, at),
    email: random.chance(0.1) ? null : draftEmail(random, index, at),
  }
}

export function draftPhone(random: Random, at: number): Omit<Phone, 'id'> {
  const ordinary = `9${random.int(4)}${1_000_000 + random.int(9_000_000)}`
  return {
    extension: random.pick(EXTENSIONS),
    number: random.chance(0.2) ? random.pick(NASTY_PHONE_NUMBERS) : ordinary,
    is_valid: random.pick([1, 0, true, false]),
    date_add: writtenAt(random, at),
  }
}

export function draftEmail(random: Random, index: number, at: number): Omit<Email, 'id'> {
  return {
    email: `${random.chance(0.2) ? 'x+tag' : 'mail'}${index}@mail.example`,
    status: random.pick([1, 1, 1, 0, 2]),
    register_date: writtenAt(random, at),
  }
}

export function customData(random: Random): string | null {
  if (random.chance(0.4)) return null
  const nif = String(random.int(600_000_000)).padStart(9, '0')
  return JSON.stringify({ nif, origem: random.pick(ORIGINS), visitas: random.int(20) })
}

function leadName(random: Random): string | null {
  return random.chance(0.1) ? null : `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`
}

/** `2018-01-01T10:00:00+00:00`, or the same instant as a Lisbon clock in summer shows it. */
function writtenAt(random: Random, at: number): string {
  const hours = random.chance(0.3) ? 1 : 0
  return `${new Date(at + hours * HOUR).toISOString().slice(0, 19)}+0${hours}:00`
}

function cycle<T>(list: readonly T[], turn: number): T {
  return list[Math.floor(turn) % list.length] as T
}
