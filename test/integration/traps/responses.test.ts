import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/core/clock.ts'
import type { JsonValue } from '../../../src/core/json.ts'
import { reply, reset, sequence, serve, type TestServer } from '../../support/http-server.ts'
import { createPipeline, type TestPipeline } from '../../support/pipeline.ts'

const source = (api: TestServer, endpoint: object = {}) => ({
  base_url: api.url,
  auth: { type: 'none' },
  retry: { max_attempts: 3, base_delay: '1ms' },
  endpoints: [
    { name: 'leads', path: '/leads', data_selector: 'data', primary_key: 'id', ...endpoint },
  ],
})
const ids = async (pipeline: TestPipeline) =>
  (await pipeline.rows('select id from leads order by id')).flat()

/** A clock that notes how long it was waited for. */
function waitingClock(): Clock & { readonly waits: readonly number[] } {
  const waits: number[] = []
  let now = Date.now()
  return {
    waits,
    now: () => now,
    sleep: async (ms) => {
      waits.push(ms)
      now += ms
    },
  }
}

describe('a rate limit of several periods', () => {
  it('T19: is waited for until the latest of its resets', async () => {
    const refused = reply(429, null, { 'x-ratelimit-reset': '2, 30;w=60, 4;w=1' })
    await using api = await serve(sequence(refused, { data: [{ id: 1 }] }))
    await using pipeline = createPipeline('sqlite', source(api))
    const clock = waitingClock()
    expect((await pipeline.sync({ clock })).status).toBe('ok')
    expect(clock.waits).toHaveLength(1)
    expect(clock.waits[0]).toBeGreaterThanOrEqual(30_000)
  })

  it('T19: that one of them has used up is waited for before it refuses', async () => {
    const spent = { 'x-ratelimit-remaining': '0, 99;w=60', 'x-ratelimit-reset': '7' }
    await using api = await serve(
      sequence(reply(200, { data: [{ id: 1 }], next: 'b' }, spent), { data: [{ id: 2 }] }),
    )
    const pagination = { type: 'cursor', cursor_path: 'next' }
    await using pipeline = createPipeline('sqlite', source(api, { pagination }))
    const clock = waitingClock()
    expect((await pipeline.sync({ clock })).status).toBe('ok')
    expect(await ids(pipeline)).toEqual([1, 2])
    expect(clock.waits).toHaveLength(1)
    expect(clock.waits[0]).toBeGreaterThanOrEqual(7000)
  })
})

describe('a token', () => {
  it('T33: that ends during a run is replaced by one login, and kept in memory alone', async () => {
    let logins = 0
    await using api = await serve(({ path, query, headers }) => {
      if (path === '/token') return { token: `token-of-login-${++logins}` }
      const start = Number(query.get('offset'))
      const valid = start < 2 ? 1 : 2
      if (headers.authorization !== `Bearer token-of-login-${valid}`) return reply(401)
      const data = [1, 2, 3, 4].map((id) => ({ id })).slice(start, start + 2)
      return { data, has_more: start + 2 < 4 }
    })
    const pagination = { type: 'offset', limit: 2, overlap: 0 }
    const auth = { type: 'login', path: '/token', json: { user: 'u' }, token_path: 'token' }
    await using pipeline = createPipeline('sqlite', { ...source(api, { pagination }), auth })
    expect((await pipeline.sync()).status).toBe('ok')
    expect(logins).toBe(2)
    expect(await ids(pipeline)).toEqual([1, 2, 3, 4])
    expect(await pipeline.rows('select * from _sluice_tokens')).toEqual([])
    for (const name of readdirSync(pipeline.folder)) {
      expect(readFileSync(join(pipeline.folder, name)).includes('token-of-login')).toBe(false)
    }
  })
})

describe('a search, which is a POST', () => {
  it('T40: is sent again, body and all, because it changes nothing', async () => {
    await using api = await serve(
      sequence(reset(), reply(503), { data: [{ id: 1 }], cursor: null }),
    )
    const json = { query: { type: 'and', queries: [] } }
    await using pipeline = createPipeline('sqlite', source(api, { method: 'POST', json }))
    expect((await pipeline.sync()).status).toBe('ok')
    const sent = api.requests.map(({ method, body }) => [method, JSON.parse(body)])
    expect(sent).toEqual([
      ['POST', json],
      ['POST', json],
      ['POST', json],
    ])
    expect(await ids(pipeline)).toEqual([1])
  })
})

describe('a success that is none', () => {
  /** Leads 1 and 2, and from the second sync on the answer of a test. */
  async function thenAnswered(answer: JsonValue, endpoint: object) {
    const whole = { success: true, data: [{ id: 1 }, { id: 2 }] }
    await using api = await serve(sequence(whole, answer))
    await using pipeline = createPipeline('sqlite', source(api, endpoint))
    expect((await pipeline.sync()).status).toBe('ok')
    const { status } = await pipeline.sync()
    const gone =
      'deletes' in endpoint
        ? await pipeline.rows('select id from leads where _sluice_deleted_at is not null')
        : []
    return { status, ids: await ids(pipeline), gone }
  }

  it('T21: is a failure by its success_path, also with records beside it', async () => {
    const answer = { success: false, data: [{ id: 3 }] }
    const outcome = await thenAnswered(answer, { success_path: 'success' })
    expect(outcome).toMatchObject({ status: 'failed', ids: [1, 2] })
  })

  it('T21: is a failure by its own words, where the list is empty', async () => {
    const outcome = await thenAnswered({ success: false, data: [] }, { primary_key: undefined })
    expect(outcome).toMatchObject({ status: 'failed', ids: [1, 2] })
  })

  it('T21: is a failure by its own words, where an object stands for the list', async () => {
    const outcome = await thenAnswered({ success: false, data: {} }, { primary_key: undefined })
    expect(outcome).toMatchObject({ status: 'failed', ids: [1, 2] })
  })

  it('T21: puts no row of nothing in the place of all others', async () => {
    const outcome = await thenAnswered({ success: true, data: {} }, { primary_key: undefined })
    expect(outcome.ids).not.toContain(null)
  })

  it('T21: puts no row of words in the place of all others', async () => {
    const outcome = await thenAnswered({ data: 'quota exceeded' }, { primary_key: undefined })
    expect(outcome).toMatchObject({ status: 'failed', ids: [1, 2] })
  })

  it('T21: has nothing taken for gone by a record that does not say which one it is', async () => {
    const deletes = { deletes: 'soft', max_delete_ratio: 1 }
    const answer = { success: true, data: [{ id: 1 }, { name: 'two' }] }
    expect((await thenAnswered(answer, deletes)).gone).toEqual([])
  })
})
