import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../../../src/core/json.ts'
import { readingTypes } from '../../support/databases.ts'
import { reply, serve, type TestServer } from '../../support/http-server.ts'
import { createPipeline, type TestPipeline } from '../../support/pipeline.ts'

const PAGE = 3
const at = (day: number) => `2025-01-${String(day).padStart(2, '0')}T00:00:00Z`
const records = (count: number): JsonRecord[] =>
  Array.from({ length: count }, (_, i) => ({ id: i + 1, at: at(i + 1) }))
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

/** A list along cursors of which those of the `expiring` requests with one are refused. */
function serveList(
  expiring: (nth: number) => boolean,
  list: readonly JsonRecord[] = records(10),
): Promise<TestServer> {
  let withCursor = 0
  return serve(({ query }) => {
    const found = list.filter((record) => (record.at as string) >= (query.get('from') ?? ''))
    const cursor = query.get('cursor')
    if (cursor !== null && expiring(++withCursor)) return reply(400, { error: 'Expired cursor' })
    const start = Number(cursor ?? 0)
    const end = start + PAGE
    return { data: found.slice(start, end), next: end < found.length ? end : null }
  })
}

const source = ({ url }: TestServer, endpoint: object = {}) => ({
  base_url: url,
  auth: { type: 'none' },
  retry: { max_attempts: 1 },
  endpoints: [
    {
      name: 'events',
      path: '/events',
      data_selector: 'data',
      primary_key: 'id',
      pagination: { type: 'cursor', cursor_path: 'next' },
      ...endpoint,
    },
  ],
})
const asc = { incremental: { cursor_path: 'at', param_name: 'from', order: 'asc' } }
const ids = async (pipeline: TestPipeline) =>
  (await pipeline.rows('select id from events order by id')).flat().map(Number)
const asked = ({ requests }: TestServer) =>
  requests.map(({ query }) => `${query.get('from') ?? ''} ${query.get('cursor') ?? ''}`.trim())

describe.each(readingTypes)('a cursor that the API has forgotten, %s', (type) => {
  it('is no loss where the list is sorted: reading goes on from the bookmark, every time', async () => {
    await using api = await serveList((nth) => nth % 2 === 0)
    await using pipeline = createPipeline(type, source(api, asc))
    expect((await pipeline.sync()).status).toBe('ok')
    expect(await ids(pipeline)).toEqual(upTo(10))
    expect(asked(api)).toEqual(['', '3', '6', at(6), `${at(6)} 3`])
  })

  it.each([
    ['a list without a cursor field', {}],
    ['a list in no order', { incremental: { ...asc.incremental, order: 'none' } }],
    ['a table that is replaced', { write_disposition: 'replace' }],
    ['rows without a key', { primary_key: null }],
    ['appended rows', { ...asc, write_disposition: 'append' }],
    ['appended rows without a key', { ...asc, primary_key: null }],
    [
      'appended rows in no order',
      { incremental: { ...asc.incremental, order: 'none' }, write_disposition: 'append' },
    ],
  ])('is no loss and doubles nothing with %s', async (_, endpoint) => {
    await using api = await serveList((nth) => nth === 2 || nth === 3)
    await using pipeline = createPipeline(type, source(api, endpoint))
    expect((await pipeline.sync()).status).toBe('ok')
    expect(await ids(pipeline)).toEqual(upTo(10))
  })

  it('fails where it is forgotten again and again, and the next run reads what is left', async () => {
    let broken = true
    await using api = await serveList((nth) => broken && nth > 1)
    await using pipeline = createPipeline(type, source(api, { write_disposition: 'replace' }))
    const { endpoints } = await pipeline.sync()
    expect(endpoints[0]!.error).toMatchObject({
      code: 'PAGINATION_EXPIRED',
      message: expect.stringMatching(
        /^events: the API no longer takes the cursor of page 2: .*400/,
      ),
    })
    broken = false
    expect((await pipeline.sync()).status).toBe('ok')
    expect(await ids(pipeline)).toEqual(upTo(10))
  })

  it('is told from a first request that is refused', async () => {
    await using api = await serve(() => reply(400, { error: 'unknown cursor type' }))
    await using pipeline = createPipeline(type, source(api, asc))
    const { endpoints } = await pipeline.sync()
    expect(endpoints[0]!.error?.code).toBe('HTTP_STATUS')
    expect(api.requests.length).toBe(1)
  })
})
