import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { JsonRecord, JsonValue } from '../../../src/core/json.ts'
import { destinationTypes } from '../../support/databases.ts'
import { reply, serve } from '../../support/http-server.ts'
import { createPipeline } from '../../support/pipeline.ts'

const lead = (id: number, updated: string, more: JsonRecord = {}): JsonRecord => ({
  id: `lead_${id}`,
  date_updated: `2025-05-${updated}T00:00:00.000000+00:00`,
  ...more,
})

/** A list API with `_skip` and `_limit`, and a real `date_updated__gte` filter. */
function listApi(state: { records: JsonRecord[] }) {
  return serve((request) => {
    const { query } = request
    const since = query.get('date_updated__gte')
    const matching = state.records.filter(
      (record) => since === null || Date.parse(record.date_updated as string) >= Date.parse(since),
    )
    const skip = Number(query.get('_skip') ?? 0)
    const limit = Number(query.get('_limit') ?? 100)
    return {
      data: matching.slice(skip, skip + limit),
      has_more: skip + limit < matching.length,
    }
  })
}

const leads = (more: object = {}) => ({
  name: 'leads',
  path: '/lead/',
  data_selector: 'data',
  primary_key: 'id',
  pagination: { type: 'offset', limit_param: '_limit', offset_param: '_skip', limit: 2 },
  incremental: { cursor_path: 'date_updated', param_name: 'date_updated__gte' },
  ...more,
})

const source = (url: string, ...endpoints: object[]) => ({
  base_url: url,
  auth: { type: 'none' },
  retry: { max_attempts: 2, base_delay: '1ms' },
  endpoints,
})

describe.each(destinationTypes)('sync into %s', (type) => {
  it('reads everything first and only what is new afterwards', async () => {
    const state = { records: [lead(1, '01'), lead(2, '02'), lead(3, '03')] }
    await using api = await listApi(state)
    await using pipeline = createPipeline(type, source(api.url, leads()))

    const first = await pipeline.sync()
    expect(first).toMatchObject({
      status: 'ok',
      endpoints: [{ endpoint: 'leads', requests: 2, pages: 2, records: 3, rows: { leads: 3 } }],
    })
    state.records.push(lead(4, '09'))
    const second = await pipeline.sync()
    expect(second.endpoints[0]).toMatchObject({ requests: 1, records: 2 })
    expect(api.requests.map(({ query }) => query.get('date_updated__gte'))).toEqual([
      null,
      null,
      '2025-05-03T00:00:00Z',
    ])
    expect(second.endpoints[0]!.bookmark).toEqual({
      before: '2025-05-03T00:00:00.000000Z',
      after: '2025-05-09T00:00:00.000000Z',
    })
    expect(await pipeline.rows('select count(*) from leads')).toEqual([[4]])
  })

  it('replaces an edited record: its row whole, and its child rows', async () => {
    const before = lead(1, '01', { note: 'old', contacts: [{ name: 'A' }, { name: 'B' }] })
    const state = { records: [before, lead(2, '02', { contacts: [{ name: 'C' }] })] }
    await using api = await listApi(state)
    await using pipeline = createPipeline(type, source(api.url, leads()))
    await pipeline.sync()

    state.records[0] = lead(1, '05', { contacts: [{ name: 'Z' }] })
    await pipeline.sync()
    expect(await pipeline.rows('select id, note from leads order by id')).toEqual([
      ['lead_1', null],
      ['lead_2', null],
    ])
    expect(await pipeline.rows('select name from leads__contacts order by name')).toEqual([
      ['C'],
      ['Z'],
    ])
  })

  it('changes nothing when it runs again with nothing new', async () => {
    const state = { records: [lead(1, '01', { tags: ['a', 'b'] }), lead(2, '02')] }
    await using api = await listApi(state)
    await using pipeline = createPipeline(type, source(api.url, leads()))
    await pipeline.sync()
    const once = await pipeline.dump()
    await pipeline.sync()
    expect(await pipeline.dump()).toEqual(once)
  })

  it('keeps a recorded lead exactly: child tables, microseconds, twice the same', async () => {
    const text = readFileSync(new URL('../../fixtures/recorded-lead.json', import.meta.url), 'utf8')
    await using api = await serve({
      '/lead/': { data: [JSON.parse(text) as JsonValue], has_more: false },
    })
    await using pipeline = createPipeline(type, source(api.url, leads({ incremental: undefined })))
    const first = await pipeline.sync()
    expect(first.status).toBe('ok')
    expect(first.endpoints[0]!.rows).toEqual({
      leads: 1,
      leads__activities: 10,
      leads__contacts: 1,
      leads__contacts__phones: 1,
    })
    const once = await pipeline.dump()
    expect(once.leads).toMatchObject([
      {
        id: 'lead_5ISwLcsJWlr1ISL935eFoS2okRDIBun6klQCyR05Bnh',
        date_updated: '2012-09-04T20:57:52.856000Z',
        date_created: '2012-08-27T18:40:00.025000Z',
      },
    ])
    const calls = await pipeline.rows(
      `select date_updated, duration from leads__activities where _dlt_list_idx = 0`,
    )
    expect(calls).toEqual([['2012-09-04T20:57:52.851000Z', 65]])
    expect(once.leads__contacts__phones).toMatchObject([{ phone: '+17632225552', type: 'office' }])
    await pipeline.sync()
    expect(await pipeline.dump()).toEqual(once)
  })

  it('replaces a table without a key by each complete read, even an empty one', async () => {
    const state = {
      records: [
        { name: 'a', tags: [1] },
        { name: 'b', tags: [] },
      ] as JsonRecord[],
    }
    await using api = await listApi(state)
    const full = leads({ primary_key: undefined, incremental: undefined })
    await using pipeline = createPipeline(type, source(api.url, full))
    await pipeline.sync()
    state.records = [{ name: 'c', tags: [2, 3] }]
    await pipeline.sync()
    expect(await pipeline.rows('select name from leads')).toEqual([['c']])
    expect(await pipeline.rows('select value from leads__tags order by value')).toEqual([[2], [3]])
    state.records = []
    await pipeline.sync()
    expect(await pipeline.rows('select count(*) from leads')).toEqual([[0]])
    expect(await pipeline.rows('select count(*) from leads__tags')).toEqual([[0]])
  })

  it('appends each record once, also when the bookmark is read again', async () => {
    const state = { records: [lead(1, '01'), lead(2, '02'), lead(3, '02')] }
    await using api = await listApi(state)
    const log = leads({ primary_key: undefined, write_disposition: 'append' })
    await using pipeline = createPipeline(type, source(api.url, log))
    await pipeline.sync()
    await pipeline.sync()
    state.records.push(lead(4, '02'), lead(1, '07'))
    await pipeline.sync()
    const ids = await pipeline.rows('select id from leads order by id, date_updated')
    expect(ids.flat()).toEqual(['lead_1', 'lead_1', 'lead_2', 'lead_3', 'lead_4'])
  })

  it('appends nothing of a read that fails half-way, and everything of the next', async () => {
    const state = { records: [lead(1, '01'), lead(2, '02'), lead(3, '03')], fail: true }
    await using api = await serve(({ query }) => {
      const skip = Number(query.get('_skip'))
      if (skip > 0 && state.fail) return reply(400, { error: 'no' })
      return { data: state.records.slice(skip, skip + 2), has_more: skip + 2 < 3 }
    })
    const log = leads({ primary_key: undefined, write_disposition: 'append' })
    await using pipeline = createPipeline(type, source(api.url, log))
    expect((await pipeline.sync()).status).toBe('failed')
    state.fail = false
    expect((await pipeline.sync()).status).toBe('ok')
    expect(await pipeline.rows('select count(*) from leads')).toEqual([[3]])
  })

  it('goes on with the others when an endpoint fails, and skips its children', async () => {
    await using api = await serve({
      '/lead/': { data: [lead(1, '01')], has_more: false },
      '/user/': () => reply(500, { error: 'down' }),
    })
    const users = { name: 'users', path: '/user/', data_selector: 'data', primary_key: 'id' }
    const posts = {
      name: 'posts',
      path: '/user/{user_id}/posts/',
      depends_on: { endpoint: 'users', param_mapping: { user_id: 'id' } },
    }
    await using pipeline = createPipeline(type, source(api.url, users, posts, leads()))
    const summary = await pipeline.sync()
    expect(summary.status).toBe('partial')
    expect(
      summary.endpoints.map(({ endpoint, status, error }) => [endpoint, status, error?.code]),
    ).toEqual([
      ['users', 'failed', 'HTTP_STATUS'],
      ['posts', 'skipped', 'PARENT_FAILED'],
      ['leads', 'ok', undefined],
    ])
  })

  it('asks no further endpoint of a server that refuses the key or can not be reached', async () => {
    await using api = await serve(() => reply(401, { error: 'wrong key' }))
    const users = { name: 'users', path: '/user/', primary_key: 'id' }
    const tasks = { name: 'tasks', path: '/task/', primary_key: 'id' }
    await using pipeline = createPipeline(type, source(api.url, leads(), users, tasks))
    const refused = await pipeline.sync()
    expect(refused.status).toBe('failed')
    expect(refused.endpoints.map(({ status, error }) => [status, error?.code])).toEqual([
      ['failed', 'HTTP_UNAUTHORIZED'],
      ['failed', 'HTTP_UNAUTHORIZED'],
      ['skipped', 'HTTP_UNAUTHORIZED'],
    ])
    expect(api.requests).toHaveLength(2)

    pipeline.configure(source('http://127.0.0.1:1/', leads(), users))
    const unreachable = await pipeline.sync()
    expect(unreachable.endpoints.map(({ error }) => error?.code)).toEqual([
      'HTTP_NETWORK',
      'HTTP_NETWORK',
    ])
    expect(unreachable.endpoints[1]!.requests).toBe(0)
  })

  it('goes on with the others when only one endpoint refuses the key', async () => {
    await using api = await serve({
      '/admin/': () => reply(401, { error: 'scope' }),
      '/lead/': { data: [lead(1, '01')], has_more: false },
    })
    const admin = { name: 'admin', path: '/admin/', primary_key: 'id' }
    await using pipeline = createPipeline(type, source(api.url, admin, leads()))
    expect((await pipeline.sync()).endpoints.map(({ status }) => status)).toEqual(['failed', 'ok'])
  })

  it('ends the run when its lock is lost: nothing more could be kept', async () => {
    let steal = async () => {}
    await using api = await serve(async () => {
      await steal()
      return { data: [lead(1, '01')], has_more: false }
    })
    await using pipeline = createPipeline(type, source(api.url, leads(), leads({ name: 'more' })))
    await pipeline.sync()
    steal = () => pipeline.execute('delete from _sluice_lock')
    const summary = await pipeline.sync({ fullRefresh: true })
    expect(summary.error?.code).toBe('RUN_LOCKED')
    expect(summary.endpoints[0]!.error?.code).toBe('RUN_LOCKED')
    steal = async () => {}
    expect((await pipeline.sync()).status).toBe('ok')
  })

  it("reads no more pages than the endpoint's own limit", async () => {
    await using api = await listApi({ records: [lead(1, '01'), lead(2, '02'), lead(3, '03')] })
    await using pipeline = createPipeline(type, source(api.url, leads({ max_pages: 1 })))
    const summary = await pipeline.sync()
    expect(summary.endpoints[0]).toMatchObject({ status: 'ok', pages: 1 })
    expect(summary.warnings).toMatchObject([{ code: 'INCOMPLETE' }])
  })

  it('reads everything again, and says so, when the bookmark is older than what the API keeps', async () => {
    await using api = await listApi({ records: [lead(1, '01'), lead(2, '02')] })
    const events = (retention: string) =>
      leads({
        incremental: { cursor_path: 'date_updated', param_name: 'date_updated__gte', retention },
      })
    const later = (days: number) => ({
      clock: { now: () => Date.now() + days * 86_400_000, sleep: async () => {} },
    })
    await using pipeline = createPipeline(type, source(api.url, events('P2D')))
    await pipeline.sync()
    // Nothing new, however old the newest record: the list was read, and nothing can be missing of it.
    for (const days of [0, 1]) {
      expect((await pipeline.sync(later(days))).warnings).toEqual([])
    }
    expect((await pipeline.sync(later(6))).warnings).toMatchObject([{ code: 'RETENTION_GAP' }])
    expect(api.requests.at(-1)!.query.get('date_updated__gte')).toBeNull()
  })

  it('puts a record without its key aside and says so', async () => {
    await using api = await serve({
      '/lead/': { data: [lead(1, '01'), { date_updated: '2025-05-02' }], has_more: false },
    })
    await using pipeline = createPipeline(type, source(api.url, leads()))
    const summary = await pipeline.sync()
    expect(summary.endpoints[0]).toMatchObject({ status: 'ok', records: 2, rejected: 1 })
    expect(await pipeline.rows('select endpoint from _sluice_rejects')).toEqual([['leads']])
  })

  it('never lets an older record overwrite a newer one', async () => {
    const state = { records: [lead(1, '09', { v: 'new' })] }
    await using api = await serve(() => ({ data: state.records, has_more: false }))
    const unfiltered = leads({ incremental: { cursor_path: 'date_updated', lookback: 'P30D' } })
    await using pipeline = createPipeline(type, source(api.url, unfiltered))
    await pipeline.sync()
    state.records = [lead(1, '02', { v: 'stale' })]
    await pipeline.sync()
    expect(await pipeline.rows('select v from leads')).toEqual([['new']])
  })

  it('takes the newest of several versions of a record in one page, whole, in merge and replace', async () => {
    const versions = [
      lead(1, '03', { v: 'newest', tags: ['c'] }),
      lead(1, '01', { v: 'oldest', tags: ['a', 'b'] }),
      lead(1, '03', { v: 'as new, later', tags: ['d'] }),
    ]
    await using api = await serve(() => ({ data: versions, has_more: false }))
    const replaced = leads({ name: 'copies', write_disposition: 'replace' })
    await using pipeline = createPipeline(type, source(api.url, leads(), replaced))
    await pipeline.sync()
    expect((await pipeline.sync()).status).toBe('ok')
    expect(await pipeline.rows('select v from leads')).toEqual([['as new, later']])
    expect(await pipeline.rows('select value from leads__tags')).toEqual([['d']])
    expect(await pipeline.rows('select v from copies')).toEqual([['as new, later']])
    expect(await pipeline.rows('select value from copies__tags')).toEqual([['d']])
  })

  it('forgets with the rows of an appended table what the bookmarks say of them', async () => {
    const records = [1, 2, 3].map((n) => lead(n, `0${n}`))
    const state = { records }
    await using api = await listApi(state)
    const appended = leads({ write_disposition: 'append' })
    await using pipeline = createPipeline(type, source(api.url, appended))
    await pipeline.sync()
    state.records = []
    await pipeline.sync({ fullRefresh: true })
    expect(await pipeline.rows('select count(*) from leads')).toEqual([[0]])
    state.records = records
    await pipeline.sync()
    expect(await pipeline.rows('select count(*) from leads')).toEqual([[3]])
  })

  it('appends an appended list once more only when it is complete', async () => {
    const state = { failing: true }
    await using api = await serve((request) => {
      if (request.path === '/users/') return { data: [{ id: 1 }, { id: 2 }], has_more: false }
      if (request.path === '/users/1/log' || !state.failing) {
        return { data: [{ text: request.path }], has_more: false }
      }
      return reply(400, { error: 'no' })
    })
    const users = { name: 'users', path: '/users/', primary_key: 'id' }
    const log = {
      name: 'log',
      path: '/users/{user}/log',
      write_disposition: 'append',
      depends_on: { endpoint: 'users', param_mapping: { user: 'id' } },
    }
    await using pipeline = createPipeline(type, source(api.url, users, log))
    expect((await pipeline.sync()).status).toBe('partial')
    state.failing = false
    expect((await pipeline.sync()).status).toBe('ok')
    expect(await pipeline.rows('select text from log order by text')).toEqual([
      ['/users/1/log'],
      ['/users/2/log'],
    ])
  })

  it('knows the newest version by a cursor that a transform renames', async () => {
    const state = { records: [lead(1, '09', { v: 'new' })] }
    await using api = await serve(() => ({ data: state.records, has_more: false }))
    const renamed = leads({
      incremental: { cursor_path: 'date_updated', lookback: 'P30D' },
      transform: [{ rename: { date_updated: 'changed_at' } }],
    })
    await using pipeline = createPipeline(type, source(api.url, renamed))
    await pipeline.sync()
    state.records = [lead(1, '02', { v: 'stale' })]
    await pipeline.sync()
    expect(await pipeline.rows('select v from leads')).toEqual([['new']])
  })

  it('does not go on filling one table when table_name says another', async () => {
    await using api = await listApi({ records: [lead(1, '01')] })
    await using pipeline = createPipeline(type, source(api.url, leads()))
    await pipeline.sync()
    pipeline.configure(source(api.url, leads({ table_name: 'companies' })))
    const moved = await pipeline.sync()
    expect(moved.endpoints[0]!.error).toMatchObject({ code: 'CONFIG_INVALID' })
    expect(moved.endpoints[0]!.error!.message).toContain('table leads holds its rows')
    await pipeline.execute('drop table leads')
    expect((await pipeline.sync({ fullRefresh: true })).status).toBe('ok')
    expect(await pipeline.rows('select id from companies')).toEqual([['lead_1']])
  })

  it('refuses another primary key for a table that has rows', async () => {
    await using api = await listApi({ records: [lead(1, '01', { other: 'x' })] })
    await using pipeline = createPipeline(type, source(api.url, leads()))
    await pipeline.sync()
    pipeline.configure(source(api.url, leads({ primary_key: 'other' })))
    const changed = await pipeline.sync()
    expect(changed.endpoints[0]!.error?.message).toContain('primary_key is now "other"')
    expect(await pipeline.rows('select count(*) from leads')).toEqual([[1]])
  })

  it('moves no bookmark and empties no table when a list is skipped by its status', async () => {
    const state = { forbidden: 2 }
    const records = [lead(9, '09'), lead(8, '08'), lead(1, '01')]
    let request = 0
    await using api = await serve(({ query }) => {
      if (++request === state.forbidden) return reply(403, { error: 'not now' })
      const skip = Number(query.get('_skip'))
      return { data: records.slice(skip, skip + 2), has_more: skip + 2 < records.length }
    })
    const skips = { on_status: { 403: 'skip' } }
    await using pipeline = createPipeline(type, source(api.url, leads(skips)))
    const summary = await pipeline.sync()
    expect(summary.warnings).toMatchObject([{ code: 'STATUS_SKIPPED' }])
    expect(summary.endpoints[0]!.bookmark.after).toBeNull()
    state.forbidden = 0
    await pipeline.sync()
    expect(await pipeline.rows('select count(*) from leads')).toEqual([[3]])

    const copies = leads({
      ...skips,
      name: 'copies',
      incremental: undefined,
      write_disposition: 'replace',
    })
    pipeline.configure(source(api.url, copies))
    await pipeline.sync()
    state.forbidden = request + 1
    await pipeline.sync()
    expect(await pipeline.rows('select count(*) from copies')).toEqual([[3]])
  })

  it('writes nothing in a dry run', async () => {
    await using api = await listApi({ records: [lead(1, '01')] })
    await using pipeline = createPipeline(type, source(api.url, leads()))
    const summary = await pipeline.sync({ dryRun: true })
    expect(summary.endpoints[0]).toMatchObject({ records: 1, rows: { leads: 1 } })
    await pipeline.sync()
    expect(await pipeline.rows('select count(*) from _sluice_runs')).toEqual([[1]])
  })

  it('reads everything again with a full refresh, and doubles nothing', async () => {
    const state = { records: [lead(1, '01'), lead(2, '02')] }
    await using api = await listApi(state)
    const log = leads({ name: 'log', primary_key: undefined, write_disposition: 'append' })
    await using pipeline = createPipeline(type, source(api.url, leads(), log))
    await pipeline.sync()
    await pipeline.sync({ fullRefresh: true })
    expect(await pipeline.rows('select count(*) from leads')).toEqual([[2]])
    expect(await pipeline.rows('select count(*) from log')).toEqual([[2]])
    const before = api.requests.length
    await pipeline.sync()
    expect(api.requests[before]!.query.get('date_updated__gte')).toBe('2025-05-02T00:00:00Z')
    expect(await pipeline.rows('select count(*) from log')).toEqual([[2]])
  })

  it('stops at the page limit without moving a bookmark it may not move', async () => {
    const state = { records: [lead(3, '03'), lead(2, '02'), lead(1, '01')] }
    await using api = await listApi(state)
    await using pipeline = createPipeline(type, source(api.url, leads()))
    const summary = await pipeline.sync({ maxPages: 1 })
    expect(summary.warnings.map(({ code }) => code)).toEqual(['INCOMPLETE'])
    expect(summary.endpoints[0]!.bookmark.after).toBeNull()
    await pipeline.sync()
    expect(await pipeline.rows('select count(*) from leads')).toEqual([[3]])
  })
})

describe('both destinations', () => {
  it('hold the same rows after the same sync', async () => {
    const nasty: JsonRecord[] = [
      lead(1, '01', { n: 1, big: 1, 'custom.cf_a': 'x', custom: { A: 1, 'a b': null } }),
      lead(2, '02', { n: 1.5, big: 9_007_199_254_740_993n, flag: true, tags: ['a', null, 'ü'] }),
      lead(3, '03', {
        n: 'n/a',
        day: '2025-06-01',
        mixed: [1, { a: 2 }],
        text: '株式会社 "q" \n\u{1f600}',
      }),
      lead(4, '04', {
        userName: 1,
        user_name: 2,
        contacts: [{ phones: [{ p: '0012' }] }],
        text: '',
      }),
      lead(5, '05', { n: 12_345_678_901_234_567_890n, deep: { a: { b: { c: [] } } }, flag: null }),
    ]
    await using api = await listApi({ records: nasty })
    const dumps = []
    for (const type of destinationTypes) {
      await using pipeline = createPipeline(type, source(api.url, leads()))
      expect((await pipeline.sync()).status).toBe('ok')
      dumps.push(await pipeline.dump())
    }
    expect(Object.keys(dumps[0]!)).toContain('leads__contacts__phones')
    expect(dumps[1]).toEqual(dumps[0])
  })
})
