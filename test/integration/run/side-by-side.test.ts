import { setTimeout as delay } from 'node:timers/promises'
import { nat, sample } from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../../../src/core/json.ts'
import { reply, serve, type RecordedRequest, type TestServer } from '../../support/http-server.ts'
import { createPipeline } from '../../support/pipeline.ts'
import { readingTypes } from '../../support/databases.ts'

interface Api {
  /** Records by path. */
  lists: Record<string, JsonRecord[]>
  /** How long a request takes, in milliseconds. */
  latency?: (request: RecordedRequest, nth: number) => number
  /** Called before a request is answered. */
  onRequest?: (request: RecordedRequest) => unknown
}

interface ListServer extends TestServer {
  /** The most requests that were under way at the same time. */
  readonly most: () => number
}

/** Lists by `skip` or `page`, with a total, filtered by `from` and `to` on `at`. */
async function serveLists(api: Api): Promise<ListServer> {
  let underWay = 0
  let most = 0
  let count = 0
  const server = await serve(async (request) => {
    most = Math.max(most, ++underWay)
    const ms = api.latency?.(request, count++) ?? 10
    if (ms > 0) await delay(ms)
    const answer = await api.onRequest?.(request)
    underWay--
    if (answer !== undefined) return answer as ReturnType<typeof reply>
    const { query } = request
    const [from, to] = [query.get('from'), query.get('to')]
    const list = (api.lists[request.path] ?? []).filter(({ at }) => {
      const time = at as string | undefined
      return time === undefined || ((from === null || time >= from) && (to === null || time < to))
    })
    const limit = Number(query.get('limit') ?? 10)
    const skip = query.has('page')
      ? (Number(query.get('page')) - 1) * limit
      : Number(query.get('skip') ?? 0)
    const data = list.slice(skip, skip + limit)
    return query.get('total') === 'no'
      ? { data, has_more: skip + limit < list.length }
      : { data, total: list.length }
  })
  return { ...server, most: () => most }
}

const PAGING = { limit: 10, limit_param: 'limit' }
const OFFSET = { type: 'offset', offset_param: 'skip', total_path: 'total', ...PAGING }
const PAGES = { type: 'page', page_param: 'page', total_path: 'total', ...PAGING }

const endpoint = (name: string, more: object = {}) => ({
  name,
  path: `/${name}`,
  data_selector: 'data',
  primary_key: 'id',
  pagination: OFFSET,
  ...more,
})

const source = (url: string, endpoints: readonly object[], rateLimit: object = {}) => ({
  base_url: url,
  auth: { type: 'none' },
  rate_limit: rateLimit,
  retry: { base_delay: '1ms' },
  endpoints,
})

const numbered = (count: number, more: (n: number) => JsonRecord = () => ({})): JsonRecord[] =>
  Array.from({ length: count }, (_, i) => ({ id: i + 1, name: `n${i + 1}`, ...more(i + 1) }))

describe('a long list', () => {
  it.each([
    ['offset', OFFSET],
    ['page', PAGES],
  ])('by %s is read several pages at a time, each once', async (_, pagination) => {
    await using server = await serveLists({
      lists: { '/things': numbered(100) },
      latency: () => 60,
    })
    await using pipeline = createPipeline(
      'sqlite',
      source(server.url, [endpoint('things', { pagination })]),
    )
    const summary = await pipeline.sync()
    expect(summary).toMatchObject({ status: 'ok', warnings: [] })
    expect(summary.endpoints[0]).toMatchObject({ requests: 11, pages: 11, records: 100 })
    expect(server.most()).toBeGreaterThan(4)
    expect(server.most()).toBeLessThanOrEqual(8)
    const ids = await pipeline.rows('select id from things order by rowid')
    expect(ids).toEqual(numbered(100).map(({ id }) => [id]))
  })

  it('is read one request at a time where the source is', async () => {
    await using server = await serveLists({ lists: { '/things': numbered(60), '/more': [] } })
    const endpoints = [endpoint('things'), endpoint('more')]
    await using pipeline = createPipeline(
      'sqlite',
      source(server.url, endpoints, { concurrency: 1 }),
    )
    await pipeline.sync()
    expect(server.most()).toBe(1)
    expect(server.requests.at(-1)!.path).toBe('/more')
  })

  it('of unknown length costs few requests in vain, and a small one none', async () => {
    await using server = await serveLists({
      lists: { '/small': numbered(30), '/long': numbered(300) },
    })
    const unsaid = { params: { total: 'no' } }
    const endpoints = [endpoint('small', unsaid), endpoint('long', unsaid)]
    await using pipeline = createPipeline('sqlite', source(server.url, endpoints))
    const { endpoints: read } = await pipeline.sync()
    expect(read[0]).toMatchObject({ requests: 4, pages: 4, records: 30 })
    expect(read[1]!.pages).toBe(34)
    expect(read[1]!.requests).toBeLessThanOrEqual(34 + 8)
  })

  it('stops being asked for at the page limit', async () => {
    await using server = await serveLists({ lists: { '/things': numbered(200) } })
    await using pipeline = createPipeline('sqlite', source(server.url, [endpoint('things')]))
    await pipeline.sync({ maxPages: 3 })
    expect(server.requests).toHaveLength(3)
  })

  it.each([
    ['offset', OFFSET, 3],
    ['page', PAGES, 3],
    ['offset without an overlap', { ...OFFSET, overlap: 0 }, 3],
    ['page', PAGES, 25],
  ])('by %s loses nothing when records move to its front', async (_, pagination, count) => {
    const api: Api = { lists: { '/things': numbered(120) } }
    // The pages before the last ones are answered late, after records behind them have moved.
    const late = { offset: [27, 36, 30, 40], page: [4, 5] }[pagination.type]!
    api.latency = ({ query }) =>
      late.includes(Number(query.get('skip') ?? query.get('page'))) ? 60 : 5
    let moved = false
    api.onRequest = ({ query }) => {
      if (moved || !late.includes(Number(query.get('skip') ?? query.get('page')))) return
      moved = true
      const list = api.lists['/things']!
      list.unshift(...list.splice(90, count))
    }
    await using server = await serveLists(api)
    await using pipeline = createPipeline(
      'sqlite',
      source(server.url, [endpoint('things', { pagination })]),
    )
    expect(await pipeline.sync()).toMatchObject({ status: 'ok' })
    expect(moved).toBe(true)
    const ids = await pipeline.rows('select id from things order by id')
    // Those that moved are before what was read, and have changed: the next run reads them.
    const others = numbered(120).filter((_, i) => i < 90 || i >= 90 + count)
    expect(ids).toEqual(others.map(({ id }) => [id]))
  })

  it('by page loses nothing when records move to its end', async () => {
    const dated = (n: number) => ({ at: new Date(Date.UTC(2025, 0, n)).toISOString() })
    const api: Api = { lists: { '/things': numbered(60, dated) } }
    const late = new Set(['4', '5'])
    api.latency = ({ query }) => (late.has(query.get('page')!) ? 60 : 5)
    let moved = false
    api.onRequest = ({ query }) => {
      if (moved || !late.has(query.get('page')!)) return
      moved = true
      const list = api.lists['/things']!
      const [edited] = list.splice(4, 1)
      list.push({ ...edited!, at: new Date().toISOString() })
    }
    await using server = await serveLists(api)
    const incremental = { cursor_path: 'at', param_name: 'from', order: 'asc' }
    const things = endpoint('things', { pagination: PAGES, incremental })
    await using pipeline = createPipeline('sqlite', source(server.url, [things]))
    const { warnings } = await pipeline.sync()
    expect(warnings).toMatchObject([{ code: 'LIST_SHIFTED' }])
    expect(moved).toBe(true)
    await pipeline.sync()
    const ids = await pipeline.rows('select id from things order by id')
    expect(ids).toEqual(numbered(60).map(({ id }) => [id]))
  })

  it('keeps what it has when a page in the middle fails, and nothing behind it', async () => {
    const api: Api = { lists: { '/things': numbered(100) } }
    api.onRequest = ({ query }) =>
      query.get('skip') === '45' ? reply(403, { error: 'not this one' }) : undefined
    await using server = await serveLists(api)
    await using pipeline = createPipeline('sqlite', source(server.url, [endpoint('things')]))
    const { endpoints } = await pipeline.sync()
    expect(endpoints[0]).toMatchObject({ status: 'failed', error: { code: 'HTTP_STATUS' } })
    expect(await pipeline.rows('select max(id) from things')).toEqual([[46]])
  })
})

describe('endpoints', () => {
  const lists = { '/a': numbered(30), '/b': numbered(30), '/c': numbered(30) }

  it('are read side by side, and told of in the order of the source file', async () => {
    await using server = await serveLists({
      lists,
      latency: ({ path }) => (path === '/b' ? 300 : 5),
    })
    const endpoints = ['a', 'b', 'c'].map((name) => endpoint(name))
    await using pipeline = createPipeline('sqlite', source(server.url, endpoints))
    const summary = await pipeline.sync()
    expect(summary.endpoints.map((read) => [read.endpoint, read.records])).toEqual([
      ['a', 30],
      ['b', 30],
      ['c', 30],
    ])
    const ends = summary.events.filter(({ type }) => type === 'endpoint_finished')
    expect(ends.at(-1)).toMatchObject({ endpoint: 'b' })
  })

  it('are tried one by one until the source has given records', async () => {
    const api: Api = { lists, onRequest: () => reply(401, { error: 'no' }) }
    await using server = await serveLists(api)
    const endpoints = ['a', 'b', 'c'].map((name) => endpoint(name))
    await using pipeline = createPipeline('sqlite', source(server.url, endpoints))
    const summary = await pipeline.sync()
    expect(summary.endpoints.map(({ status }) => status)).toEqual(['failed', 'failed', 'skipped'])
    expect(server.requests.map(({ path }) => path)).toEqual(['/a', '/b'])
  })

  it('that are wanted by others come before them, and others meanwhile', async () => {
    const parents = numbered(12)
    const children = parents.map(({ id }): [string, JsonRecord[]] => [
      `/parents/${id as number}/notes`,
      numbered(25, (n) => ({ id: `${id as number}-${n}` })),
    ])
    await using server = await serveLists({
      lists: { '/parents': parents, '/other': numbered(50), ...Object.fromEntries(children) },
    })
    const notes = endpoint('notes', {
      path: '/parents/{parent_id}/notes',
      depends_on: { endpoint: 'parents', param_mapping: { parent_id: 'id' } },
    })
    const endpoints = [notes, endpoint('parents'), endpoint('other')]
    await using pipeline = createPipeline('sqlite', source(server.url, endpoints))
    const summary = await pipeline.sync()
    expect(summary.status).toBe('ok')
    const paths = server.requests.map(({ path }) => path)
    expect(paths.findIndex((path) => path.endsWith('/notes'))).toBeGreaterThan(
      paths.lastIndexOf('/parents'),
    )
    expect(server.most()).toBeGreaterThan(4)
    // Parent by parent, as if one had been asked for after the other.
    const read = await pipeline.rows('select id from notes order by rowid')
    const ids = read.map(([id]) => id as string)
    expect(new Set(ids).size).toBe(12 * 25)
    const ofParent = ids.map((id) => id.split('-')[0]!)
    expect(ofParent.filter((parent, i) => parent !== ofParent[i - 1])).toHaveLength(12)
  })

  it('give the same tables the same names, whoever comes first', async () => {
    const nested = numbered(5, () => ({ b: [{ x: 1 }] }))
    for (const slow of ['/a', '/a__b']) {
      await using server = await serveLists({
        lists: { '/first': numbered(1), '/a': nested, '/a__b': numbered(5) },
        latency: ({ path }) => (path === slow ? 80 : 5),
      })
      const endpoints = ['first', 'a', 'a__b'].map((name) => endpoint(name))
      await using pipeline = createPipeline('sqlite', source(server.url, endpoints))
      await pipeline.sync()
      expect(await pipeline.rows('select count(*) from a__b')).toEqual([[5]])
      expect(await pipeline.rows('select name from a__b limit 1')).toEqual([['n1']])
    }
  })
})

describe.each(readingTypes)('what is read side by side into %s', (type) => {
  const at = (n: number) => new Date(Date.UTC(2025, 0, 1) + n * 7_200_000).toISOString()
  const incremental = {
    cursor_path: 'at',
    param_name: 'from',
    end_param_name: 'to',
    window: { size: 'P2D' },
  }
  const variants = [
    ['merged', {}],
    ['appended', { write_disposition: 'append' }],
    ['appended in windows', { write_disposition: 'append', incremental }],
    ['appended without a key', { write_disposition: 'append', primary_key: undefined }],
    ['replaced', { write_disposition: 'replace', incremental: undefined }],
    ['merged in windows', { incremental }],
  ] as const

  it.each(variants)('is %s as if it had been read one by one', async (_, more) => {
    const records = numbered(70, (n) => ({ at: at(n), tags: [{ t: n % 7 }, { t: n % 5 }] }))
    const dumps = []
    for (const concurrency of [1, 8]) {
      // The answers come in any order.
      const random = sample(nat(8), { numRuns: 500, seed: 7 })
      const lists = { '/things': records, '/others': numbered(40) }
      await using server = await serveLists({ lists, latency: (_, nth) => random[nth % 500]! })
      const endpoints = [endpoint('things', more), endpoint('others')]
      const api = source(server.url, endpoints, { concurrency })
      await using pipeline = createPipeline(type, api)
      expect(await pipeline.sync()).toMatchObject({ status: 'ok', warnings: [] })
      lists['/things'] = [...records, ...numbered(80, (n) => ({ at: at(n) })).slice(70)]
      expect((await pipeline.sync()).status).toBe('ok')
      dumps.push(await pipeline.records())
    }
    expect(dumps[1]).toEqual(dumps[0])
  })
})
