import {
  brokenGzip,
  hang,
  reply,
  reset,
  stalled,
  truncated,
  type RecordedRequest,
  type Reply,
} from '../test/support/http-server.ts'
import { emptyPage, type Intruder } from './api.ts'
import type { List, Paging } from './lists.ts'
import type { Random } from './random.ts'
import { count } from './report.ts'

interface Fault {
  /** Lists where a server can do this without hiding records; default: all. */
  readonly only?: readonly Paging[]
  answer(
    random: Random,
    request: RecordedRequest,
    list: List,
    answer: (size?: number) => Reply,
  ): Reply
}

const HTML = '<html><title>Down for maintenance</title></html>'
const json = { 'content-type': 'application/json' }

/** What servers do to those who read them, by name. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'status 5xx': { answer: (random) => reply(random.pick([500, 502, 503, 504]), { error: 'down' }) },
  'status 429': { answer: () => reply(429, { error: 'too many' }, { 'retry-after': '0' }) },
  'status 4xx': { answer: (random) => reply(random.pick([400, 401, 403, 404]), { error: 'no' }) },
  'connection reset': { answer: () => reset() },
  'no answer': { answer: () => hang() },
  'body that stalls': { answer: () => stalled('{"data": [{"id": 1') },
  'body cut short': { answer: () => truncated('{"data": [{"id": 1') },
  'broken JSON': { answer: () => reply(200, '{"data": [{"id": 1', json) },
  'HTML with status 200': { answer: () => reply(200, HTML, { 'content-type': 'text/html' }) },
  'empty body': { answer: () => reply(200, '', json) },
  'broken gzip': { answer: () => brokenGzip({ data: [] }) },
  'error with status 200': { answer: () => reply(200, { error: 'overloaded' }) },
  'object without records': { answer: () => reply(200, { status: 'ok' }) },
  'redirect elsewhere': { answer: () => reply(302, null, { location: 'http://127.0.0.1:9/' }) },
  'page smaller than asked': {
    only: ['offset', 'cursor'],
    answer: (random, _request, _list, answer) => answer(random.int(1, 9)),
  },
  'page larger than asked': {
    only: ['offset', 'cursor'],
    answer: (random, _request, _list, answer) => answer(random.int(11, 14)),
  },
  'empty page with a next one': {
    only: ['cursor', 'next_url', 'link_header'],
    answer: (random, request, list) => emptyPage(list, request, random.int(1, 1e9)),
  },
}

/** Lets servers fail by chance, and records change while they are read. */
export interface Faults {
  readonly intrude: Intruder
  /** What the next run meets: a fault, or a change of the world, with this probability at each request. */
  set(chances: { readonly fault: number; readonly change: number }): void
  /** How often each fault was met. */
  readonly counts: ReadonlyMap<string, number>
}

const PAGING_PARAMS = ['skip', 'page', 'cursor', 'limit']

/** @param change changes the world between two requests */
export function createFaults(random: Random, change: () => void): Faults {
  const counts = new Map<string, number>()
  const names = Object.keys(FAULTS)
  /** The page before, by list and filter. */
  const previous = new Map<string, Reply>()
  let chances = { fault: 0, change: 0 }

  const intrude: Intruder = (request, list, answer) => {
    if (random.chance(chances.change)) {
      change()
      count(counts, 'records that change while they are read')
    }
    const key = listKey(request)
    const before = previous.get(key)
    const honest = answer()
    previous.set(key, honest)
    if (!random.chance(chances.fault)) return honest
    if (before && isFollowing(request) && random.chance(0.1)) {
      previous.set(key, before)
      count(counts, 'page repeated')
      return before
    }
    const name = random.pick(names)
    const fault = FAULTS[name]!
    if (fault.only && !fault.only.includes(list.paging)) return honest
    count(counts, name)
    return fault.answer(random, request, list, answer)
  }
  return { intrude, set: (next) => void (chances = next), counts }
}

function listKey({ path, query }: RecordedRequest): string {
  const filters = [...query].filter(([name]) => !PAGING_PARAMS.includes(name))
  return `${path}?${new URLSearchParams(filters).toString()}`
}

/** Whether it asks for another page than the first. */
function isFollowing({ query }: RecordedRequest): boolean {
  return query.has('cursor') || Number(query.get('skip') ?? 0) > 0 || Number(query.get('page')) > 1
}
