import type { JsonRecord, JsonValue } from '../../src/core/json.ts'
import { reply, serve, type RecordedRequest, type Reply, type TestServer } from './http-server.ts'

/** Microseconds since the epoch: a double holds them exactly. */
export type Micros = number
export type Id = string | number | bigint

/** One version of a record; an edit puts another in its place. */
export interface Item {
  readonly id: Id
  /** When it changed last; null for a record without a cursor. */
  readonly at: Micros | null
  /** Which of the ways to write a time the API takes for it. */
  readonly spelling: number
  readonly fields: JsonRecord
}

/** How an API answers: everything a source file has to be told about it, and what it does on its own. */
export interface Habits {
  readonly paginator: 'offset' | 'page' | 'cursor' | 'keyset' | 'next_url' | 'link_header'
  /** What a cursor or a link names: a place between two records, one in the list as it was, or a number. */
  readonly token: 'live' | 'snapshot' | 'counted'
  /** What the source asks for, and what the API has as its page size. */
  readonly limit: number
  /** A lower limit of the API's own. */
  readonly clamp: number | null
  readonly end: 'has_more' | 'total' | 'silent'
  readonly sort: 'asc' | 'desc' | 'id'
  readonly nulls: 'first' | 'last'
  readonly format: keyof typeof UNITS
  readonly exclusiveStart: boolean
  readonly inclusiveEnd: boolean
  readonly ignoresStart: boolean
  readonly ignoresEnd: boolean
  /** What becomes of an offset that is no multiple of the limit. */
  readonly oddOffsets: 'taken' | 'refused' | 'floored'
  /** Greatest offset that is taken. */
  readonly cap: number | null
  /** How far the server's clock is ahead. */
  readonly skew: Micros
  /** How long a request takes. */
  readonly latency: Micros
}

/** What an API holds, and what of it has been seen. */
export interface Model {
  now: Micros
  readonly habits: Habits
  /** Records by the path of their list. */
  readonly lists: Map<string, readonly Item[]>
  /** All versions that an answer has held, and of which list. */
  readonly served: Map<Item, string>
  /** Called before each request is answered, with its number since the run began; may answer instead. */
  interfere: (request: number) => Reply | undefined
  requests: number
}

/** Spans that the bounds of a format stand for. */
export const UNITS = {
  iso: 1,
  epoch_ms: 1e3,
  epoch: 1e6,
  'yyyy-MM-dd HH:mm:ss': 1e6,
  date: 86_400e6,
}

export function createModel(habits: Habits, now: Micros): Model {
  const lists = new Map<string, readonly Item[]>()
  return { now, habits, lists, served: new Map(), interfere: () => undefined, requests: 0 }
}

/** What the server's clock says, which stamps its records. */
export function serverTime({ now, habits }: Model): Micros {
  return now + habits.skew
}

/** Serves the lists of a model, whatever becomes of them meanwhile. */
export function serveModel(model: Model): Promise<TestServer> {
  const { habits } = model
  const snapshots: (readonly Item[])[] = []
  return serve((request) => {
    model.now += habits.latency
    const instead = model.interfere(++model.requests)
    if (instead) return instead
    const path = decodeURIComponent(request.path)
    const list = model.lists.get(path)
    if (!list) return reply(404, { error: 'no such list' })
    const page = turnTo(select(list, habits, request.query), { habits, request, snapshots })
    if ('refusal' in page) return reply(400, { error: page.refusal })
    for (const item of page.items) model.served.set(item, path)
    const date = new Date(Math.floor(serverTime(model) / 1000)).toUTCString()
    const link = page.next === null ? {} : { link: `<${page.next}>; rel="next"` }
    return reply(
      200,
      { data: page.items.map(render), ...signals(page, habits) },
      habits.paginator === 'link_header' ? { date, ...link } : { date },
    )
  })
}

/** The record as the API writes it. */
export function render({ id, at, spelling, fields }: Item): JsonRecord {
  return { id, ...(at === null && spelling > 0 ? {} : { at: spell(at, spelling) }), ...fields }
}

/** A time in the one form that tables hold. */
export function canonical(at: Micros): string {
  const whole = new Date(Math.floor(at / 1e6) * 1000).toISOString().slice(0, 19)
  return `${whole}.${String(at % 1e6).padStart(6, '0')}Z`
}

function spell(at: Micros | null, spelling: number): string | null {
  if (at === null) return null
  const text = canonical(at)
  const short = text.slice(0, -1).replace(/\.?0+$/, '')
  const east = canonical(at + 5.5 * 3600e6).replace('Z', '+05:30')
  return [text, `${short}Z`, text.replace('Z', '+00:00'), east, text.slice(0, 26)][spelling % 5]!
}

function readBound(text: string, format: Habits['format']): Micros {
  if (format === 'epoch' || format === 'epoch_ms') return Number(text) * UNITS[format]
  const seconds = Date.parse(`${text.slice(0, 19).replace(' ', 'T')}${text.length > 10 ? 'Z' : ''}`)
  return seconds * 1000 + Number((/\.(\d+)/.exec(text)?.[1] ?? '').padEnd(6, '0'))
}

/** The records within the bounds of a request, sorted. Coarse bounds stand for the whole of their unit. */
function select(list: readonly Item[], habits: Habits, query: URLSearchParams): readonly Item[] {
  const unit = UNITS[habits.format]
  const bound = (name: string, ignored: boolean) =>
    query.get(name) === null || ignored ? null : readBound(query.get(name)!, habits.format)
  const from = bound('from', habits.ignoresStart)
  const to = bound('to', habits.ignoresEnd)
  return list
    .filter(({ at }) => {
      // An API that left these out of what it filters would hide every one of them that is made after the first run.
      if (at === null) return true
      if (from !== null && at < from + (habits.exclusiveStart ? unit : 0)) return false
      return to === null || at < to + (habits.inclusiveEnd ? unit : 0)
    })
    .sort((a, b) => compare(habits, a, b))
}

type Place = Pick<Item, 'id' | 'at'>

function compare({ sort, nulls }: Habits, a: Place, b: Place): number {
  const byId = a.id < b.id ? -1 : Number(a.id > b.id)
  if (sort === 'id' || (a.at === null && b.at === null)) return byId
  if (a.at === null || b.at === null) return (a.at === null) === (nulls === 'first') ? -1 : 1
  return (sort === 'desc' ? -1 : 1) * (a.at - b.at || byId)
}

interface Page {
  readonly items: readonly Item[]
  /** The whole list. */
  readonly total: number
  readonly size: number
  readonly more: boolean
  /** The cursor or the link of the next page; null where there is none. */
  readonly next: string | null
}

interface Turn {
  readonly habits: Habits
  readonly request: RecordedRequest
  readonly snapshots: (readonly Item[])[]
}

/** The page of a list that a request asks for. */
function turnTo(list: readonly Item[], turn: Turn): Page | { readonly refusal: string } {
  const { habits, request } = turn
  const { query } = request
  const size = Math.min(Number(query.get('limit') ?? habits.limit), habits.clamp ?? Infinity)
  const cut = (from: readonly Item[], start: number): Page => ({
    items: from.slice(start, start + size),
    total: from.length,
    size,
    more: start + size < from.length,
    next: null,
  })
  switch (habits.paginator) {
    case 'offset': {
      const skip = Number(query.get('skip'))
      if (habits.cap !== null && skip > habits.cap) {
        return { refusal: `The skip is too large (max_skip = ${habits.cap}).` }
      }
      if (skip % size > 0 && habits.oddOffsets === 'refused') return { refusal: 'odd offset' }
      return cut(list, habits.oddOffsets === 'floored' ? skip - (skip % size) : skip)
    }
    case 'page':
      return cut(list, (Number(query.get('page')) - 1) * size)
    case 'keyset': {
      const after = query.get('after')
      const start = list.findIndex(({ id }) => after === null || id > toIdOf(list, after))
      return cut(list, start === -1 ? list.length : start)
    }
    default:
      return followToken(list, turn, cut)
  }
}

/** What came out of a query, as an id of the kind that the list has. */
function toIdOf(list: readonly Item[], text: string): Id {
  return typeof list[0]?.id === 'string' ? text : BigInt(text)
}

function followToken(
  list: readonly Item[],
  { habits, request, snapshots }: Turn,
  cut: (from: readonly Item[], start: number) => Page,
): Page {
  const text = request.query.get('cursor')
  const token = text === null ? null : (JSON.parse(text) as unknown[])
  let page: Page
  let next: readonly JsonValue[] = []
  if (habits.token === 'counted') {
    const start = Number(request.query.get('offset') ?? token?.[0] ?? 0)
    page = cut(list, start)
    next = [start + page.size]
  } else if (habits.token === 'snapshot') {
    const [snapshot, start] = (token ?? [snapshots.push(list) - 1, 0]) as [number, number]
    page = cut(snapshots[snapshot]!, start)
    next = [snapshot, start + page.size]
  } else {
    const after = token && { at: token[0] as Micros | null, id: readId(token[1] as string) }
    const start = list.findIndex((item) => !after || compare(habits, item, after) > 0)
    page = cut(list, start === -1 ? list.length : start)
    const last = page.items.at(-1)
    if (last) next = [last.at, typeof last.id === 'string' ? `s${last.id}` : `n${last.id}`]
  }
  // An API that does not look ahead names a next page that turns out empty.
  const named = habits.end === 'silent' ? page.items.length > 0 : page.more
  return { ...page, next: named ? nextOf(habits, request, next) : null }
}

function readId(text: string): Id {
  return text.startsWith('s') ? text.slice(1) : BigInt(text.slice(1))
}

function nextOf(habits: Habits, request: RecordedRequest, next: readonly JsonValue[]): string {
  if (habits.paginator === 'cursor') return JSON.stringify(next)
  const query = new URLSearchParams(request.query)
  if (habits.token === 'counted') query.set('offset', JSON.stringify(next[0]))
  else query.set('cursor', JSON.stringify(next))
  return `${request.path}?${query.toString()}`
}

/** What a body says of the list beside the records. */
function signals({ total, size, more, next }: Page, { paginator, end }: Habits): JsonRecord {
  const named =
    paginator === 'cursor' ? { next_cursor: next } : paginator === 'next_url' ? { next } : {}
  if (end === 'has_more' && paginator !== 'link_header' && paginator !== 'next_url') {
    return { ...named, has_more: more }
  }
  return end === 'total' ? { ...named, total, pages: Math.ceil(total / size) } : named
}
