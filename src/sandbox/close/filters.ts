import type { JsonValue } from '../../core/json.ts'
import { dateOrTimestamp, timestampToMicros } from '../../core/time.ts'
import type { Entry } from '../data/collection.ts'
import { DAY, SECOND } from '../data/times.ts'
import type { World } from '../data/world.ts'
import type { ApiRequest } from '../server/http.ts'
import { booleanParam, listParam, momentParam } from './params.ts'

export type Predicate = (entry: Entry) => boolean

/** Reads its parameters from a request: what a record must meet, or null when none is given. */
export type Filter = (request: ApiRequest) => Predicate | null

/** `field=a` and `field__in=a,b`. */
export function oneOf(field: string): Filter {
  return ({ query }) => {
    const single = query.get(field)
    const wanted = listParam(query, `${field}__in`) ?? (single === null ? null : [single])
    if (wanted === null) return null
    const values = new Set<JsonValue | undefined>(wanted)
    return (entry) => values.has(entry.valueOf(field))
  }
}

export function isTrue(field: string): Filter {
  return ({ query }) => {
    const wanted = booleanParam(query, field)
    return wanted === null ? null : (entry) => entry.record[field] === wanted
  }
}

const COMPARE: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  __gt: (value, bound) => value > bound,
  __gte: (value, bound) => value >= bound,
  __lt: (value, bound) => value < bound,
  __lte: (value, bound) => value <= bound,
}

/**
 * `field__gt`, `__gte`, `__lt` and `__lte`, and `field` itself where `bare`. With `precision: second` both sides are cut
 * to the whole second before they are compared: a bound half a second later misses nothing and excludes nothing.
 */
export function dateRange(
  field: string,
  { bare = false, precision = 'exact' }: { bare?: boolean; precision?: 'exact' | 'second' } = {},
): Filter {
  const cut = precision === 'second' ? (ms: number) => Math.floor(ms / SECOND) : (ms: number) => ms
  return (request) => {
    const tests: ((ms: number) => boolean)[] = []
    for (const [suffix, holds] of Object.entries(COMPARE)) {
      const bound = momentParam(request, `${field}${suffix}`)
      if (bound) tests.push((ms) => holds(cut(ms), cut(bound.ms)))
    }
    const exact = bare ? momentParam(request, field) : null
    if (exact) {
      const end = exact.ms + (exact.wholeDay ? DAY : 0.001)
      tests.push((ms) => ms >= exact.ms && ms < end)
    }
    if (tests.length === 0) return null
    return (entry) => {
      const ms = millisOf(entry, field)
      return ms !== null && tests.every((test) => test(ms))
    }
  }
}

/** A date of a record in milliseconds; null where it has none. */
export function millisOf(entry: Entry, field: string): number | null {
  const value = entry.valueOf(field)
  if (typeof value === 'number') return value
  const timestamp = typeof value === 'string' ? dateOrTimestamp(value) : null
  return timestamp === null ? null : Number(timestampToMicros(timestamp)) / 1000
}

const PAGE_PARAMS: ReadonlySet<string> = new Set(['_limit', '_skip', '_fields'])

/** The entries that meet all filters of a request, in their order. Parameters that nobody knows are ignored. */
export function matching(
  world: World,
  request: ApiRequest,
  list: () => readonly Entry[],
  filters: readonly Filter[],
): readonly Entry[] {
  const predicates = filters.flatMap((filter) => filter(request) ?? [])
  const asked = [...request.query].filter(([name]) => !PAGE_PARAMS.has(name))
  const key = JSON.stringify([request.path, asked, request.headers['x-tz-offset']])
  return world.memo(key, () => {
    const entries = list()
    if (predicates.length === 0) return entries
    return entries.filter((entry) => predicates.every((holds) => holds(entry)))
  })
}
