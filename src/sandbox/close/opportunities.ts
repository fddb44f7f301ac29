import type { JsonRecord } from '../../core/json.ts'
import type { Entry } from '../data/collection.ts'
import type { Route } from '../server/router.ts'
import type { CloseApi } from './api.ts'
import { UNKNOWN_ORDER, fieldError, notFound } from './errors.ts'
import { dateRange, matching, oneOf } from './filters.ts'
import { serveOne, servePage } from './list.ts'

const MAX_LIMIT = 250

const ORDERS: readonly string[] = [
  'date_won',
  'date_updated',
  'date_created',
  'confidence',
  'user_name',
  'value',
  'annualized_value',
  'annualized_expected_value',
].flatMap((field) => [field, `-${field}`])

const FILTERS = [
  oneOf('lead_id'),
  oneOf('user_id'),
  oneOf('status_id'),
  oneOf('status_label'),
  oneOf('status_type'),
  oneOf('value_period'),
  dateRange('date_created', { bare: true }),
  dateRange('date_updated', { bare: true }),
  dateRange('date_won', { bare: true }),
]

/** `/opportunity/`: the one list that can be both filtered and ordered by `date_updated`. */
export function opportunityRoutes({ world, shapes, skip }: CloseApi): Route[] {
  return [
    {
      method: 'GET',
      path: '/opportunity/',
      handle: (request) => {
        const order = request.query.get('_order_by') ?? 'id'
        if (order !== 'id' && !ORDERS.includes(order)) throw fieldError('_order_by', UNKNOWN_ORDER)
        const list = () => world.opportunities.list(order)
        const entries = matching(world, request, list, FILTERS)
        const extra = world.memo(`totals ${request.rawQuery}`, () => totals(entries))
        const shape = shapes.opportunity
        return servePage(request, { entries, shape, maxLimit: MAX_LIMIT, total: true, extra }, skip)
      },
    },
    {
      method: 'GET',
      path: '/opportunity/{id}/',
      handle: (request, { id }) => {
        const entry = world.opportunities.get(id!)
        if (!entry) throw notFound('Opportunity')
        return serveOne(request, entry, shapes.opportunity)
      },
    },
  ]
}

/** Sums over everything that matches, which the list tells beside its page. */
function totals(entries: readonly Entry[]): JsonRecord {
  const periods = ['one_time', 'monthly', 'annual']
  const of = (period: string) =>
    entries.filter(({ record }) => record.value_period === period).map(({ record }) => record)
  const byPeriod = periods.map((period) => [period, of(period)] as const)
  const sum = (records: readonly JsonRecord[], field: string) =>
    records.reduce((total, record) => total + (record[field] as number), 0)
  const all = byPeriod.flatMap(([, records]) => records)
  return {
    count_by_value_period: Object.fromEntries(
      byPeriod.map(([period, records]) => [period, records.length]),
    ),
    ...Object.fromEntries(
      byPeriod.map(([period, records]) => [`total_value_${period}`, sum(records, 'value')]),
    ),
    total_value_annualized: sum(all, 'annualized_value'),
    expected_value_annualized: sum(all, 'annualized_expected_value'),
  }
}
