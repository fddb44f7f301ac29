import type { Route } from '../server/router.ts'
import { TASK_TYPES } from '../data/task.ts'
import type { CloseApi } from './api.ts'
import { UNKNOWN_ORDER, fieldError, notFound } from './errors.ts'
import { dateRange, isTrue, matching, oneOf, type Filter } from './filters.ts'
import { serveOne, servePage } from './list.ts'
import { listParam } from './params.ts'

const MAX_LIMIT = 1000
const ORDERS: readonly string[] = ['date', '-date', 'date_created', '-date_created']
const VIEWS: readonly string[] = ['inbox', 'future', 'archive']
const TYPES: readonly string[] = [
  ...TASK_TYPES,
  'answered_detached_call',
  'voicemail',
  'opportunity_due',
  'incoming_sms',
]

/** Only tasks made by hand (`lead`) unless others are asked for: `_type=all`, or a list. */
const byType: Filter = ({ query }) => {
  const asked = listParam(query, '_type__in') ?? listParam(query, '_type') ?? ['lead']
  if (asked.includes('all')) return null
  const unknown = asked.find((type) => !TYPES.includes(type))
  if (unknown !== undefined) throw fieldError('_type', `"${unknown}" is not a valid task type.`)
  return (entry) => asked.includes(entry.record._type as string)
}

const byView: Filter = ({ query }) => {
  const view = query.get('view')
  if (view === null) return null
  if (!VIEWS.includes(view)) throw fieldError('view', `"${view}" is not a valid view.`)
  return (entry) => entry.record.view === view
}

const FILTERS = [
  byType,
  byView,
  oneOf('assigned_to'),
  oneOf('id'),
  oneOf('lead_id'),
  isTrue('is_complete'),
  dateRange('date', { bare: true }),
  dateRange('due_date', { bare: true }),
  dateRange('date_created'),
  dateRange('date_updated'),
]

/** `/task/`: filtered by `date_updated`, never ordered by it. */
export function taskRoutes({ world, shapes, skip }: CloseApi): Route[] {
  return [
    {
      method: 'GET',
      path: '/task/',
      handle: (request) => {
        const order = request.query.get('_order_by') ?? 'id'
        if (order !== 'id' && !ORDERS.includes(order)) throw fieldError('_order_by', UNKNOWN_ORDER)
        const entries = matching(world, request, () => world.tasks.list(order), FILTERS)
        const page = { entries, shape: shapes.task, maxLimit: MAX_LIMIT, total: true }
        return servePage(request, page, skip)
      },
    },
    {
      method: 'GET',
      path: '/task/{id}/',
      handle: (request, { id }) => {
        const entry = world.tasks.get(id!)
        if (!entry) throw notFound('Task')
        return serveOne(request, entry, shapes.task)
      },
    },
  ]
}
