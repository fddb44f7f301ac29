import type { JsonRecord } from '../../core/json.ts'
import type { Times } from './draft.ts'
import type { Org } from './org.ts'
import { someValues } from './custom-fields.ts'
import { createRandom, type Random } from './random.ts'
import { instant } from './times.ts'
import { FIRST_NAMES, LAST_NAMES, TITLES, phoneNumber } from './words.ts'

export function createContact(id: string, org: Org, leadId: string, times: Times): JsonRecord {
  const random = createRandom(id)
  // Some contacts are just a number or an address that nobody has named yet.
  const name = random.chance(0.06) ? null : `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`
  const author = random.pick(org.users).id!
  const host = `${leadId.slice(5, 11).toLowerCase()}.example`
  return {
    id,
    lead_id: leadId,
    organization_id: org.id,
    name,
    display_name: name ?? '(unnamed)',
    title: random.chance(0.2) ? null : random.chance(0.1) ? '' : random.pick(TITLES),
    emails: listOf(random, [1, 2], (i) => ({
      email: i === 0 ? `info@${host}` : `${id.slice(5, 10).toLowerCase()}+tag@mail.example`,
      type: i === 0 ? 'office' : 'home',
      is_unsubscribed: random.chance(0.05),
    })),
    phones: listOf(random, [1, 2], (i) => ({
      ...phoneNumber(random),
      type: i === 0 ? 'office' : 'mobile',
      country: random.chance(0.1) ? null : 'DE',
    })),
    urls: random.chance(0.2)
      ? [{ url: `https://social.example/${id.slice(5, 12)}`, type: 'url' }]
      : [],
    timezone: random.chance(0.5) ? 'Europe/Berlin' : null,
    timezone_source: null,
    integration_links: [],
    ...(random.chance(0.3) ? { [`custom.${org.contactFields.language.id}`]: 'de' } : {}),
    ...youngerValues(id, org, times),
    date_created: instant(times.created),
    date_updated: instant(times.updated),
    created_by: author,
    updated_by: random.chance(0.2) ? null : author,
  }
}

function youngerValues(id: string, org: Org, { created }: Times): JsonRecord {
  const { birthday, topics } = org.contactFields
  const { region, consent } = org.sharedFields
  const context = { users: org.users, contactId: null, created }
  return someValues(createRandom(id, 'values'), [birthday, topics, region, consent], context)
}

/** Mostly `usual[0]` or `usual[1]` items, at times none. */
function listOf(
  random: Random,
  usual: readonly [number, number],
  item: (index: number) => JsonRecord,
): JsonRecord[] {
  const length = random.chance(0.08) ? 0 : random.pick(usual)
  return Array.from({ length }, (_, i) => item(i))
}
