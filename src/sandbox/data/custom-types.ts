import type { JsonRecord } from '../../core/json.ts'
import { createFieldMaker, type CustomField, type FieldMaker } from './custom-fields.ts'
import { createRandom } from './random.ts'
import { naiveInstant } from './times.ts'

/** A kind of activities or objects that the organization has defined, and what can be said about them. */
export interface CustomType {
  readonly id: string
  readonly record: JsonRecord
  /** Its own fields and the shared ones that are associated with it. */
  readonly fields: readonly CustomField[]
}

export interface CustomTypes {
  readonly activityTypes: readonly CustomType[]
  readonly objectTypes: readonly CustomType[]
  readonly contactFields: { readonly birthday: CustomField; readonly topics: CustomField }
  readonly opportunityFields: { readonly products: CustomField; readonly sponsor: CustomField }
  readonly sharedFields: { readonly region: CustomField; readonly consent: CustomField }
}

export const REGIONS = ['EMEA', 'Americas', 'APAC'] as const
const PRODUCTS = ['Starter', 'Team', 'On-premises', 'Support, 24/7'] as const
const TOPICS = ['pricing', 'security', 'roadmap'] as const

/** The types of custom activities and objects, and the younger custom fields of everything else. */
export function createCustomTypes(
  seed: number,
  { founded, stamps }: { founded: number; stamps: JsonRecord },
): CustomTypes {
  const random = createRandom(seed, 'custom types')
  const field = createFieldMaker(random, stamps)
  const base = typeBase(stamps, founded)
  const activityIds = ['Onboarding call', 'Site visit', 'API event'].map((name) => ({
    id: random.id('actitype', 22),
    name,
  }))
  const objectIds = ['Contract', 'Device'].map((name) => ({ id: random.id('cotype', 22), name }))
  const [onboarding, visit, event] = activityIds as [TypeId, TypeId, TypeId]
  const [contract, device] = objectIds as [TypeId, TypeId]
  const sharedFields = createSharedFields(field, visit.id, contract.id)
  const ofActivity = (id: string) => ({ custom_activity_type_id: id, required: false })
  const ofObject = (id: string) => ({ custom_object_type_id: id, required: false })
  const people = { ...ofActivity(onboarding.id), accepts_multiple_values: true }
  return {
    activityTypes: [
      activityType(onboarding, base, [
        field('Topic', 'text', { ...ofActivity(onboarding.id), required: true }),
        field('Rating', 'number', ofActivity(onboarding.id)),
        field('Attendees', 'user', people),
      ]),
      activityType(visit, base, [
        field('Visited at', 'datetime', ofActivity(visit.id)),
        field('Seen', 'contact', ofActivity(visit.id)),
        sharedFields.region,
      ]),
      activityType(event, { ...base, api_create_only: true }, []),
    ],
    objectTypes: [
      objectType(contract, base, [
        field('Number', 'text', { ...ofObject(contract.id), required: true }),
        field('Starts on', 'date', ofObject(contract.id)),
        field('Modules', 'choices', {
          ...ofObject(contract.id),
          choices: [...PRODUCTS],
          accepts_multiple_values: true,
        }),
        field('Signed by', 'contact', ofObject(contract.id)),
        sharedFields.region,
      ]),
      objectType(device, base, [
        field('Serial / no.', 'text', ofObject(device.id)),
        field('Covered by', 'custom_object', {
          ...ofObject(device.id),
          referenced_custom_type_id: contract.id,
          back_reference_is_visible: true,
        }),
      ]),
    ],
    contactFields: {
      birthday: field('Birthday', 'date'),
      topics: field('Topics', 'choices', { choices: [...TOPICS], accepts_multiple_values: true }),
    },
    opportunityFields: {
      products: field('Products', 'choices', {
        choices: [...PRODUCTS],
        accepts_multiple_values: true,
      }),
      sponsor: field('Sponsor', 'contact'),
    },
    sharedFields,
  }
}

interface TypeId {
  readonly id: string
  readonly name: string
}

function typeBase(stamps: JsonRecord, founded: number): JsonRecord {
  const { organization_id, created_by, updated_by } = stamps
  return {
    description: null,
    api_create_only: false,
    editable_with_roles: [],
    organization_id: organization_id!,
    created_by: created_by!,
    updated_by: updated_by!,
    // Types are among the objects whose times are UTC without saying so.
    date_created: naiveInstant(founded),
    date_updated: naiveInstant(founded),
  }
}

function activityType(
  { id, name }: TypeId,
  base: JsonRecord,
  fields: readonly CustomField[],
): CustomType {
  return { id, record: { id, name, is_archived: false, ...base }, fields }
}

function objectType(
  { id, name }: TypeId,
  base: JsonRecord,
  fields: readonly CustomField[],
): CustomType {
  return { id, record: { id, name, name_plural: `${name}s`, ...base }, fields }
}

function createSharedFields(
  field: FieldMaker,
  activityTypeId: string,
  objectTypeId: string,
): CustomTypes['sharedFields'] {
  const rights = { editable_with_roles: [], required: false }
  const associated = (object_type: string, more: JsonRecord = {}) => ({
    object_type,
    ...more,
    ...rights,
  })
  return {
    region: field('Region', 'choices', {
      is_shared: true,
      choices: [...REGIONS],
      associations: [
        associated('lead'),
        associated('contact'),
        associated('opportunity'),
        associated('custom_activity_type', { custom_activity_type_id: activityTypeId }),
        associated('custom_object_type', { custom_object_type_id: objectTypeId }),
      ],
    }),
    consent: field('Consent given', 'choices', {
      is_shared: true,
      choices: ['Yes', 'No'],
      associations: [associated('contact')],
    }),
  }
}
