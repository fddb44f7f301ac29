import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/core/clock.ts'
import type { JsonRecord } from '../../../src/core/json.ts'
import { readingTypes } from '../../support/databases.ts'
import type { TestServer } from '../../support/http-server.ts'
import { createPipeline, type TestPipeline } from '../../support/pipeline.ts'
import { rangeEndpoint, rangeSource, serveRange, type RangeApi } from '../../support/range-api.ts'

const NOW = '2025-03-10T12:00:00Z'
const clock: Clock = { now: () => Date.parse(NOW), sleep: async () => {} }
const START = { start_date: '2025-03-08' }

const day = (n: number) => `2025-03-${String(n).padStart(2, '0')}`
/** One event at noon of each of ten days, and two at each midnight. */
const events = (): JsonRecord[] =>
  Array.from({ length: 10 }, (_, i) => [
    { id: i * 10, at: `${day(i + 1)}T00:00:00Z`, v: 1 },
    { id: i * 10 + 1, at: `${day(i + 1)}T00:00:00Z`, v: 1 },
    { id: i * 10 + 2, at: `${day(i + 1)}T12:00:00Z`, v: 1 },
  ]).flat()

const asked = (api: TestServer) =>
  api.requests.map(({ query }) => `${query.get('from') ?? '-'} ${query.get('to') ?? '-'}`)
const daysOf = async (pipeline: TestPipeline) => {
  const rows = await pipeline.rows('select id from events order by id')
  const ids = rows.flat().map(Number)
  expect(new Set(ids).size).toBe(ids.length)
  return [...new Set(ids.map((id) => Math.floor(id / 10) + 1))]
}
const ledger = async (pipeline: TestPipeline) => {
  const windows = await pipeline.read((dataset) => dataset.windows('events'))
  return windows
    .map(({ from, to, status }) => `${from.slice(8, 13)}-${to.slice(8, 13)} ${status}`)
    .sort()
}
const bookmarks = (pipeline: TestPipeline) =>
  pipeline.read(async (dataset) =>
    (await dataset.bookmarks()).map(({ endpoint, partition, state }) => [
      endpoint,
      partition,
      state,
    ]),
  )
const range = (from: number, to: number) => ({
  clock,
  endpoints: ['events'],
  from: day(from),
  to: day(to),
})

describe.each(readingTypes)('a backfill into %s', (type) => {
  const open = (api: TestServer, endpoint = rangeEndpoint()) =>
    createPipeline(type, rangeSource(api.url, endpoint), START)
  const APPEND = rangeEndpoint({ primary_key: undefined })

  it('reads a range in windows, and leaves the bookmark of the sync where it was', async () => {
    await using api = await serveRange({ records: events() })
    await using pipeline = open(api)
    await pipeline.sync({ clock })
    expect(await daysOf(pipeline)).toEqual([8, 9, 10])
    const before = await bookmarks(pipeline)
    const first = api.requests.length

    const summary = await pipeline.backfill(range(2, 5))
    expect(summary).toMatchObject({
      command: 'backfill',
      status: 'ok',
      endpoints: [{ endpoint: 'events', windows: { done: 3, left: 0 }, bookmark: { after: null } }],
    })
    expect(asked(api).slice(first)).toEqual([
      `${day(2)}T00:00:00Z ${day(3)}T00:00:00Z`,
      `${day(3)}T00:00:00Z ${day(4)}T00:00:00Z`,
      `${day(4)}T00:00:00Z ${day(5)}T00:00:00Z`,
    ])
    expect(await daysOf(pipeline)).toEqual([2, 3, 4, 8, 9, 10])
    expect(await bookmarks(pipeline)).toEqual(before)
    expect(await ledger(pipeline)).toEqual([
      '02T00-03T00 done',
      '03T00-04T00 done',
      '04T00-05T00 done',
    ])
    const runs = await pipeline.rows(
      'select command, status from _sluice_runs order by started_at, command desc',
    )
    expect(runs).toEqual([
      ['sync', 'ok'],
      ['backfill', 'ok'],
    ])
  })

  it.each([
    ['merges', rangeEndpoint()],
    ['appends', APPEND],
  ])(
    'that was stopped goes on with the windows that are left, and %s each record once',
    async (_, endpoint) => {
      const api: RangeApi = { records: events() }
      await using server = await serveRange(api)
      await using pipeline = open(server, endpoint)
      const aborted = new AbortController()
      api.override = ({ query }) => {
        if (query.get('from') === `${day(3)}T00:00:00Z`) aborted.abort(new Error('stop'))
        return undefined
      }
      const stopped = await pipeline.backfill({ ...range(1, 6), signal: aborted.signal })
      expect(stopped.status).toBe('interrupted')
      expect(stopped.endpoints[0]!.windows).toEqual({ done: 2, left: 3 })
      expect(await ledger(pipeline)).toEqual([
        '01T00-02T00 done',
        '02T00-03T00 done',
        '03T00-04T00 planned',
        '04T00-05T00 planned',
        '05T00-06T00 planned',
      ])
      api.override = undefined
      const before = server.requests.length
      await pipeline.backfill(range(1, 6))
      const goesOn = asked(server).slice(before).toSorted()[0]
      expect(goesOn).toBe(`${day(3)}T00:00:00Z ${day(4)}T00:00:00Z`)
      expect(await daysOf(pipeline)).toEqual([1, 2, 3, 4, 5])

      const again = await pipeline.backfill(range(1, 6))
      expect(again.endpoints[0]).toMatchObject({ status: 'ok', requests: 0 })
      expect(again.warnings).toMatchObject([{ code: 'NOTHING_LEFT' }])
      expect(await daysOf(pipeline)).toEqual([1, 2, 3, 4, 5])
    },
  )

  it('reads only what no earlier one has', async () => {
    await using api = await serveRange({ records: events() })
    await using pipeline = open(api)
    await pipeline.backfill(range(3, 5))
    const before = api.requests.length
    await pipeline.backfill({ ...range(2, 7), from: `${day(2)}T06:00:00Z` })
    expect(asked(api).slice(before)).toEqual([
      `${day(2)}T06:00:00Z ${day(3)}T00:00:00Z`,
      `${day(5)}T00:00:00Z ${day(6)}T00:00:00Z`,
      `${day(6)}T00:00:00Z ${day(7)}T00:00:00Z`,
    ])
  })

  it('reads everything again where it is told to', async () => {
    const api: RangeApi = { records: events() }
    await using server = await serveRange(api)
    await using pipeline = open(server)
    await pipeline.backfill(range(2, 5))
    api.records = api.records.map((record) => ({ ...record, v: 2 }))
    await pipeline.backfill({ ...range(3, 4), fullRefresh: true })
    expect(await pipeline.rows('select distinct v from events where id between 20 and 29')).toEqual(
      [[2]],
    )
    expect(await pipeline.rows('select distinct v from events where id < 20')).toEqual([[1]])
    expect(await ledger(pipeline)).toEqual([
      '02T00-03T00 done',
      '03T00-04T00 done',
      '04T00-05T00 done',
    ])
  })

  it('never puts an older version of a record over a newer one', async () => {
    const api: RangeApi = { records: [{ id: 1, at: `${day(9)}T00:00:00Z`, v: 'new' }] }
    await using server = await serveRange(api)
    await using pipeline = open(server)
    await pipeline.sync({ clock })
    api.records = [{ id: 1, at: `${day(3)}T00:00:00Z`, v: 'old' }]
    await pipeline.backfill(range(2, 5))
    expect(await pipeline.rows('select v from events')).toEqual([['new']])
  })

  it('splits what is capped, remembers the parts, and leaves what it can not read planned', async () => {
    const crowd = Array.from({ length: 30 }, (_, i) => ({
      id: 500 + i,
      at: `${day(3)}T10:00:00.250Z`,
    }))
    const api: RangeApi = { records: [...events(), ...crowd], cap: 8 }
    await using server = await serveRange(api)
    await using pipeline = open(server)
    const failed = await pipeline.backfill(range(2, 5))
    expect(failed.endpoints[0]).toMatchObject({
      status: 'failed',
      error: { code: 'PAGINATION_CAPPED' },
    })
    const planned = (await ledger(pipeline)).filter((line) => line.endsWith('planned'))
    expect(planned).toHaveLength(1)
    const before = server.requests.length
    delete api.cap
    expect((await pipeline.backfill(range(2, 5))).status).toBe('ok')
    // Only the second that could not be read.
    expect(asked(server)[before]).toMatch(/T09:59:59.* .*T10:00:00|T10:00:00.* .*T10:00:0/)
    expect(await pipeline.rows('select count(*) from events where id >= 500')).toEqual([[30]])
  })

  it.each([
    ['first', true],
    ['afterwards', false],
  ])(
    'of a table that is appended to adds no record that a sync adds, the backfill run %s',
    async (_, first) => {
      await using api = await serveRange({ records: events() })
      await using pipeline = open(api, APPEND)
      if (first) await pipeline.backfill(range(6, 10))
      await pipeline.sync({ clock })
      if (!first) await pipeline.backfill(range(6, 10))
      await pipeline.sync({ clock })
      expect(await daysOf(pipeline)).toEqual([6, 7, 8, 9, 10])
      await pipeline.backfill(range(1, 10))
      expect(await daysOf(pipeline)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    },
  )

  it('appends nothing that a sync would bring again when the clock of the server is behind', async () => {
    const api: RangeApi = { records: events(), now: '2025-03-10T10:00:00Z' }
    await using server = await serveRange(api)
    await using pipeline = open(server, APPEND)
    await pipeline.backfill({ clock, endpoints: ['events'], from: day(8) })
    await pipeline.sync({ clock })
    expect(await daysOf(pipeline)).toEqual([8, 9, 10])
    expect(await pipeline.rows('select count(*) from events')).toEqual([[9]])
  })

  it('is said to be gone when a full refresh swaps the table it was appended to', async () => {
    await using api = await serveRange({ records: events() })
    await using pipeline = open(api, APPEND)
    await pipeline.sync({ clock })
    await pipeline.backfill(range(2, 5))
    const refreshed = await pipeline.sync({ clock, fullRefresh: true })
    expect(refreshed.warnings.map(({ code }) => code)).toContain('BACKFILL_GONE')
    expect(await daysOf(pipeline)).toEqual([8, 9, 10])
    await pipeline.backfill(range(2, 5))
    expect(await daysOf(pipeline)).toEqual([2, 3, 4, 8, 9, 10])
  })

  it('ends the warning about an earlier start date once it has read what was missing', async () => {
    await using api = await serveRange({ records: events() })
    const source = rangeSource(api.url, rangeEndpoint())
    await using pipeline = createPipeline(type, source, START)
    await pipeline.sync({ clock })
    pipeline.configure(source, { start_date: day(5) })
    const warned = (await pipeline.sync({ clock })).warnings
    expect(warned).toMatchObject([{ code: 'START_DATE_EARLIER' }])
    expect(warned[0]!.message).toContain(
      `sluice backfill test -e events --from ${day(5)}T00:00:00.000000Z --to ${day(8)}T00:00:00.000000Z`,
    )
    await pipeline.backfill(range(5, 8))
    expect((await pipeline.sync({ clock })).warnings).toEqual([])
    expect(await daysOf(pipeline)).toEqual([5, 6, 7, 8, 9, 10])
  })

  it('without an end goes up to now, and no further than the clock of the server', async () => {
    await using api = await serveRange({ records: events(), now: `${day(9)}T18:00:00Z` })
    await using pipeline = open(api)
    await pipeline.backfill({ clock, endpoints: ['events'], from: day(8) })
    expect(await daysOf(pipeline)).toEqual([8, 9, 10])
    expect(await ledger(pipeline)).toEqual(['08T00-09T00 done', '09T00-09T18 done'])
  })

  it('of an API that takes no end reads in one go what Sluice has to cut off', async () => {
    await using api = await serveRange({ records: events() })
    const open = { end_param_name: undefined, window: undefined }
    await using pipeline = createPipeline(
      type,
      rangeSource(api.url, rangeEndpoint({}, open)),
      START,
    )
    await pipeline.backfill(range(2, 5))
    expect(new Set(asked(api))).toEqual(new Set([`${day(2)}T00:00:00Z -`]))
    expect(await daysOf(pipeline)).toEqual([2, 3, 4])
    expect(await ledger(pipeline)).toEqual(['02T00-05T00 done'])
  })

  it('of children asks for the parents that are there, and keeps a ledger for each', async () => {
    const records = ['a', 'b'].flatMap((parent, p) =>
      events().map((record) => ({ ...record, id: Number(record.id) + p * 1000, parent })),
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
    const early = await pipeline.backfill(range(2, 4))
    expect(early.endpoints[0]!.error).toMatchObject({ code: 'PARENT_FAILED' })
    await pipeline.sync({ clock })
    const before = server.requests.length
    await pipeline.backfill(range(2, 4))
    expect(
      server.requests
        .slice(before)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['/events/a', '/events/a', '/events/b', '/events/b'])
    expect(await pipeline.rows(`select count(*) from events where at < '${day(8)}'`)).toEqual([
      [12],
    ])
    expect(await ledger(pipeline)).toHaveLength(4)
  })
})

describe('a backfill', () => {
  it.each([
    ['an endpoint without a cursor', { incremental: undefined }, {}, /it has no incremental/],
    [
      'a table that is replaced',
      { write_disposition: 'replace' },
      {},
      /each sync replaces its table/,
    ],
    [
      'appended rows once more',
      { primary_key: undefined },
      { fullRefresh: true },
      /reading them once more would double them/,
    ],
    ['a range that ends before it begins', {}, { from: day(5), to: day(5) }, /is not before --to/],
    ['what is no time', {}, { from: 'soon' }, /--from "soon" is no value of the cursor/],
    ['the future', {}, { from: '2030-01-01', to: undefined }, /is in the future/],
    [
      'an unknown endpoint',
      {},
      { endpoints: ['evnts'] },
      /no endpoint "evnts"; did you mean "events"/,
    ],
    ['too many windows', {}, { from: '1200-01-01' }, /more than 100000/],
  ])('refuses %s', async (_, endpoint, options, message) => {
    await using api = await serveRange({ records: events() })
    await using pipeline = createPipeline('sqlite', rangeSource(api.url, rangeEndpoint(endpoint)))
    const refused = pipeline.backfill({ ...range(2, 5), ...options }).then(
      ({ endpoints }) => endpoints[0]?.error,
      (error: unknown) => error,
    )
    expect(await refused).toMatchObject({ code: 'USAGE', message: expect.stringMatching(message) })
    expect(api.requests).toHaveLength(0)
  })
})
