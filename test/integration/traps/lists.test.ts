import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/core/clock.ts'
import type { JsonRecord } from '../../../src/core/json.ts'
import { silentLogger } from '../../../src/core/log.ts'
import { readPages } from '../../../src/extract/pages.ts'
import { cursor } from '../../../src/http/pagination/cursor.ts'
import type { RestRequest, RestResponse } from '../../../src/http/types.ts'
import { reply, serve, type TestServer } from '../../support/http-server.ts'
import { createPipeline, type TestPipeline } from '../../support/pipeline.ts'
import { rangeEndpoint, rangeSource, serveRange, type RangeApi } from '../../support/range-api.ts'

const clock: Clock = { now: () => Date.parse('2025-03-02T12:00:00Z'), sleep: async () => {} }
const at = (hour: number) => `2025-03-01T${String(hour).padStart(2, '0')}:00:00Z`
const events = (count: number): JsonRecord[] =>
  Array.from({ length: count }, (_, i) => ({ id: i + 1, at: at(i + 1) }))
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)
const ids = async (pipeline: TestPipeline) =>
  (await pipeline.rows('select id from events order by id')).flat().map(Number)

const open = (api: TestServer, endpoint: object = {}, incremental: object = {}) => {
  const whole = { window: undefined, ...incremental }
  return createPipeline('sqlite', rangeSource(api.url, rangeEndpoint(endpoint, whole)))
}

describe('where a run is interrupted', () => {
  it('T1: an offset is not gone on from, because the list may have shifted since', async () => {
    const api: RangeApi = { records: events(10) }
    api.override = ({ query }) => (Number(query.get('skip')) > 3 ? reply(500) : undefined)
    await using server = await serveRange(api)
    await using pipeline = open(server, { incremental: undefined })
    expect((await pipeline.sync()).status).toBe('failed')
    api.records = api.records.slice(4)
    api.override = undefined
    const asked = server.requests.length
    expect((await pipeline.sync()).status).toBe('ok')
    expect(server.requests[asked]!.query.get('skip')).toBe('0')
    expect(await ids(pipeline)).toEqual(upTo(10))
  })

  it('T2: the first page of a list that shows the latest first moves no bookmark', async () => {
    const api: RangeApi = { records: events(10).reverse() }
    api.override = ({ query }) => (query.get('skip') === '3' ? reply(500) : undefined)
    await using server = await serveRange(api)
    await using pipeline = open(server, {}, { order: 'desc' })
    expect((await pipeline.sync()).status).toBe('failed')
    expect(await ids(pipeline)).toEqual([7, 8, 9, 10])
    api.override = undefined
    expect((await pipeline.sync()).status).toBe('ok')
    expect(await ids(pipeline)).toEqual(upTo(10))
  })
})

describe('a _skip that is too deep', () => {
  const TODAY = {
    errors: [],
    'field-errors': { _skip: 'Value must be less than or equal to 8.' },
  }
  const BEFORE = {
    error: 'The skip you set is larger than the maximum skip for this resource (max_skip = 8).',
  }

  it('T3: has the window split', async () => {
    const api: RangeApi = { records: events(12) }
    api.override = ({ query }) => (Number(query.get('skip')) > 8 ? reply(400, TODAY) : undefined)
    await using server = await serveRange(api)
    await using pipeline = open(server, {}, { initial_value: at(1), window: { size: 'P1D' } })
    expect((await pipeline.sync({ clock })).status).toBe('ok')
    expect(await ids(pipeline)).toEqual(upTo(12))
  })

  it.each([
    ['of today', TODAY],
    ['of before', BEFORE],
  ])('T3: is a failure where nothing can be split, in the words %s', async (_, words) => {
    const api: RangeApi = { records: events(20) }
    api.override = ({ query }) => (Number(query.get('skip')) > 8 ? reply(400, words) : undefined)
    await using server = await serveRange(api)
    await using pipeline = open(server, { incremental: undefined })
    const [outcome] = (await pipeline.sync()).endpoints
    expect(outcome!.error).toMatchObject({
      code: 'PAGINATION_CAPPED',
      message: 'events: the API does not go beyond the first 8 records of a list',
    })
  })
})

describe('an API that ignores', () => {
  it('T12: the offset is an error, and its first page is not read for ever', async () => {
    await using server = await serve(() => ({ data: events(4), has_more: true }))
    await using pipeline = open(server, { incremental: undefined, max_pages: 10 })
    const [outcome] = (await pipeline.sync()).endpoints
    expect(outcome!.error?.code).toBe('PAGINATION_LOOP')
    expect(server.requests.length).toBeLessThan(10)
  })

  it('T12: page numbers beyond the last, and begins anew, is an error', async () => {
    await using server = await serve(({ query }) => {
      const page = (Number(query.get('page')) - 1) % 3
      return { data: events(6).slice(page * 2, page * 2 + 2), has_more: true }
    })
    await using pipeline = open(server, {
      incremental: undefined,
      pagination: { type: 'page' },
      max_pages: 10,
    })
    const [outcome] = (await pipeline.sync()).endpoints
    expect(outcome!.error).toMatchObject({
      code: 'PAGINATION_LOOP',
      message: 'events: page 4 holds the same records as page 1',
    })
    expect(server.requests).toHaveLength(4)
  })
})

describe('a list without an end', () => {
  it('T28: of empty pages, each of which names another one, is an error', async () => {
    let asked = 0
    const send = async ({ url }: RestRequest): Promise<RestResponse> => {
      const body = { data: [], next: ++asked < 2000 ? `page-${asked}` : null }
      return { status: 200, url, headers: {}, body, bytes: 0, nulsRemoved: 0, serverTime: null }
    }
    const request: RestRequest = {
      method: 'GET',
      url: 'http://127.0.0.1/events',
      params: {},
      queryStyle: 'plain',
      headers: {},
      body: undefined,
    }
    const context = { endpoint: 'events', log: silentLogger, warn: () => {} }
    const options = cursor.config.parse({ type: 'cursor', cursor_path: 'next' })
    const pages = readPages(request, {
      ...context,
      send,
      paginator: cursor.create(options, context),
      select: () => [],
      primaryKey: ['id'],
      upserted: true,
      successPath: undefined,
      skipStatuses: new Set(),
      skippedIsEmpty: false,
      onSkip: () => {},
      doubt: () => {},
      maxPages: Infinity,
      ahead: null,
    })
    const walk = async () => {
      for await (const page of pages) expect(page.records).toEqual([])
    }
    await expect(walk()).rejects.toMatchObject({ code: 'PAGINATION_LOOP' })
    expect(asked).toBe(1001)
  })

  it('T28: goes on behind short and empty pages where has_more says so, and ends where it no longer does', async () => {
    const pages = [[1, 2], [3], [], [4, 5]].map((page) => page.map((id) => ({ id, at: at(id) })))
    await using server = await serve(({ query }) => {
      const index = Number(query.get('cursor') ?? 0)
      const has_more = index + 1 < pages.length
      return { data: pages[index]!, has_more, next_cursor: has_more ? index + 1 : 'stale' }
    })
    const pagination = { type: 'cursor', limit: 2, limit_param: 'limit' }
    await using pipeline = open(server, { incremental: undefined, pagination })
    expect((await pipeline.sync()).status).toBe('ok')
    expect(server.requests).toHaveLength(4)
    expect(await ids(pipeline)).toEqual(upTo(5))
  })
})
