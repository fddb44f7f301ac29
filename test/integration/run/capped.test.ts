import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../../../src/core/json.ts'
import { readingTypes } from '../../support/databases.ts'
import { serve, type TestServer } from '../../support/http-server.ts'
import { createPipeline, type TestPipeline } from '../../support/pipeline.ts'

/** As Close's search: after so many records the cursor is null, as at the end of a list. */
const MOST = 6

const at = (day: number) => `2025-01-${String(day).padStart(2, '0')}T00:00:00Z`
const lead = (id: number, day = id): JsonRecord => ({ id, at: at(day) })
const leads = (count: number) => Array.from({ length: count }, (_, i) => lead(i + 1))

function serveSearch(records: readonly JsonRecord[]): Promise<TestServer> {
  return serve(({ query }) => {
    const [from, to] = [query.get('from') ?? '', query.get('to') ?? '9999']
    const found = records
      .filter((record) => (record.at as string) >= from && (record.at as string) < to)
      .slice(0, MOST)
    const start = Number(query.get('cursor') ?? 0)
    const end = start + 3
    return { data: found.slice(start, end), next: end < found.length ? end : null }
  })
}

const source = ({ url }: TestServer, endpoint: object = {}, incremental: object = {}) => ({
  base_url: url,
  auth: { type: 'none' },
  retry: { max_attempts: 1 },
  endpoints: [
    {
      name: 'leads',
      path: '/leads',
      data_selector: 'data',
      primary_key: 'id',
      pagination: { type: 'cursor', cursor_path: 'next', max_records: MOST },
      incremental: {
        cursor_path: 'at',
        param_name: 'from',
        end_param_name: 'to',
        order: 'asc',
        ...incremental,
      },
      ...endpoint,
    },
  ],
})
const ids = async (pipeline: TestPipeline) =>
  (await pipeline.rows('select id from leads order by id')).flat().map(Number)
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

describe.each(readingTypes)('a list that the API cuts off in silence, %s', (type) => {
  it.each([
    ['merge', {}],
    ['append with a key', { write_disposition: 'append' }],
    ['append without a key', { primary_key: null }],
    ['replace', { write_disposition: 'replace' }],
  ])('is read on from the last record where it is sorted: %s', async (_, endpoint) => {
    await using api = await serveSearch([...leads(14), lead(15, 14), lead(16, 14), lead(17, 20)])
    await using pipeline = createPipeline(type, source(api, endpoint))
    for (const fullRefresh of [false, true, false]) {
      const summary = await pipeline.sync({ fullRefresh })
      expect(summary.status).toBe('ok')
      expect(await ids(pipeline)).toEqual(upTo(17))
    }
  })

  it('is read on behind what the lookback reads again', async () => {
    const records = leads(4)
    await using api = await serveSearch(records)
    await using pipeline = createPipeline(type, source(api, {}, { lookback: 'P2D' }))
    await pipeline.sync()
    records.push(...leads(20).slice(4))
    await pipeline.sync()
    expect(await ids(pipeline)).toEqual(upTo(20))
  })

  it('is read on behind a first page of nothing but known records', async () => {
    const records = [1, 2, 3].map((id) => lead(id, 5))
    await using api = await serveSearch(records)
    await using pipeline = createPipeline(type, source(api, { write_disposition: 'append' }))
    await pipeline.sync()
    records.push(...upTo(10).map((n) => lead(n + 3, n + 5)))
    expect((await pipeline.sync()).status).toBe('ok')
    expect(await ids(pipeline)).toEqual(upTo(13))
  })

  it('fails where more records share a value than it gives out, and keeps what was read', async () => {
    const ties = Array.from({ length: 8 }, (_, i) => lead(i + 3, 3))
    await using api = await serveSearch([lead(1), lead(2), ...ties])
    await using pipeline = createPipeline(type, source(api))
    const { endpoints } = await pipeline.sync()
    expect(endpoints[0]!.error).toMatchObject({
      code: 'PAGINATION_CAPPED',
      message: `leads: the API ends a list after ${MOST} records, and this one has as many`,
    })
    expect(await ids(pipeline)).toEqual(upTo(MOST + 2))
  })

  it.each([
    ['is not said to be sorted', { order: 'none' }, leads(14)],
    ['is not sorted', {}, [lead(1, 9), ...leads(14).slice(1)]],
  ])('fails where it %s: nothing tells what is left', async (_, incremental, records) => {
    await using api = await serveSearch(records)
    await using pipeline = createPipeline(type, source(api, {}, incremental))
    const { endpoints } = await pipeline.sync()
    expect(endpoints[0]!.error?.code).toBe('PAGINATION_CAPPED')
    expect(endpoints[0]!.bookmark.after).toBeNull()
  })

  it('is split where it is a window, of a sync and of a backfill', async () => {
    await using api = await serveSearch(leads(28))
    await using pipeline = createPipeline(
      type,
      source(api, {}, { window: { size: 'P10D' }, order: 'none' }),
      { start_date: at(15) },
    )
    expect((await pipeline.sync()).status).toBe('ok')
    const range = { endpoints: ['leads'], from: at(1), to: at(15) }
    expect((await pipeline.backfill(range)).status).toBe('ok')
    expect(await ids(pipeline)).toEqual(upTo(28))
  })
})
