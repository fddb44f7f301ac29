import type { JsonRecord } from '../../core/json.ts'
import { Collection } from '../data/collection.ts'
import { draftOf } from '../data/draft.ts'
import type { Org } from '../data/org.ts'
import type { World } from '../data/world.ts'
import { jsonReply, type ApiRequest } from '../server/http.ts'
import type { Route } from '../server/router.ts'
import type { CloseApi } from './api.ts'
import { UNKNOWN_ORDER, fieldError, notFound } from './errors.ts'
import { PLAIN, project, serveOne, servePage, toEntries } from './list.ts'

const MAX_LIMIT = 1000

/** What exists once per organization: who is asking, users, statuses, pipelines and the definitions of custom fields. */
export function orgRoutes({ world, skip }: CloseApi): Route[] {
  const { org } = world
  const list = (path: string, records: readonly JsonRecord[], maxLimit = MAX_LIMIT): Route => {
    const entries = toEntries(records)
    return {
      method: 'GET',
      path,
      handle: (request) => servePage(request, { entries, shape: PLAIN, maxLimit }, skip),
    }
  }
  const users = new Collection()
  for (const user of org.users) users.add(draftOf(user))
  const fields = customFields(org)
  return [
    { method: 'GET', path: '/me/', handle: () => jsonReply(me(world)) },
    {
      method: 'GET',
      path: '/organization/{id}/',
      handle: (request, { id }) => {
        if (id !== org.id) throw notFound('Organization')
        return jsonReply(onlyFields(request, organization(world)))
      },
    },
    {
      method: 'GET',
      path: '/user/',
      handle: (request) => {
        const order = request.query.get('_order_by') ?? 'date_created'
        if (!USER_ORDERS.has(order)) throw fieldError('_order_by', UNKNOWN_ORDER)
        const entries = users.list(order)
        return servePage(request, { entries, shape: PLAIN, maxLimit: MAX_LIMIT }, skip)
      },
    },
    {
      method: 'GET',
      path: '/user/{id}/',
      handle: (request, { id }) => {
        const entry = users.get(id!)
        if (!entry) throw notFound('User')
        return serveOne(request, entry, PLAIN)
      },
    },
    list('/status/lead/', org.leadStatuses),
    list('/status/opportunity/', org.opportunityStatuses),
    list('/pipeline/', org.pipelines),
    ...Object.entries(fields).flatMap(([kind, records]) => [
      list(`/custom_field/${kind}/`, records),
      // The path of before the rename still answers.
      list(`/custom_fields/${kind}/`, records),
    ]),
    ...Object.entries(fields).map(([kind, records]): Route => ({
      method: 'GET',
      path: `/custom_field_schema/${kind}/`,
      handle: () => jsonReply({ fields: records.map((field) => ({ ...field, required: false })) }),
    })),
  ]
}

const USER_ORDERS: ReadonlySet<string> = new Set(
  ['date_created', 'email', 'first_name', 'last_name'].flatMap((field) => [field, `-${field}`]),
)

function customFields(org: Org): Readonly<Record<string, readonly JsonRecord[]>> {
  const records = (fields: object) =>
    Object.values(fields as Org['leadFields']).map(({ record }) => record)
  return {
    lead: records(org.leadFields),
    contact: records(org.contactFields),
    opportunity: records(org.opportunityFields),
    activity: [],
    shared: [],
    custom_object_type: [],
  }
}

function me({ org }: World): JsonRecord {
  return {
    ...org.users[0]!,
    organizations: [{ id: org.id, name: org.name }],
    memberships: [org.memberships[0]!],
    email_accounts: [],
    phone_numbers: [],
  }
}

/** The only place that tells of users who have left: the list of users holds current ones. */
function organization({ org }: World): JsonRecord {
  return {
    id: org.id,
    name: org.name,
    currency: 'EUR',
    memberships: [...org.memberships],
    inactive_memberships: [...org.inactiveMemberships],
    lead_statuses: [...org.leadStatuses],
    opportunity_statuses: [...org.opportunityStatuses],
    pipelines: [...org.pipelines],
    date_created: org.dateCreated,
    date_updated: org.dateCreated,
  }
}

function onlyFields({ query }: ApiRequest, record: JsonRecord): JsonRecord {
  const fields = query.get('_fields')
  return fields === null ? record : project(record, fields.split(','))
}
