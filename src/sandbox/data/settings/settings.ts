import type { JsonRecord } from '../../../core/json.ts'
import { Collection } from '../collection.ts'
import type { CustomField } from '../custom-fields.ts'
import type { CustomType } from '../custom-types.ts'
import { draftOf } from '../draft.ts'
import type { Org } from '../org.ts'
import { createRandom } from '../random.ts'
import { callingSettings } from './calling.ts'
import { jobSettings } from './jobs.ts'
import { createSettingMaker } from './maker.ts'
import { messageSettings } from './messages.ts'
import { peopleSettings } from './people.ts'
import { webSettings } from './web.ts'

/** The lists of what exists once per organization, each by the path it is served at. */
export type SettingPath = keyof ReturnType<typeof createRecords>

/** Every such list as it is now. */
export type Settings = Readonly<Record<SettingPath, Collection>>

export function createSettings(org: Org, seed: number): Settings {
  const lists = Object.entries(createRecords(org, seed)).map(([path, records]) => {
    const collection = new Collection()
    for (const record of records) collection.add(draftOf(record))
    return [path, collection] as const
  })
  return Object.fromEntries(lists) as Settings
}

function createRecords(org: Org, seed: number) {
  const maker = createSettingMaker(org, createRandom(seed, 'settings'))
  const jobs = jobSettings(maker)
  return {
    user: org.users,
    membership: [...org.memberships, ...org.inactiveMemberships],
    'status/lead': org.leadStatuses,
    'status/opportunity': org.opportunityStatuses,
    pipeline: org.pipelines,
    'custom_field/lead': records(org.leadFields),
    'custom_field/contact': records(org.contactFields),
    'custom_field/opportunity': records(org.opportunityFields),
    'custom_field/activity': org.activityTypes.flatMap(ownFields),
    'custom_field/custom_object_type': org.objectTypes.flatMap(ownFields),
    'custom_field/shared': records(org.sharedFields),
    custom_activity: org.activityTypes.map(({ record }) => record),
    custom_object_type: org.objectTypes.map(({ record }) => record),
    ...peopleSettings(maker),
    ...messageSettings(maker),
    ...jobs,
    ...callingSettings(maker, jobs.saved_search),
    ...webSettings(maker),
  } satisfies Record<string, readonly JsonRecord[]>
}

function records(fields: object): JsonRecord[] {
  return Object.values(fields as Readonly<Record<string, CustomField>>).map(({ record }) => record)
}

/** Shared fields are in a list of their own, whatever they are associated with. */
function ownFields({ fields }: CustomType): JsonRecord[] {
  return fields.map(({ record }) => record).filter((record) => record.is_shared !== true)
}
