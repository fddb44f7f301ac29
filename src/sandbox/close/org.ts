import type { JsonRecord } from '../../core/json.ts'
import { settingRecords } from '../data/lists.ts'
import type { World } from '../data/world.ts'
import { jsonReply, type ApiRequest } from '../server/http.ts'
import type { Route } from '../server/router.ts'
import type { CloseApi } from './api.ts'
import { UNKNOWN_ORDER, fieldError, notFound } from './errors.ts'
import { PLAIN, project, serveOne, servePage } from './list.ts'
import { settingRoutes } from './setting-lists.ts'

const MAX_LIMIT = 1000

/** What exists once per organization: who is asking, the organization itself, users, statuses and pipelines. */
export function orgRoutes(api: CloseApi): Route[] {
  const { world, skip } = api
  const { org } = world
  const users = world.settings.user
  return [
    { method: 'GET', path: '/me/', handle: (request) => jsonReply(onlyFields(request, me(world))) },
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
        const entries = users.list(...order.split(','))
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
    ...settingRoutes(api, { path: 'status/lead', paging: 'whole' }),
    ...settingRoutes(api, { path: 'status/opportunity', paging: 'whole' }),
    ...settingRoutes(api, { path: 'pipeline', paging: 'whole' }),
  ]
}

const USER_ORDERS: ReadonlySet<string> = new Set([
  ...['date_created', 'email', 'first_name', 'last_name'].flatMap((field) => [field, `-${field}`]),
  'first_name,last_name',
  'last_name,first_name',
])

function me(world: World): JsonRecord {
  const { org, settings } = world
  const user = settings.user.get(org.users[0]!.id as string)!.record
  const own = (path: 'membership' | 'connected_account' | 'phone_number') =>
    settingRecords(world, path).filter(({ user_id: id }) => id === user.id)
  return {
    ...user,
    organizations: [{ id: org.id, name: org.name }],
    memberships: own('membership'),
    email_accounts: own('connected_account').filter(({ _type }) => _type !== 'zoom'),
    phone_numbers: own('phone_number'),
  }
}

/** The only place that tells of users who have left: the list of users holds current ones. */
function organization(world: World): JsonRecord {
  const { org } = world
  const memberships = settingRecords(world, 'membership')
  const list = (path: 'status/lead' | 'status/opportunity' | 'pipeline') => [
    ...settingRecords(world, path),
  ]
  return {
    id: org.id,
    name: org.name,
    currency: 'EUR',
    memberships: memberships.filter(({ is_active: active }) => active === true),
    inactive_memberships: memberships.filter(({ is_active: active }) => active !== true),
    lead_statuses: list('status/lead'),
    opportunity_statuses: list('status/opportunity'),
    pipelines: list('pipeline'),
    date_created: org.dateCreated,
    date_updated: org.dateCreated,
  }
}

function onlyFields({ query }: ApiRequest, record: JsonRecord): JsonRecord {
  const fields = query.get('_fields')
  return fields === null ? record : project(record, fields.split(','))
}
