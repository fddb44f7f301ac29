import { compareKeys, parseSort, sortKey, type Collection, type Entry } from '../data/collection.ts'
import { ACTIVITY_LISTS } from '../data/lists.ts'
import type { World } from '../data/world.ts'
import type { ApiRequest } from '../server/http.ts'
import type { Route } from '../server/router.ts'
import type { CloseApi } from './api.ts'
import { fieldError, notFound } from './errors.ts'
import { dateRange, matching, oneOf, type Filter } from './filters.ts'
import { serveOne, servePage } from './list.ts'

const MAX_LIMIT = 100

const BY_DATE = [oneOf('id'), oneOf('lead_id'), dateRange('date_created', { precision: 'second' })]
const BY_PERSON = [oneOf('user_id'), oneOf('contact_id')]

/** Filters of the list of all kinds that work only together with `lead_id`. */
const OF_ONE_LEAD = [...BY_PERSON, oneOf('_type'), dateRange('activity_at')]
const NEEDS_LEAD = /^(?:user_id|contact_id|_type|activity_at)(?:__|$)/

/** What only one kind can be filtered by. */
const OWN_FILTERS: Readonly<Record<string, readonly Filter[]>> = {
  custom: [oneOf('custom_activity_type_id')],
  whatsapp_message: [oneOf('external_whatsapp_message_id')],
  form_submission: [oneOf('form_id')],
  'status_change/opportunity': [oneOf('opportunity_id')],
}

/**
 * `/activity/` and the lists of each kind, the newest first. They are filtered by `date_created`, in whole seconds, and by
 * nothing that tells of a later change.
 */
export function activityRoutes(api: CloseApi): Route[] {
  const { world } = api
  const kinds = Object.entries(ACTIVITY_LISTS).flatMap(([path, type]) =>
    kindRoutes(api, path, type),
  )
  return [
    {
      method: 'GET',
      path: '/activity/',
      handle: (request) => {
        const { query } = request
        const needsLead = [...query.keys()].find((name) => NEEDS_LEAD.test(name))
        const byActivity = query.get('_order_by') === '-activity_at'
        if ((needsLead !== undefined || byActivity) && !query.has('lead_id')) {
          throw fieldError('lead_id', 'This field is required.')
        }
        const list = (order: string) => withThreads(world, query.get('thread_emails'), order)
        return serve(api, request, list, [...BY_DATE, ...OF_ONE_LEAD])
      },
    },
    ...kinds,
  ]
}

/** All activities: emails each for itself, unless conversations are asked for beside them or in their place. */
function withThreads(world: World, wanted: string | null, order: string): readonly Entry[] {
  const emails = world.activities.list(order)
  if (wanted !== 'true' && wanted !== 'only') return emails
  const sorts = [parseSort(order)]
  const kept = wanted === 'only' ? emails.filter(({ record }) => record._type !== 'Email') : emails
  return [...kept, ...world.emailThreads.inOrder()].sort((a, b) =>
    compareKeys(sortKey(a, sorts), sortKey(b, sorts), sorts),
  )
}

function kindRoutes(api: CloseApi, path: string, type: string): Route[] {
  const { world } = api
  const collection: Collection = type === 'EmailThread' ? world.emailThreads : world.activities
  const ofType: Filter = () => (entry) => entry.record._type === type
  const own = OWN_FILTERS[path] ?? []
  const filters = [ofType, ...BY_DATE, ...BY_PERSON, ...own, dateRange('activity_at')]
  return [
    {
      method: 'GET',
      path: `/activity/${path}/`,
      handle: (request) => {
        const { query } = request
        if (query.has('custom_activity_type_id') && !query.has('lead_id')) {
          throw fieldError('lead_id', 'This field is required.')
        }
        return serve(api, request, (order) => collection.list(order), filters)
      },
    },
    {
      method: 'GET',
      path: `/activity/${path}/{id}/`,
      handle: (request, { id }) => {
        const entry = collection.get(id!)
        if (entry?.record._type !== type) throw notFound(type)
        return serveOne(request, entry, api.shapes.activity)
      },
    },
  ]
}

function serve(
  { world, shapes, skip }: CloseApi,
  request: ApiRequest,
  list: (order: string) => readonly Entry[],
  filters: readonly Filter[],
) {
  const order = request.query.get('_order_by') ?? '-date_created'
  if (order !== '-date_created' && order !== '-activity_at') {
    throw fieldError('_order_by', 'Value must be one of: -activity_at.')
  }
  const entries = matching(world, request, () => list(order), filters)
  return servePage(request, { entries, shape: shapes.activity, maxLimit: MAX_LIMIT }, skip)
}
