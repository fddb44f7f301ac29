import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/core/clock.ts'
import type { JsonRecord } from '../../../src/core/json.ts'
import { readingTypes } from '../../support/databases.ts'
import { reply, type TestServer } from '../../support/http-server.ts'
import { createPipeline, type TestPipeline } from '../../support/pipeline.ts'
import { rangeEndpoint, rangeSource, serveRange, type RangeApi } from '../../support/range-api.ts'

const NOW = '2025-03-05T12:00:00Z'
const clock: Clock = { now: () => Date.parse(NOW), sleep: async () => {} }
const START = { start_date: '2025-03-01' }

const event = (id: number, at: string, more: JsonRecord = {}): JsonRecord => ({
  id,
  at: `2025-03-${at}Z`,
  ...more,
})

/** Events in every window, at their borders, and one of the future. */
const events = (): JsonRecord[] => [
  event(1, '01T00:00:00'),
  event(2, '01T23:59:59.999999'),
  event(3, '02T00:00:00'),
  event(4, '02T00:00:00'),
  event(5, '04T10:00:00'),
  event(6, '05T11:59:00'),
  { id: 7, at: '2099-01-01T00:00:00Z' },
]

const asked = (api: TestServer) =>
  api.requests.map(({ query }) =>
    [query.get('from'), query.get('to'), query.get('skip')].map((text) => text ?? '-').join(' '),
  )
const ids = async (pipeline: TestPipeline) =>
  (await pipeline.rows('select id from events order by id')).flat()
const bookmark = (pipeline: TestPipeline) =>
  pipeline.read((dataset) => dataset.bookmark('events', ''))

describe.each(readingTypes)('windows in %s', (type) => {
  const open = (api: TestServer, endpoint = rangeEndpoint()) =>
    createPipeline(type, rangeSource(api.url, endpoint), START)

  it('are read oldest first, each up to the beginning of the next, the last without an end', async () => {
    await using api = await serveRange({ records: events() })
    await using pipeline = open(api)
    const summary = await pipeline.sync({ clock })
    expect(summary.status).toBe('ok')
    expect(asked(api)).toEqual([
      '2025-03-01T00:00:00Z 2025-03-02T00:00:00Z 0',
      '2025-03-02T00:00:00Z 2025-03-03T00:00:00Z 0',
      '2025-03-03T00:00:00Z 2025-03-04T00:00:00Z 0',
      '2025-03-04T00:00:00Z 2025-03-05T00:00:00Z 0',
      '2025-03-05T00:00:00Z - 0',
    ])
    expect(await ids(pipeline)).toEqual([1, 2, 3, 4, 5, 6, 7])
    // The record of the future is there, and the bookmark is not.
    expect((await bookmark(pipeline))?.cursor).toBe('2025-03-05T12:00:00.000000Z')

    const next = await pipeline.sync({ clock })
    expect(next.endpoints[0]).toMatchObject({ requests: 1 })
    expect(asked(api).at(-1)).toBe('2025-03-05T12:00:00Z - 0')
  })

  it('are committed one by one: a run that ends half-way goes on in the window where it stopped', async () => {
    const api: RangeApi = { records: events() }
    await using server = await serveRange(api)
    await using pipeline = open(server)
    const aborted = new AbortController()
    api.override = ({ query }) => {
      if (query.get('from') !== '2025-03-03T00:00:00Z') return undefined
      aborted.abort(new Error('stop'))
      return undefined
    }
    await pipeline.sync({ clock, signal: aborted.signal })
    expect((await bookmark(pipeline))?.cursor).toBe('2025-03-03T00:00:00.000000Z')
    api.override = undefined
    const before = server.requests.length
    await pipeline.sync({ clock })
    const goesOn = asked(server).slice(before).toSorted()[0]
    expect(goesOn).toBe('2025-03-03T00:00:00Z 2025-03-04T00:00:00Z 0')
    expect(await ids(pipeline)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  it.each([
    ['merged', {}],
    ['appended', { write_disposition: 'append' }],
    ['appended without a key', { primary_key: undefined }],
  ])(
    'that hold more than the API gives out are split; their records are %s once',
    async (_, more) => {
      const records = [
        ...events(),
        ...Array.from({ length: 40 }, (_, i) =>
          event(100 + i, `03T10:00:${String(i).padStart(2, '0')}`),
        ),
      ]
      await using api = await serveRange({ records, cap: 8 })
      await using pipeline = open(api, rangeEndpoint(more))
      const summary = await pipeline.sync({ clock })
      expect(summary.status).toBe('ok')
      const expected = records.map(({ id }) => Number(id)).sort((a, b) => a - b)
      expect(await ids(pipeline)).toEqual(expected)
      expect(summary.events.some((e) => e.type === 'window' && e.outcome === 'split')).toBe(true)
      await pipeline.sync({ clock })
      expect(await ids(pipeline)).toEqual(expected)
    },
  )

  it.each([
    ['merge', {}],
    ['append', { primary_key: undefined }],
  ])('that can not be split leave a gap, which is read once it can be (%s)', async (_, more) => {
    const crowd = Array.from({ length: 20 }, (_, i) => event(200 + i, '03T10:00:00.5'))
    const api: RangeApi = { records: [...events(), ...crowd], cap: 8 }
    await using server = await serveRange(api)
    await using pipeline = open(server, rangeEndpoint(more))
    const summary = await pipeline.sync({ clock })
    expect(summary.status).toBe('failed')
    expect(summary.endpoints[0]).toMatchObject({
      status: 'failed',
      error: { code: 'PAGINATION_CAPPED' },
      bookmark: { after: '2025-03-05T12:00:00.000000Z' },
    })
    expect(summary.endpoints[0]!.error!.message).toMatch(
      /^events: the window from 2025-03-03T10:00:00.* to 2025-03-03T10:00:0.* could not be read: it can not be split further/,
    )
    // Everything else is there.
    expect(await ids(pipeline)).toEqual(expect.arrayContaining([1, 2, 3, 4, 5, 6, 7]))
    const gaps = (await bookmark(pipeline))?.gaps as { from: string; to: string }[]
    expect(gaps).toHaveLength(1)
    expect(Date.parse(gaps[0]!.to) - Date.parse(gaps[0]!.from)).toBeLessThanOrEqual(1000)

    // A run that still can't read it says so again; new records arrive all the same.
    api.records.push(event(8, '05T12:00:00'))
    expect((await pipeline.sync({ clock })).endpoints[0]?.error?.code).toBe('PAGINATION_CAPPED')
    expect(await ids(pipeline)).toContain(8)

    delete api.cap
    const mended = await pipeline.sync({ clock })
    expect(mended.status).toBe('ok')
    expect((await bookmark(pipeline))?.gaps).toBeUndefined()
    const all = api.records.map(({ id }) => Number(id)).sort((a, b) => a - b)
    expect(await ids(pipeline)).toEqual(all)
    await pipeline.sync({ clock })
    expect(await ids(pipeline)).toEqual(all)
  })

  it('that fail leave a gap, but not two in a row: then it is the server', async () => {
    const api: RangeApi = { records: events() }
    const failing = new Set(['2025-03-02T00:00:00Z'])
    api.override = ({ query }) =>
      failing.has(query.get('from') ?? '') ? reply(500, { error: 'broken record' }) : undefined
    await using server = await serveRange(api)
    await using pipeline = open(server)
    const first = await pipeline.sync({ clock })
    expect(first.endpoints[0]?.error?.message).toMatch(/broken record/)
    expect(await ids(pipeline)).toEqual([1, 2, 5, 6, 7])
    expect((await bookmark(pipeline))?.gaps).toEqual([
      { from: '2025-03-02T00:00:00.000000Z', to: '2025-03-03T00:00:00.000000Z' },
    ])

    await using other = open(server)
    failing.add('2025-03-03T00:00:00Z')
    const before = server.requests.length
    await other.sync({ clock })
    expect(server.requests.length - before).toBe(3)
    expect((await bookmark(other))?.cursor).toBe('2025-03-03T00:00:00.000000Z')

    failing.clear()
    expect((await other.sync({ clock })).status).toBe('ok')
    expect(await ids(other)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect((await pipeline.sync({ clock })).status).toBe('ok')
    expect(await ids(pipeline)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  it.each([
    ['an end that the API includes', { inclusiveEnd: true }, {}],
    ['an exclusive beginning', {}, { param_name: 'from', inclusive: false }],
    ['bounds by the day', {}, { format: 'date', window: { size: 'PT6H' } }],
  ])('hand each record on once with %s', async (_, more, incremental) => {
    await using api = await serveRange({ records: events(), ...more })
    const append = rangeEndpoint({ primary_key: undefined }, incremental)
    await using pipeline = open(api, append)
    expect((await pipeline.sync({ clock })).status).toBe('ok')
    await pipeline.sync({ clock })
    expect(await ids(pipeline)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  it('strike off a gap that the lookback reads, so that it is not read and appended again', async () => {
    const api: RangeApi = { records: events().slice(0, -1) }
    api.override = ({ query }) =>
      query.get('from') === '2025-03-04T00:00:00Z' ? reply(500, { error: 'broken' }) : undefined
    await using server = await serveRange(api)
    const append = rangeEndpoint({ primary_key: undefined }, { lookback: '2d' })
    await using pipeline = open(server, append)
    await pipeline.sync({ clock })
    expect((await bookmark(pipeline))?.gaps).toHaveLength(1)
    api.override = undefined
    await pipeline.sync({ clock })
    expect((await bookmark(pipeline))?.gaps).toBeUndefined()
    for (const day of ['07', '09', '11']) {
      const now = `2025-03-${day}T12:00:00Z`
      api.records.push({ id: Number(day), at: now })
      await pipeline.sync({ clock: { ...clock, now: () => Date.parse(now) } })
    }
    expect(await ids(pipeline)).toEqual([1, 2, 3, 4, 5, 6, 7, 9, 11])
  })

  it('lose nothing to a server whose clock is behind', async () => {
    const api: RangeApi = { records: events(), now: '2025-03-04T20:00:00Z' }
    await using server = await serveRange(api)
    await using pipeline = open(server)
    await pipeline.sync({ clock })
    expect((await bookmark(pipeline))?.cursor).toBe('2025-03-04T20:00:00.000000Z')
    // Changed by the server's clock after the run began, and stamped into a window that was read by then.
    api.records.push(event(9, '04T20:30:00'))
    await pipeline.sync({ clock })
    expect(await ids(pipeline)).toContain(9)
  })

  it('of an API that ignores their end are cut off by Sluice, which says so', async () => {
    await using api = await serveRange({ records: events() })
    const source = rangeSource(
      api.url,
      rangeEndpoint({ primary_key: undefined }, { end_param_name: 'until' }),
    )
    await using pipeline = createPipeline(type, source, START)
    const summary = await pipeline.sync({ clock })
    expect(summary.warnings.map(({ code }) => code)).toContain('FILTER_IGNORED')
    expect(await ids(pipeline)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  it('without a start are one, until it has to be split', async () => {
    const api: RangeApi = { records: events() }
    await using server = await serveRange(api)
    await using pipeline = createPipeline(type, rangeSource(server.url, rangeEndpoint()))
    await pipeline.sync({ clock })
    expect(asked(server)).toEqual(['- - 0', '- - 3'])

    await using capped = createPipeline(type, rangeSource(server.url, rangeEndpoint()))
    api.cap = 2
    expect((await capped.sync({ clock })).status).toBe('ok')
    expect(await ids(capped)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  it.each([
    { write_disposition: 'append', order: 'none' },
    { write_disposition: 'append', order: 'asc' },
    { write_disposition: 'replace', order: 'none' },
  ])(
    'that are split lose and double no row in a table without a key: $write_disposition, $order',
    async ({ order, ...write }) => {
      const tagged = events().map((record) => ({ ...record, tags: ['a', 'b'] }))
      await using server = await serveRange({ records: tagged, cap: 2 })
      const endpoint = rangeEndpoint(
        {
          ...write,
          primary_key: undefined,
          pagination: { type: 'offset', limit: 2, limit_param: 'limit', offset_param: 'skip' },
        },
        { window: { size: 'P30D' }, order },
      )
      await using pipeline = open(server, endpoint)
      for (const fullRefresh of [false, true]) {
        const summary = await pipeline.sync({ clock, fullRefresh })
        expect(summary.status).toBe('ok')
        expect(await ids(pipeline)).toEqual([1, 2, 3, 4, 5, 6, 7])
        expect(await pipeline.rows('select count(*) from events__tags')).toEqual([[14]])
      }
    },
  )

  it('are kept for each parent', async () => {
    const records = ['a', 'b'].flatMap((parent, p) =>
      events().map((each) => ({ ...each, id: Number(each.id) + p * 10, parent })),
    )
    const api: RangeApi = { records }
    api.override = ({ path }) =>
      path === '/users' ? { data: [{ id: 'a' }, { id: 'b' }] } : undefined
    await using server = await serveRange(api)
    const child = rangeEndpoint({
      path: '/events/{user}',
      depends_on: { endpoint: 'users', param_mapping: { user: 'id' } },
    })
    const users = { name: 'users', path: '/users', primary_key: 'id' }
    await using pipeline = createPipeline(type, rangeSource(server.url, users, child), START)
    expect((await pipeline.sync({ clock })).status).toBe('ok')
    expect(await ids(pipeline)).toHaveLength(14)
    const before = server.requests.length
    await pipeline.sync({ clock })
    expect(asked(server).slice(before)).toEqual([
      '- - -',
      '2025-03-05T12:00:00Z - 0',
      '2025-03-05T12:00:00Z - 0',
    ])
  })

  it('are all read again by a full refresh, which swaps a table that is appended to', async () => {
    await using api = await serveRange({ records: events() })
    await using pipeline = open(api, rangeEndpoint({ primary_key: undefined }))
    await pipeline.sync({ clock })
    const again = await pipeline.sync({ clock, fullRefresh: true })
    expect(again.endpoints[0]).toMatchObject({ status: 'ok', requests: 5 })
    expect(await ids(pipeline)).toEqual([1, 2, 3, 4, 5, 6, 7])
    await pipeline.sync({ clock })
    expect(await ids(pipeline)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })
})
