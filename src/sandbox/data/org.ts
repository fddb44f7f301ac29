import type { JsonRecord } from '../../core/json.ts'
import { createFieldMaker, type CustomField } from './custom-fields.ts'
import { createCustomTypes, type CustomTypes } from './custom-types.ts'
import { createRandom, type Random } from './random.ts'
import { DAY, instant, naiveInstant, shortInstant } from './times.ts'
import { FIRST_NAMES, LAST_NAMES } from './words.ts'

/** Everything that exists once per organization and that the other objects refer to. */
export interface Org {
  readonly id: string
  readonly name: string
  readonly dateCreated: string
  readonly users: readonly JsonRecord[]
  readonly memberships: readonly JsonRecord[]
  readonly inactiveMemberships: readonly JsonRecord[]
  readonly leadStatuses: readonly JsonRecord[]
  readonly opportunityStatuses: readonly JsonRecord[]
  readonly pipelines: readonly JsonRecord[]
  readonly leadFields: {
    readonly tier: CustomField
    readonly seats: CustomField
    readonly tags: CustomField
    readonly renewal: CustomField
    readonly owner: CustomField
    readonly details: CustomField
    readonly legacy: CustomField
  }
  readonly contactFields: { readonly language: CustomField } & CustomTypes['contactFields']
  readonly opportunityFields: {
    readonly competitor: CustomField
  } & CustomTypes['opportunityFields']
  readonly sharedFields: CustomTypes['sharedFields']
  readonly activityTypes: CustomTypes['activityTypes']
  readonly objectTypes: CustomTypes['objectTypes']
}

export const TIERS = ['Gold', 'Silver', 'Bronze'] as const
export const TAGS = ['eu', 'priority', 'partner', 'churn risk', 'näher dran'] as const
const USERS = 6

export function createOrg(seed: number, endsAt: number): Org {
  const random = createRandom(seed, 'org')
  const id = random.id('orga')
  const founded = endsAt - 1200 * DAY
  const users = Array.from({ length: USERS }, (_, i) => user(random, id, i, founded, endsAt))
  const leaver = user(random, id, USERS, founded, endsAt - 200 * DAY)
  const author = users[0]!.id!
  const stamps = { created_by: author, updated_by: author }
  const dates = {
    date_created: instant(founded + 31 * DAY),
    date_updated: instant(founded + 31 * DAY),
  }
  const field = createFieldMaker(random, { organization_id: id, ...dates, ...stamps })
  const types = createCustomTypes(seed, {
    founded,
    stamps: { organization_id: id, ...dates, ...stamps },
  })
  const pipelineId = random.id('pipe', 22)
  const opportunityStatuses = (
    [
      ['Demo Completed', 'active'],
      ['Proposal Sent', 'active'],
      ['Won', 'won'],
      ['Lost', 'lost'],
    ] as const
  ).map(([label, type]) => ({
    id: random.id('stat'),
    label,
    type,
    pipeline_id: pipelineId,
    organization_id: id,
  }))
  return {
    id,
    name: 'Acme "Sandbox" & Co',
    dateCreated: instant(founded),
    users,
    memberships: users.map((member) => membership(random, member, true)),
    inactiveMemberships: [membership(random, leaver, false)],
    leadStatuses: ['Potential', 'Qualified', 'Bad Fit', 'Customer'].map((label) => ({
      id: random.id('stat'),
      label,
      organization_id: id,
    })),
    opportunityStatuses,
    pipelines: [
      {
        id: pipelineId,
        organization_id: id,
        name: 'Sales',
        statuses: opportunityStatuses.map(({ id, label, type }) => ({ id, label, type })),
        ...stamps,
        // Pipelines are among the objects whose times are UTC without saying so.
        date_created: naiveInstant(founded).replace(/000$/, '417'),
        date_updated: naiveInstant(founded + 60 * DAY).replace(/000$/, '820'),
      },
    ],
    leadFields: {
      tier: field('Tier', 'choices', { choices: [...TIERS] }),
      seats: field('Seats', 'number'),
      tags: field('Tags / v2.0', 'choices', { choices: [...TAGS], accepts_multiple_values: true }),
      renewal: field('Renewal', 'date'),
      owner: field('Owner', 'user'),
      details: field('03. Details', 'textarea'),
      // Fields made before ids were unified keep their old prefix.
      legacy: field('Source (old)', 'text', {}, 'lcf'),
    },
    contactFields: { language: field('Language', 'text'), ...types.contactFields },
    opportunityFields: { competitor: field('Competitor', 'text'), ...types.opportunityFields },
    sharedFields: types.sharedFields,
    activityTypes: types.activityTypes,
    objectTypes: types.objectTypes,
  }
}

function user(random: Random, orgId: string, i: number, founded: number, seen: number): JsonRecord {
  const first = FIRST_NAMES[i]!
  return {
    id: random.id('user'),
    email: `user${i}@acme.example`,
    first_name: first,
    // One person goes by a single name.
    last_name: i === 1 ? '' : LAST_NAMES[i]!,
    image: `https://img.example/user${i}.png`,
    google_profile_image_url: null,
    organizations: [orgId],
    last_used_timezone: i % 3 === 1 ? null : 'Europe/Lisbon',
    email_verified_at: i % 3 === 1 ? null : shortInstant(founded + DAY),
    date_created: instant(founded + i * DAY),
    date_updated: instant(seen - random.int(20 * DAY)),
  }
}

function membership(random: Random, member: JsonRecord, active: boolean): JsonRecord {
  return {
    id: random.id('memb'),
    user_id: member.id!,
    user_first_name: member.first_name!,
    user_last_name: member.last_name!,
    user_email: member.email!,
    user_image: member.image!,
    role_id: active ? 'admin' : 'user',
    is_active: active,
    date_created: member.date_created!,
    date_updated: member.date_updated!,
  }
}

/** How a user is shown beside their id, in `user_name`, `created_by_name` and the like. */
export function userName(user: JsonRecord): string {
  return `${user.first_name as string} ${user.last_name as string}`.trim()
}

/** Who made and who last changed an object: nobody for what came in by import. */
export function stamps(author: JsonRecord | null): JsonRecord {
  const id = author ? author.id! : null
  const name = author ? userName(author) : null
  return { created_by: id, updated_by: id, created_by_name: name, updated_by_name: name }
}
