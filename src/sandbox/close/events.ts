import { isRecord, parseJson } from '../../core/json.ts'
import { EVENT_RETENTION_MS, type LoggedEvent } from '../data/event-log.ts'
import { jsonReply, type ApiRequest, type Reply } from '../server/http.ts'
import type { Route } from '../server/router.ts'
import type { CloseApi } from './api.ts'
import { fieldError, notFound, sentenceError } from './errors.ts'
import { project } from './list.ts'
import { intParam, momentParam } from './params.ts'

/** As many as a page ever holds; asking for more is no error. */
const MAX_LIMIT = 50

const FILTERS = ['object_type', 'object_id', 'action', 'lead_id', 'user_id', 'request_id'] as const

/** Which filters may be combined; the dates may join any. */
const COMBINATIONS: ReadonlySet<string> = new Set([
  '',
  'lead_id',
  'user_id',
  'request_id',
  'object_type object_id',
  'object_type action',
  'object_id action',
  'object_type lead_id',
  'object_type action lead_id',
  'lead_id user_id',
  'object_type lead_id user_id',
  'object_type action lead_id user_id',
  'object_id user_id',
  'object_id action user_id',
  'object_type user_id',
  'object_type action user_id',
])

/** Half-open in neither direction: each bound says whether it belongs. Milliseconds. */
interface Range {
  readonly from: number
  readonly fromInclusive: boolean
  readonly to: number
  readonly toInclusive: boolean
}

/** A place in the log and the way to go on from there. */
interface Cursor extends Range {
  readonly direction: 'older' | 'newer'
  readonly updatedAt: number
  readonly sequence: number
}

/**
 * `/event/`: what happened in the last 30 days, the latest first and in no other order. `cursor_next` leads to older events,
 * `cursor_previous` to newer ones; the dates travel inside the cursor, every other filter has to be sent again.
 */
export function eventRoutes({ world }: CloseApi): Route[] {
  return [
    {
      method: 'GET',
      path: '/event/',
      handle: (request) => {
        const oldest = world.clock.now() - EVENT_RETENTION_MS
        const visible = world.events.list().filter(({ updatedAt }) => updatedAt >= oldest)
        return servePage(request, visible)
      },
    },
    {
      method: 'GET',
      path: '/event/{id}/',
      handle: (_request, { id }) => {
        const event = world.events.get(id!)
        if (!event) throw notFound('Event')
        return jsonReply(event.record)
      },
    },
  ]
}

function servePage(request: ApiRequest, visible: readonly LoggedEvent[]): Reply {
  const { query } = request
  const given = FILTERS.filter((name) => query.has(name))
  if (!COMBINATIONS.has(given.join(' '))) {
    throw sentenceError(`This combination of filters is not supported: ${given.join(', ')}.`)
  }
  const limit = Math.min(
    MAX_LIMIT,
    intParam(query, '_limit', { fallback: MAX_LIMIT, min: 1, max: Number.MAX_SAFE_INTEGER }),
  )
  const range = readRange(request)
  const token = query.get('_cursor')
  const cursor = token === null || token === '' ? null : readCursor(token)
  const matches = visible.filter(
    (event) =>
      given.every((name) => event.record[name] === query.get(name)) &&
      within(event.updatedAt, range) &&
      (cursor === null || within(event.updatedAt, cursor)),
  )
  const start = cursor === null ? 0 : startOf(matches, cursor, limit)
  const end = cursor?.direction === 'newer' ? endOf(matches, cursor) : start + limit
  const page = matches.slice(start, end)
  const bounds = cursor ?? range
  const fields = query.get('_fields')?.split(',')
  return jsonReply({
    data: page.map(({ record }) => (fields ? project(record, fields) : record)),
    cursor_next: end < matches.length ? writeCursor('older', page.at(-1), bounds) : null,
    cursor_previous: start > 0 ? writeCursor('newer', page[0], bounds) : null,
  })
}

function readRange(request: ApiRequest): Range {
  const gt = momentParam(request, 'date_updated__gt')
  const gte = momentParam(request, 'date_updated__gte')
  const lt = momentParam(request, 'date_updated__lt')
  const lte = momentParam(request, 'date_updated__lte')
  return {
    from: (gt ?? gte)?.ms ?? Number.MIN_SAFE_INTEGER,
    fromInclusive: gt === null,
    to: (lt ?? lte)?.ms ?? Number.MAX_SAFE_INTEGER,
    toInclusive: lt === null,
  }
}

function within(ms: number, { from, fromInclusive, to, toInclusive }: Range): boolean {
  return (fromInclusive ? ms >= from : ms > from) && (toInclusive ? ms <= to : ms < to)
}

function isOlder(event: LoggedEvent, { updatedAt, sequence }: Cursor): boolean {
  return event.updatedAt < updatedAt || (event.updatedAt === updatedAt && event.sequence < sequence)
}

function isNewer(event: LoggedEvent, { updatedAt, sequence }: Cursor): boolean {
  return event.updatedAt > updatedAt || (event.updatedAt === updatedAt && event.sequence > sequence)
}

function startOf(events: readonly LoggedEvent[], cursor: Cursor, limit: number): number {
  if (cursor.direction === 'newer') return Math.max(0, endOf(events, cursor) - limit)
  const start = events.findIndex((event) => isOlder(event, cursor))
  return start < 0 ? events.length : start
}

/** Where the events that are newer than the cursor end, the latest being first. */
function endOf(events: readonly LoggedEvent[], cursor: Cursor): number {
  const end = events.findIndex((event) => !isNewer(event, cursor))
  return end < 0 ? events.length : end
}

function writeCursor(
  direction: Cursor['direction'],
  event: LoggedEvent | undefined,
  { from, fromInclusive, to, toInclusive }: Range,
): string | null {
  if (!event) return null
  const { updatedAt, sequence } = event
  const cursor = { direction, updatedAt, sequence, from, fromInclusive, to, toInclusive }
  return Buffer.from(JSON.stringify(cursor)).toString('base64url')
}

function readCursor(token: string): Cursor {
  try {
    const cursor = parseJson(Buffer.from(token, 'base64url').toString('utf8')).value
    if (isRecord(cursor) && typeof cursor.updatedAt === 'number') return cursor as unknown as Cursor
  } catch {
    // Told to the client below, like any other cursor that was never given out.
  }
  throw fieldError('_cursor', 'Invalid cursor.')
}
