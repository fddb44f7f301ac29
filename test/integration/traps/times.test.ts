import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { destinationTypes } from '../../support/databases.ts'
import { serve, type TestServer } from '../../support/http-server.ts'
import { createPipeline } from '../../support/pipeline.ts'

const source = (api: TestServer, endpoint: object) => ({
  base_url: api.url,
  auth: { type: 'none' },
  endpoints: [{ name: 'events', path: '/events', data_selector: 'data', ...endpoint }],
})

describe('where the clock of this machine is not in UTC', () => {
  beforeAll(() => void vi.stubEnv('TZ', 'America/New_York'))
  afterAll(() => void vi.unstubAllEnvs())

  /** As Close and EspoCRM write times, and the instants that they are. */
  const TIMES: readonly [written: string, instant: string][] = [
    ['2024-06-19T09:22:10.931820', '2024-06-19T09:22:10.931820Z'],
    ['2024-06-19 09:22:11', '2024-06-19T09:22:11.000000Z'],
    ['2024-06-19 09:22:11.123456', '2024-06-19T09:22:11.123456Z'],
    ['2024-06-19T09:22:12', '2024-06-19T09:22:12.000000Z'],
    ['2024-06-19T09:22:13.000001+00:00', '2024-06-19T09:22:13.000001Z'],
    ['2024-06-19T14:52:14.5+05:30', '2024-06-19T09:22:14.500000Z'],
    // New York has no such hour, and has the other one twice.
    ['2024-03-10T02:30:00', '2024-03-10T02:30:00.000000Z'],
    ['2024-11-03 01:30:00', '2024-11-03T01:30:00.000000Z'],
  ]
  const records = TIMES.map(([at], id) => ({ id, at, day: '2024-06-19' }))

  it.each(destinationTypes)('T17: times without an offset are UTC in %s', async (type) => {
    expect(new Date(2024, 5, 19).getTimezoneOffset()).toBe(240)
    await using api = await serve(() => ({ data: records }))
    await using pipeline = createPipeline(type, source(api, { primary_key: 'id' }))
    expect((await pipeline.sync()).status).toBe('ok')
    const { events } = await pipeline.dump()
    const byId = events!.sort((a, b) => Number(a.id) - Number(b.id))
    expect(byId.map(({ at }) => at)).toEqual(TIMES.map(([, instant]) => instant))
    expect(byId.map(({ day }) => day)).toEqual(TIMES.map(() => '2024-06-19'))
  })

  it.each([
    ['iso', '2024-06-19T09:22:10.931820Z'],
    ['yyyy-MM-dd HH:mm:ss', '2024-06-19 09:22:10'],
    ['date', '2024-06-19'],
    ['epoch', '1718788930'],
  ])('T17: a bound in the format %s is UTC', async (format, bound) => {
    await using api = await serve(() => ({ data: records.slice(0, 1) }))
    const incremental = { cursor_path: 'at', param_name: 'since', format }
    await using pipeline = createPipeline('sqlite', source(api, { primary_key: 'id', incremental }))
    await pipeline.sync()
    await pipeline.sync()
    expect(api.requests.at(-1)!.query.get('since')).toBe(bound)
  })
})

describe('a bound in the address', () => {
  it.each([
    ['iso', '2025-03-01T00:00:00Z', 'since=2025-03-01T00%3A00%3A00Z'],
    ['string', '2025-03-01T00:00:00+00:00', 'since=2025-03-01T00%3A00%3A00%2B00%3A00'],
  ])('T18: is encoded, an offset with it, in the format %s', async (format, read, sent) => {
    const at = '2025-03-01T00:00:00+00:00'
    await using api = await serve(() => ({ data: [{ id: 1, at }] }))
    const incremental = { cursor_path: 'at', param_name: 'since', format }
    await using pipeline = createPipeline('sqlite', source(api, { primary_key: 'id', incremental }))
    await pipeline.sync()
    await pipeline.sync()
    expect(api.requests.at(-1)!.url).toBe(`/events?${sent}`)
    expect(api.requests.at(-1)!.query.get('since')).toBe(read)
  })
})
