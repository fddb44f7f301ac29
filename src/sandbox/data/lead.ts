import type { JsonRecord } from '../../core/json.ts'
import { REGIONS } from './custom-types.ts'
import type { Times } from './draft.ts'
import { TAGS, TIERS, stamps, type Org } from './org.ts'
import { createRandom, type Random } from './random.ts'
import { DAY, day, instant } from './times.ts'
import { CITIES, SENTENCES, STREETS, companyName } from './words.ts'

/** Instants of bulk edits and imports, days before the data ends: many objects share the very millisecond. */
const BULK_DAYS = [2, 9, 45, 120, 400] as const
const BULK_SHARE = 0.06

/** When a lead came in and when it was last changed; recent changes are the likelier. */
export function leadTimes(random: Random, endsAt: number): Times {
  const bulk = BULK_DAYS.map((days) => endsAt - days * DAY - 12_345_750)
  let created = endsAt - 1000 - Math.floor(random.next() ** 1.3 * 1100 * DAY)
  if (random.chance(BULK_SHARE)) created = random.pick(bulk)
  let updated = created + 20 + Math.floor((endsAt - 20 - created) * random.next() ** 0.8)
  const edited = random.chance(BULK_SHARE) ? random.pick(bulk) : 0
  if (edited > created) updated = edited
  if (random.chance(0.1)) updated = created
  return { created, updated }
}

/** A lead's own fields; what it embeds is added when it is served. */
export function createLead(
  id: string,
  options: { org: Org; name?: string | undefined; today?: object | undefined },
  times: Times,
): JsonRecord {
  const { org, name = companyName(createRandom(id, 'name')), today } = options
  const random = createRandom(id)
  const status = random.pick(org.leadStatuses)
  const author = random.chance(0.15) ? null : random.pick(org.users)
  return {
    id,
    organization_id: org.id,
    display_name: name === '' ? 'Untitled' : name,
    name,
    description: random.chance(0.3)
      ? random.pick(SENTENCES)
      : random.chance(0.5)
        ? ''
        : 'Line one\nLine two',
    url: random.chance(0.4) ? null : `https://${id.slice(5, 13).toLowerCase()}.example`,
    html_url: `https://app.close.com/lead/${id}/`,
    status_id: status.id!,
    status_label: status.label!,
    addresses: random.chance(0.9) ? [address(random)] : [],
    integration_links: [],
    ...customValues(random, org, times.created, today && createRandom(id, 'values')),
    date_created: instant(times.created),
    date_updated: instant(times.updated),
    ...stamps(author),
  }
}

function address(random: Random): JsonRecord {
  const place = random.pick(CITIES)
  const street = { address_1: random.pick(STREETS), address_2: random.chance(0.2) ? 'Room 3' : '' }
  return { label: random.chance(0.8) ? 'business' : 'mailing', ...street, ...place }
}

/**
 * Custom values twice over, as Close sends them: flat keys by field id, with a literal dot, and the deprecated
 * `custom` object by field name. A field without a value is absent, not null.
 */
function customValues(
  random: Random,
  org: Org,
  created: number,
  younger: Random | undefined,
): JsonRecord {
  const { tier, seats, tags, renewal, owner, details, legacy } = org.leadFields
  const values: [{ id: string; name: string }, JsonRecord[string]][] = []
  if (random.chance(0.7)) values.push([tier, random.pick(TIERS)])
  // Mostly whole, sometimes not: the column has to hold both.
  if (random.chance(0.4)) values.push([seats, random.chance(0.1) ? 7.5 : random.int(500)])
  if (random.chance(0.5)) {
    const first = random.int(TAGS.length)
    values.push([tags, Array.from({ length: 1 + random.int(3) }, (_, i) => TAGS[(first + i) % 5]!)])
  }
  if (random.chance(0.2)) values.push([renewal, day(created + 365 * DAY)])
  if (random.chance(0.2)) values.push([owner, random.pick(org.users).id!])
  if (random.chance(0.1)) values.push([details, random.pick(SENTENCES)])
  if (random.chance(0.05)) values.push([legacy, 'kept under its old id'])
  if (younger?.chance(0.4)) values.push([org.sharedFields.region, younger.pick(REGIONS)])
  const record: JsonRecord = {
    custom: Object.fromEntries(values.map(([field, value]) => [field.name, value])),
  }
  for (const [field, value] of values) record[`custom.${field.id}`] = value
  return record
}
