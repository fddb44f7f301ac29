import type { JsonRecord } from '../../../core/json.ts'
import type { Random } from '../../data/random.ts'
import type { EntityName } from '../model/names.ts'
import type { Times } from './times.ts'

/** What a record is made up from. */
export interface Context extends Times {
  readonly random: Random
  /** Which of its kind it is; also what numbers are counted by. */
  readonly index: number
  readonly endsAt: number
  /** The id of some live record; null when there is none. */
  pick(entity: EntityName): string | null
}

/** A record as it is made up, without its id and stamps. */
export interface Made {
  readonly record: JsonRecord
  /** What it is linked to, by the name of the link. */
  readonly links?: Readonly<Record<string, readonly NewLink[]>>
}

export interface NewLink {
  readonly id: string | null
  readonly columns?: JsonRecord
}

export type Build = (context: Context) => Made

/** Some of a kind of records, none of them twice. */
export function pickSome(context: Context, entity: EntityName, most: number): string[] {
  const count = context.random.int(most + 1)
  const ids = Array.from({ length: count }, () => context.pick(entity))
  return [...new Set(ids)].filter((id) => id !== null)
}

const PARENTS = ['Account', 'Contact', 'Lead', 'Opportunity', 'Case'] as const

/** What a record is about: another record of one of several kinds, or nothing. */
export function pickParent(context: Context): JsonRecord {
  const { random } = context
  const type = random.chance(0.2) ? null : random.pick(PARENTS)
  const id = type && context.pick(type)
  return id === null ? { parentType: null, parentId: null } : { parentType: type, parentId: id }
}

/** Units of the default currency, EUR, that one unit of a currency is worth. */
const RATES = { EUR: 1, USD: 0.92, JPY: 0.0061 } as const

/** An amount of money in major units, and what it is in the default currency. */
export function money(random: Random, field: string, most: number): JsonRecord {
  const none = { [field]: null, [`${field}Currency`]: null, [`${field}Converted`]: null }
  if (random.chance(0.1)) return none
  const currency = random.pick(['EUR', 'EUR', 'USD', 'JPY'] as const)
  const amount = Math.round(random.next() * most * 100) / 100
  const converted = Math.round(amount * RATES[currency] * 100) / 100
  return { [field]: amount, [`${field}Currency`]: currency, [`${field}Converted`]: converted }
}
