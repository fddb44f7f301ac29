import type { JsonRecord } from '../src/core/json.ts'
import {
  reply,
  serve,
  type RecordedRequest,
  type Reply,
  type TestServer,
} from '../test/support/http-server.ts'
import { LISTS, PAGE_SIZE, type List, type Paging } from './lists.ts'
import type { Entry, World } from './world.ts'

/** One page of a list, before it is written as its paging wants it. */
interface Page {
  readonly records: readonly JsonRecord[]
  readonly total: number
  /** Where the next page begins, or null at the end. */
  readonly next: string | null
}

/** Answers instead of the API, which it may ask. */
export type Intruder = (
  request: RecordedRequest,
  list: List,
  answer: (size?: number) => Reply,
) => Reply

/** Serves what the world is at the moment. */
export function serveWorld(world: World, intrude?: Intruder): Promise<TestServer> {
  return serve((request) => {
    const [, name, parent] = request.path.split('/')
    const list = LISTS.find((list) => list.name === name)
    if (!list) return reply(404, { error: 'not found' })
    const answer = (size?: number) => answerList(world, list, request, parent, size)
    return intrude ? intrude(request, list, answer) : answer()
  })
}

function answerList(
  world: World,
  list: List,
  { query, path }: RecordedRequest,
  parent: string | undefined,
  size = Number(query.get('limit') ?? PAGE_SIZE),
): Reply {
  const skip = Number(query.get('skip') ?? 0)
  if (list.maxOffset !== undefined && skip > list.maxOffset) {
    const error = `The skip you set is larger than the maximum skip (max_skip = ${list.maxOffset}).`
    return reply(400, { error })
  }
  const found = world
    .entries(list.name)
    .filter((entry) => parent === undefined || entry.parent === Number(parent))
    .filter((entry) => isInRange(entry, query))
    .sort(inOrder(list))
  const from =
    list.paging === 'offset'
      ? skip
      : list.paging === 'page'
        ? (Number(query.get('page') ?? 1) - 1) * size
        : startAfter(found, query.get('cursor'), list)
  const entries = found.slice(from, from + size)
  const page: Page = {
    records: entries.map(({ record }) => record),
    total: found.length,
    next: from + size < found.length ? tokenOf(entries.at(-1)!) : null,
  }
  return writePage(list, page, query, path)
}

function writePage(
  { paging }: List,
  { records, total, next }: Page,
  query: URLSearchParams,
  path: string,
): Reply {
  const data = [...records]
  const more = new URLSearchParams(query)
  if (next !== null) more.set('cursor', next)
  const link = next === null ? null : `${path}?${more.toString()}`
  const bodies: Readonly<Record<Paging, JsonRecord>> = {
    offset: { data, has_more: next !== null },
    page: { data, has_more: next !== null, total },
    cursor: { data, next_cursor: next },
    next_url: { data, next: link },
    link_header: { data },
  }
  const linked = paging === 'link_header' && link !== null
  return reply(200, bodies[paging], linked ? { link: `<${link}>; rel="next"` } : {})
}

/** An empty page, of which the next one is where this one should have been. */
export function emptyPage(list: List, { query, path }: RecordedRequest, nonce: number): Reply {
  const [position = ''] = (query.get('cursor') ?? '').split('~')
  return writePage(list, { records: [], total: 0, next: `${position}~${nonce}` }, query, path)
}

function isInRange({ at }: Entry, query: URLSearchParams): boolean {
  const [since, until] = [query.get('since'), query.get('until')]
  if (since !== null && at < Date.parse(since)) return false
  return until === null || at < Date.parse(until)
}

function inOrder({ order }: List): (a: Entry, b: Entry) => number {
  const sign = { asc: 1, desc: -1, none: 0 }[order]
  return (a, b) => sign * (a.at - b.at) || a.place - b.place
}

/** A position among the records, which stays right when they change. */
function tokenOf({ at, place }: Entry): string {
  return `${at}_${place}`
}

function startAfter(found: readonly Entry[], cursor: string | null, list: List): number {
  const [position] = (cursor ?? '').split('~')
  if (!position) return 0
  const [at, place] = position.split('_').map(Number)
  const compare = inOrder(list)
  const last = { at, place } as Entry
  const index = found.findIndex((entry) => compare(entry, last) > 0)
  return index === -1 ? found.length : index
}
