import { dateOrTimestamp, timestampToMicros } from '../../core/time.ts'
import type { Entry } from '../data/collection.ts'
import { MINUTE } from '../data/times.ts'
import type { ApiRequest } from '../server/http.ts'
import type { Route } from '../server/router.ts'
import type { CloseApi } from './api.ts'
import { notFound } from './errors.ts'
import { matching, oneOf, type Filter, type Predicate } from './filters.ts'
import { serveOne, servePage } from './list.ts'
import { parseMoment } from './params.ts'

const MAX_LIMIT = 200

/**
 * `/lead/` and `/contact/`. Neither list can be filtered by date: `date_updated__gt` and the like are unknown to them and
 * ignored. Leads come with the last changed first, so that every edit moves a record to the head of the list that
 * is being paged through.
 */
export function leadRoutes(api: CloseApi): Route[] {
  const { world, shapes, skip } = api
  const contactFilters = [oneOf('lead_id')]
  return [
    {
      method: 'GET',
      path: '/lead/',
      handle: (request) => {
        const query = parseLeadQuery(request.query.get('query') ?? '')
        const filters = [() => query.holds, ...(api.literalLeadFilter ? [literalFilter] : [])]
        const list = () => world.leads.list(query.order)
        const entries = matching(world, request, list, filters)
        const page = { entries, shape: shapes.lead, maxLimit: MAX_LIMIT, total: true }
        return servePage(request, page, skip)
      },
    },
    {
      method: 'GET',
      path: '/lead/{id}/',
      handle: (request, { id }) => {
        const entry = world.leads.get(id!)
        if (!entry) throw notFound('Lead')
        return serveOne(request, entry, shapes.lead)
      },
    },
    {
      method: 'GET',
      path: '/contact/',
      handle: (request) => {
        const list = () => world.contacts.list('-date_created')
        const entries = matching(world, request, list, contactFilters)
        return servePage(request, { entries, shape: shapes.contact, maxLimit: MAX_LIMIT }, skip)
      },
    },
    {
      method: 'GET',
      path: '/contact/{id}/',
      handle: (request, { id }) => {
        const entry = world.contacts.get(id!)
        if (!entry) throw notFound('Contact')
        return serveOne(request, entry, shapes.contact)
      },
    },
  ]
}

const literalFilter: Filter = (request: ApiRequest) => {
  const text = request.query.get('date_updated>=')
  if (text === null) return null
  const { ms } = parseMoment(text, 'date_updated>=', request)
  return (entry) => entry.updated >= ms
}

const CONDITION = /(date_updated|date_created)\s*(>=|<=|>|<)\s*"?([^"\s]+)"?/g
const SORT = /sort:(-?)(date_updated|date_created)/

interface LeadQuery {
  readonly order: string
  readonly holds: Predicate
}

/**
 * The old search language, as far as extractors use it: `date_updated>="2025-06-01T10:30" sort:date_updated`. It knows
 * whole minutes only. Whatever it doesn't understand it matches against everything.
 */
function parseLeadQuery(text: string): LeadQuery {
  const tests = [...text.matchAll(CONDITION)].flatMap(([, field, operator, value]) => {
    const timestamp = dateOrTimestamp(value!)
    if (timestamp === null) return []
    const bound = minuteOf(Number(timestampToMicros(timestamp)) / 1000)
    return (entry: Entry) => {
      const minute = minuteOf(field === 'date_created' ? entry.created : entry.updated)
      if (operator === '>=') return minute >= bound
      if (operator === '<=') return minute <= bound
      return operator === '>' ? minute > bound : minute < bound
    }
  })
  const [, direction, field] = SORT.exec(text) ?? []
  return {
    order: field === undefined ? '-date_updated' : `${direction}${field}`,
    holds: (entry) => tests.every((test) => test(entry)),
  }
}

function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE)
}
