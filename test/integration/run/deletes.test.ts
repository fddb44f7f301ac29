import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../../../src/core/json.ts'
import { destinationTypes } from '../../support/databases.ts'
import { reply, serve, type Reply, type TestServer } from '../../support/http-server.ts'
import { createPipeline, type TestPipeline } from '../../support/pipeline.ts'

interface Api {
  leads: JsonRecord[]
  users?: JsonRecord[]
  events?: JsonRecord[]
  override?: ((path: string, skip: number) => Reply | undefined) | undefined
}

const lead = (id: number, more: JsonRecord = {}): JsonRecord => ({
  id,
  at: `2025-01-${String(id).padStart(2, '0')}T00:00:00Z`,
  tags: ['x', 'y'],
  ...more,
})
const leads = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => lead(from + i))

function serveLeads(api: Api): Promise<TestServer> {
  return serve(({ path, query }) => {
    const skip = Number(query.get('skip') ?? 0)
    const instead = api.override?.(path, skip)
    if (instead) return instead
    const [, name, user] = path.split('/')
    const since = Date.parse(query.get('since') ?? '1970-01-01T00:00:00Z')
    const all = { leads: api.leads, users: api.users ?? [], events: api.events ?? [] }[name!]!
    const found = all
      .filter((record) => user === undefined || record.user === user)
      .filter((record) => Date.parse(record.at as string) >= since || record.at === undefined)
    const end = skip + 4
    return { data: found.slice(skip, end), has_more: end < found.length, total: found.length }
  })
}

const PAGES = {
  type: 'offset',
  limit: 4,
  limit_param: 'limit',
  offset_param: 'skip',
  total_path: 'total',
}
const endpoint = (more: object = {}) => ({
  name: 'leads',
  path: '/leads',
  data_selector: 'data',
  primary_key: 'id',
  pagination: PAGES,
  deletes: 'soft',
  ...more,
})
const source = (url: string, ...endpoints: object[]) => ({
  base_url: url,
  auth: { type: 'none' },
  retry: { max_attempts: 1 },
  endpoints,
})

const ids = async (pipeline: TestPipeline, where = '') =>
  (await pipeline.rows(`select id from leads ${where} order by id`)).flat()
const live = (pipeline: TestPipeline) => ids(pipeline, 'where _sluice_deleted_at is null')
const gone = (pipeline: TestPipeline) => ids(pipeline, 'where _sluice_deleted_at is not null')

describe.each(destinationTypes)('deletes in %s', (type) => {
  /** What a run notes for itself, and should leave behind for none. */
  const notes = (pipeline: TestPipeline) =>
    pipeline.rows(
      type === 'sqlite'
        ? "select name from sqlite_master where name like '_sluice_seen%'"
        : "select tablename from pg_tables where schemaname = current_schema() and tablename like '_sluice_seen%'",
    )

  it('are looked for twice where a list may have hidden records while it was read', async () => {
    const api: Api = { leads: leads(1, 12) }
    await using server = await serveLeads(api)
    const unwatched = { ...PAGES, overlap: 0, total_path: undefined }
    await using pipeline = createPipeline(
      type,
      source(server.url, endpoint({ pagination: unwatched })),
    )
    await pipeline.sync()
    api.override = (_, skip) => {
      if (skip === 4) {
        api.leads.shift()
        api.override = undefined
      }
      return undefined
    }
    await pipeline.sync()
    expect(await gone(pipeline)).toEqual([])
    const requests = server.requests.length
    await pipeline.sync()
    expect(await gone(pipeline)).toEqual([1])
    expect(server.requests.length - requests).toBe(6)
    await pipeline.sync()
    expect(server.requests.length - requests).toBe(9)
  })

  it('are marked after a full read, keep their values, and are unmarked when they come back', async () => {
    const api: Api = { leads: leads(1, 10) }
    await using server = await serveLeads(api)
    await using pipeline = createPipeline(type, source(server.url, endpoint()))
    await pipeline.sync()
    expect(await live(pipeline)).toHaveLength(10)

    api.leads = api.leads.filter(({ id }) => id !== 3 && id !== 7)
    const summary = await pipeline.sync()
    expect(summary.endpoints[0]).toMatchObject({ status: 'ok', deleted: 2 })
    expect(await gone(pipeline)).toEqual([3, 7])
    expect(await pipeline.rows('select count(*) from leads__tags')).toEqual([[20]])
    const [[at, load]] = (await pipeline.rows(
      'select _sluice_deleted_at, _dlt_load_id from leads where id = 3',
    )) as [[string, string]]
    expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    // Whoever follows load ids sees that the row changed.
    const newest = await pipeline.rows('select max(load_id) from _dlt_loads')
    expect(newest).toEqual([[load]])

    // Found gone once, and no more news of it.
    expect((await pipeline.sync()).endpoints[0]).toMatchObject({ deleted: 0 })
    expect(await pipeline.rows('select _sluice_deleted_at from leads where id = 3')).toEqual([[at]])
    api.leads.push(lead(3))
    await pipeline.sync()
    expect(await gone(pipeline)).toEqual([7])
    expect(await notes(pipeline)).toEqual([])
  })

  it('are removed with their child rows where that is asked for', async () => {
    const api: Api = { leads: leads(1, 10) }
    await using server = await serveLeads(api)
    await using pipeline = createPipeline(type, source(server.url, endpoint({ deletes: 'hard' })))
    await pipeline.sync()
    api.leads = api.leads.filter(({ id }) => id !== 3 && id !== 7)
    expect((await pipeline.sync()).endpoints[0]).toMatchObject({ deleted: 2 })
    expect(await ids(pipeline)).toEqual([1, 2, 4, 5, 6, 8, 9, 10])
    expect(await pipeline.rows('select count(*) from leads__tags')).toEqual([[16]])
    api.leads.push(lead(3))
    await pipeline.sync()
    expect(await ids(pipeline)).toEqual([1, 2, 3, 4, 5, 6, 8, 9, 10])
  })

  it.each<[string, (path: string, skip: number) => Reply | undefined]>([
    ['fails further on', (_, skip) => (skip > 0 ? reply(500, { error: 'no' }) : undefined)],
    [
      'returns less than it counts',
      () => reply(200, { data: leads(1, 3), has_more: false, total: 9 }),
    ],
    [
      'stops at an empty page that claims there is more',
      (_, skip) => (skip > 0 ? reply(200, { data: [], has_more: true, total: 10 }) : undefined),
    ],
    ['is refused', () => reply(403, { error: 'no' })],
  ])('are never found by a read that %s', async (_, override) => {
    const api: Api = { leads: leads(1, 10) }
    await using server = await serveLeads(api)
    const refusable = endpoint({ on_status: { 403: 'skip' }, max_delete_ratio: 1 })
    await using pipeline = createPipeline(type, source(server.url, refusable))
    await pipeline.sync()
    api.override = override
    expect((await pipeline.sync()).endpoints[0]).toMatchObject({ deleted: 0 })
    expect(await live(pipeline)).toHaveLength(10)
    expect(await notes(pipeline)).toEqual([])
  })

  it('are never found by a read that the page limit stopped', async () => {
    const api: Api = { leads: leads(1, 10) }
    await using server = await serveLeads(api)
    await using pipeline = createPipeline(
      type,
      source(server.url, endpoint({ max_delete_ratio: 1 })),
    )
    await pipeline.sync()
    await pipeline.sync({ maxPages: 1 })
    expect(await live(pipeline)).toHaveLength(10)
  })

  it('are refused when there are too many, and done when they are allowed', async () => {
    const api: Api = { leads: leads(1, 10) }
    await using server = await serveLeads(api)
    await using pipeline = createPipeline(type, source(server.url, endpoint()))
    await pipeline.sync()
    api.leads = [...leads(1, 6), lead(20)]
    const refused = await pipeline.sync()
    expect(refused.status).toBe('failed')
    expect(refused.endpoints[0]).toMatchObject({
      deleted: 0,
      error: {
        code: 'DELETES_REFUSED',
        message:
          'leads: 4 of 11 rows (36.4 %) are gone at the source, more than max_delete_ratio 0.3 allows; none was deleted',
        hint: expect.stringContaining('-e leads --allow-deletes'),
      },
    })
    // What was read is there, and nothing is gone.
    expect(await live(pipeline)).toHaveLength(11)
    expect((await pipeline.sync({ allowDeletes: true })).endpoints[0]).toMatchObject({ deleted: 4 })
    expect(await gone(pipeline)).toEqual([7, 8, 9, 10])
    // Exactly the share that is allowed is no reason to refuse.
    api.leads = api.leads.filter(({ id }) => id !== 1 && id !== 2)
    expect((await pipeline.sync()).endpoints[0]).toMatchObject({ status: 'ok', deleted: 2 })
  })

  it('of everything are refused as well', async () => {
    const api: Api = { leads: leads(1, 3) }
    await using server = await serveLeads(api)
    await using pipeline = createPipeline(type, source(server.url, endpoint()))
    await pipeline.sync()
    api.leads = []
    expect((await pipeline.sync()).endpoints[0]!.error?.code).toBe('DELETES_REFUSED')
    expect((await pipeline.sync({ allowDeletes: true })).endpoints[0]).toMatchObject({ deleted: 3 })
  })

  it('do not take what could not be loaded for gone', async () => {
    const api: Api = { leads: leads(1, 10) }
    await using server = await serveLeads(api)
    const frozen = endpoint({ schema_contract: { columns: 'discard_row' } })
    await using pipeline = createPipeline(type, source(server.url, frozen))
    await pipeline.sync()
    api.leads[2] = { ...lead(3), extra: 'a column that the contract refuses' }
    const summary = await pipeline.sync()
    expect(summary.endpoints[0]).toMatchObject({ rejected: 1, deleted: 0 })
    expect(await live(pipeline)).toHaveLength(10)
  })

  it.each<[string, object]>([
    ['a full read', {}],
    ['a full read that may have hidden others', { pagination: { ...PAGES, overlap: 0 } }],
    [
      'a snapshot',
      {
        incremental: { cursor_path: 'at', param_name: 'since' },
        deletes: { mode: 'soft', snapshot: { params: { all: 1 } } },
      },
    ],
  ])('are not looked for by %s with records that do not say which they are', async (_, more) => {
    const api: Api = { leads: leads(1, 10) }
    await using server = await serveLeads(api)
    await using pipeline = createPipeline(type, source(server.url, endpoint(more)))
    await pipeline.sync()
    const [, second, third] = api.leads
    api.leads = api.leads.filter((record) => record !== second && record !== third)
    api.leads.push({ ...second, id: null })
    const summary = await pipeline.sync()
    expect(summary).toMatchObject({ status: 'ok', endpoints: [{ deleted: 0 }] })
    expect(summary.warnings).toContainEqual({
      endpoint: 'leads',
      code: 'DELETES_UNSEEN',
      message: expect.stringContaining('1 records came without their primary key (id)'),
    })
    expect(await live(pipeline)).toHaveLength(10)
    // The next read in which each has its key speaks for all.
    api.leads[api.leads.length - 1] = second!
    expect((await pipeline.sync()).endpoints[0]).toMatchObject({ deleted: 1 })
    expect(await gone(pipeline)).toEqual([3])
  })

  it('begin with a table that had no mark before', async () => {
    const api: Api = { leads: leads(1, 10) }
    await using server = await serveLeads(api)
    await using pipeline = createPipeline(type, source(server.url, endpoint({ deletes: 'keep' })))
    await pipeline.sync()
    pipeline.configure(source(server.url, endpoint()))
    api.leads.pop()
    const summary = await pipeline.sync()
    expect(summary.endpoints[0]).toMatchObject({ deleted: 1 })
    expect(summary.schema_changes).toContainEqual({
      table: 'leads',
      column: '_sluice_deleted_at',
      change: 'added',
      type: 'timestamp',
    })
    expect(await gone(pipeline)).toEqual([10])
  })

  describe('of an incremental endpoint', () => {
    const incremental = { cursor_path: 'at', param_name: 'since' }
    /** Rows of the days 1 to 10, of which a full refresh asks for those from the fifth on. */
    const sinceTheFifth = async (pipeline: TestPipeline, config: object) => {
      await pipeline.sync()
      pipeline.configure(config, { start_date: '2025-01-05' })
      return () => pipeline.sync({ fullRefresh: true })
    }

    it('are found by a full refresh only, and only from where it begins', async () => {
      const api: Api = { leads: leads(1, 10) }
      await using server = await serveLeads(api)
      const config = source(server.url, endpoint({ incremental }))
      await using pipeline = createPipeline(type, config)
      await pipeline.sync()
      api.leads = api.leads.filter(({ id }) => id !== 2 && id !== 7)
      await pipeline.sync()
      expect(await gone(pipeline)).toEqual([])
      pipeline.configure(config, { start_date: '2025-01-05' })
      await pipeline.sync({ fullRefresh: true })
      // What is older was not asked for.
      expect(await gone(pipeline)).toEqual([7])
      pipeline.configure(config)
      await pipeline.sync({ fullRefresh: true })
      expect(await gone(pipeline)).toEqual([2, 7])
    })

    it.each<[string, object, string]>([
      ['is excluded', { transform: [{ exclude: ['at'] }] }, 'the table has no column for at'],
      ['is dropped', { columns: { at: { pii: 'drop' } } }, 'the table has no column for at'],
      ['is text', { columns: { at: { type: 'text' } } }, 'at is text'],
    ])('are not looked for from a start when the cursor %s', async (_, more, why) => {
      const api: Api = { leads: leads(1, 10) }
      await using server = await serveLeads(api)
      const config = source(
        server.url,
        endpoint({ incremental, deletes: 'hard', max_delete_ratio: 1, ...more }),
      )
      await using pipeline = createPipeline(type, config)
      const refresh = await sinceTheFifth(pipeline, config)
      api.leads = api.leads.filter(({ id }) => id !== 7)
      const { warnings } = await refresh()
      expect(warnings).toMatchObject([
        { code: 'DELETES_UNSEEN', message: expect.stringContaining(why) },
      ])
      expect(await ids(pipeline)).toHaveLength(10)
      // Where all of it is read, no column is needed.
      pipeline.configure(config)
      const { warnings: none } = await pipeline.sync({ fullRefresh: true })
      expect(none).toEqual([])
      expect(await ids(pipeline)).toEqual([1, 2, 3, 4, 5, 6, 8, 9, 10])
    })

    it.each<[string, string, (iso: string) => number, object]>([
      ['seconds', 'epoch', (iso) => Date.parse(iso) / 1000, {}],
      ['milliseconds', 'epoch_ms', (iso) => Date.parse(iso), {}],
      [
        'decimals',
        'epoch',
        (iso) => Date.parse(iso) / 1000,
        { columns: { at: { type: 'decimal' } } },
      ],
      ['plain numbers', 'number', (iso) => Number(iso.slice(8, 10)), {}],
    ])('are found from a start that is compared with %s', async (_, format, spell, more) => {
      let records = leads(1, 10).map(({ id = null, at }) => ({ id, at: spell(at as string) }))
      await using server = await serve(({ query }) => ({
        data: records.filter(({ at }) => at >= Number(query.get('since') ?? 0)),
      }))
      const config = (start: object) =>
        source(
          server.url,
          endpoint({
            pagination: { type: 'single' },
            incremental: { ...incremental, format, ...start },
            ...more,
          }),
        )
      await using pipeline = createPipeline(type, config({}))
      const start = spell('2025-01-05T00:00:00Z')
      const refresh = await sinceTheFifth(pipeline, config({ initial_value: start }))
      records = records.filter(({ id }) => id !== 2 && id !== 7)
      expect((await refresh()).status).toBe('ok')
      expect(await gone(pipeline)).toEqual([7])
    })

    it('take with them what bookmarks say of the lists that are gone', async () => {
      const users = [{ id: 'a' }, { id: 'b' }]
      const of = (user: string, from: number) => leads(from, from + 2).map((r) => ({ ...r, user }))
      const api: Api = { leads: [...of('a', 1), ...of('b', 4)], users: [...users] }
      await using server = await serveLeads(api)
      const config = source(
        server.url,
        endpoint({ name: 'users', path: '/users', deletes: 'keep', write_disposition: 'replace' }),
        endpoint({
          path: '/leads/{user}',
          deletes: 'hard',
          max_delete_ratio: 1,
          incremental,
          depends_on: { endpoint: 'users', param_mapping: { user: 'id' } },
        }),
      )
      await using pipeline = createPipeline(type, config)
      await pipeline.sync()
      api.users = [users[0]!]
      await pipeline.sync({ fullRefresh: true })
      expect(await ids(pipeline)).toEqual([1, 2, 3])
      api.users = users
      await pipeline.sync()
      expect(await ids(pipeline)).toEqual([1, 2, 3, 4, 5, 6])
    })

    it('are refused until a full refresh is to do them', async () => {
      const api: Api = { leads: leads(1, 10) }
      await using server = await serveLeads(api)
      const config = source(server.url, endpoint({ incremental }))
      await using pipeline = createPipeline(type, config)
      await pipeline.sync()
      api.leads = leads(1, 5)
      const refused = await pipeline.sync({ fullRefresh: true })
      expect(refused.endpoints[0]!.error).toMatchObject({
        code: 'DELETES_REFUSED',
        hint: expect.stringContaining('-e leads --full-refresh --allow-deletes'),
      })
      await pipeline.sync({ fullRefresh: true, allowDeletes: true })
      expect(await gone(pipeline)).toEqual([6, 7, 8, 9, 10])
    })

    it('do not take a record for gone that is not new and that a transform fails on', async () => {
      const api: Api = { leads: leads(1, 10) }
      await using server = await serveLeads(api)
      const client = { cursor_path: 'at', client_side: true }
      const transform = [{ module: './check.mjs' }]
      await using pipeline = createPipeline(
        type,
        source(server.url, endpoint({ incremental: client, transform })),
      )
      writeFileSync(
        join(pipeline.folder, 'check.mjs'),
        'export default (lead) => { if (lead.broken) throw new Error("broken"); return lead }',
      )
      await pipeline.sync()
      api.leads[1] = lead(2, { broken: true })
      expect((await pipeline.sync()).endpoints[0]).toMatchObject({ status: 'ok', deleted: 0 })
      expect(await live(pipeline)).toHaveLength(10)
    })

    it('that Sluice filters are found by every sync, though only what is new is loaded', async () => {
      const api: Api = { leads: leads(1, 10) }
      await using server = await serveLeads(api)
      const client = { cursor_path: 'at', client_side: true, order: 'desc' }
      api.leads.reverse()
      await using pipeline = createPipeline(
        type,
        source(server.url, endpoint({ incremental: client })),
      )
      await pipeline.sync()
      api.leads = api.leads.filter(({ id }) => id !== 2 && id !== 7)
      const summary = await pipeline.sync()
      expect(summary.endpoints[0]).toMatchObject({ rows: { leads: 1 }, deleted: 2 })
      expect(await gone(pipeline)).toEqual([2, 7])
    })
  })

  describe('of children', () => {
    const users = { name: 'users', path: '/users', data_selector: 'data', primary_key: 'id' }
    const child = (dependency: object = {}, more: object = {}) =>
      endpoint({
        path: '/leads/{user}',
        max_delete_ratio: 0.5,
        depends_on: {
          endpoint: 'users',
          param_mapping: { user: 'id' },
          include: ['id'],
          ...dependency,
        },
        ...more,
      })
    const owned = (user: string, from: number, to: number) =>
      leads(from, to).map((record) => ({ ...record, user }))

    it('are found once all parents have been asked, and not when one fails', async () => {
      const api: Api = {
        users: [{ id: 'a' }, { id: 'b' }],
        leads: [...owned('a', 1, 5), ...owned('b', 6, 10)],
      }
      await using server = await serveLeads(api)
      await using pipeline = createPipeline(type, source(server.url, users, child()))
      await pipeline.sync()
      api.leads = api.leads.filter(({ id }) => id !== 2 && id !== 7)
      api.override = (path) => (path === '/leads/b' ? reply(500, { error: 'no' }) : undefined)
      await pipeline.sync()
      expect(await gone(pipeline)).toEqual([])
      api.override = (path) => (path === '/leads/b' ? reply(404, { error: 'gone' }) : undefined)
      pipeline.configure(
        source(server.url, users, child({}, { on_status: { 404: 'skip' }, max_delete_ratio: 1 })),
      )
      await pipeline.sync()
      expect(await gone(pipeline)).toEqual([2, 6, 7, 8, 9, 10])
      api.override = undefined
      await pipeline.sync()
      expect(await gone(pipeline)).toEqual([2, 7])
    })

    it('are not those that were loaded before they said whose they are', async () => {
      const api: Api = {
        users: [
          { id: 'a', at: '2025-01-01T00:00:00Z' },
          { id: 'b', at: '2025-01-02T00:00:00Z' },
          { id: 'c', at: '2025-01-03T00:00:00Z' },
        ],
        leads: [...owned('a', 1, 5), ...owned('b', 6, 10)],
      }
      await using server = await serveLeads(api)
      const changing = { ...users, incremental: { cursor_path: 'at', param_name: 'since' } }
      const config = (dependency: object, more: object) =>
        source(server.url, changing, child({ only_changed: true, ...dependency }, more))
      await using pipeline = createPipeline(type, config({ include: [] }, { deletes: 'keep' }))
      await pipeline.sync()
      pipeline.configure(config({}, { deletes: 'hard' }))
      api.users![2] = { id: 'c', at: '2025-01-04T00:00:00Z' }
      // Nobody who has leads was asked for any yet, so that no row has the column.
      const first = await pipeline.sync()
      expect(first.endpoints[1]).toMatchObject({ status: 'ok', deleted: 0 })
      expect(first.warnings).toMatchObject([{ code: 'DELETES_UNSEEN' }])
      api.users![0] = { id: 'a', at: '2025-02-01T00:00:00Z' }
      api.leads = api.leads.filter(({ id }) => id !== 2)
      expect((await pipeline.sync()).endpoints[1]).toMatchObject({ status: 'ok', deleted: 0 })
      expect(await ids(pipeline)).toHaveLength(10)
    })

    it('of parents that did not change are not judged; those of parents that are gone are gone', async () => {
      const api: Api = {
        users: [
          { id: 'a', at: '2025-01-01T00:00:00Z' },
          { id: 'b', at: '2025-01-02T00:00:00Z' },
          { id: 'c', at: '2025-01-03T00:00:00Z' },
        ],
        leads: [...owned('a', 1, 5), ...owned('b', 6, 10), ...owned('c', 11, 12)],
      }
      await using server = await serveLeads(api)
      const changing = {
        ...users,
        deletes: {
          mode: 'soft',
          from: { endpoint: 'events', where: { what: 'gone' }, key: 'user' },
        },
        incremental: { cursor_path: 'at', param_name: 'since' },
      }
      const events = { name: 'events', path: '/events', data_selector: 'data', primary_key: 'id' }
      const config = source(server.url, changing, events, child({ only_changed: true }))
      await using pipeline = createPipeline(type, config)
      api.events = [{ id: 1, what: 'nothing', user: 'x' }]
      await pipeline.sync()
      expect(await live(pipeline)).toHaveLength(12)
      api.leads = api.leads.filter(({ id }) => id !== 2 && id !== 7)
      api.users![0] = { id: 'a', at: '2025-02-01T00:00:00Z' }
      await pipeline.sync()
      expect(await gone(pipeline)).toEqual([2])
      // The second user is read once more because it holds the bookmark's place no longer.
      api.events.push({ id: 2, what: 'gone', user: 'c' })
      await pipeline.sync()
      api.users![0] = { id: 'a', at: '2025-03-01T00:00:00Z' }
      await pipeline.sync()
      expect(await gone(pipeline)).toEqual([2, 11, 12])
    })
  })

  describe('from an event feed', () => {
    const feed = {
      name: 'event_log',
      path: '/events',
      data_selector: 'data',
      primary_key: 'id',
      pagination: PAGES,
      incremental: { cursor_path: 'at', param_name: 'since' },
    }
    const fed = (more: object = {}) =>
      endpoint({
        incremental: { cursor_path: 'at', param_name: 'since' },
        deletes: {
          mode: 'soft',
          from: {
            endpoint: 'event_log',
            where: { object_type: 'lead', action: ['deleted', 'merged'] },
            key: 'object_id',
          },
          ...more,
        },
      })
    const event = (id: number, action: string, object_id: number, at = '2025-02-01T00:00:00Z') => ({
      id,
      at,
      object_type: 'lead',
      action,
      object_id,
    })

    it.each(['soft', 'hard'])('mark what it names, whatever share that is (%s)', async (mode) => {
      const api: Api = {
        leads: leads(1, 10),
        events: [
          event(1, 'updated', 1),
          event(2, 'deleted', 2),
          event(3, 'merged', 3),
          { ...event(4, 'deleted', 4), object_type: 'contact' },
          event(5, 'deleted', 99),
        ],
      }
      await using server = await serveLeads(api)
      await using pipeline = createPipeline(type, source(server.url, fed({ mode }), feed))
      const summary = await pipeline.sync()
      expect(summary.endpoints[1]).toMatchObject({ endpoint: 'leads', status: 'ok', deleted: 2 })
      const there = () => (mode === 'soft' ? live(pipeline) : ids(pipeline))
      expect(await there()).toEqual([1, 4, 5, 6, 7, 8, 9, 10])
      expect((await pipeline.sync()).endpoints[1]).toMatchObject({ deleted: 0 })
      api.events!.push(
        ...[5, 6, 7, 8, 9].map((id) => event(100 + id, 'deleted', id, '2025-02-03T00:00:00Z')),
      )
      expect((await pipeline.sync()).endpoints[1]).toMatchObject({ deleted: 5 })
      expect(await there()).toEqual([1, 4, 10])
    })

    it('leave a row alone that changed after it was deleted', async () => {
      const back = lead(2, { at: '2025-03-01T00:00:00Z' })
      const api: Api = {
        leads: [lead(1), back],
        events: [event(1, 'deleted', 1), event(2, 'deleted', 2)],
      }
      await using server = await serveLeads(api)
      await using pipeline = createPipeline(type, source(server.url, fed(), feed))
      await pipeline.sync()
      expect(await gone(pipeline)).toEqual([1])
    })

    it('go by the latest of the events that name a row', async () => {
      const deleted = [1, 2, 3, 4, 5, 6, 7, 8]
      const api: Api = {
        leads: deleted.map((id) => lead(id, { at: '2025-03-01T00:00:00Z' })),
        events: deleted.flatMap((id) => [
          event(id, 'deleted', id, '2025-02-01T00:00:00Z'),
          event(100 + id, 'deleted', id, '2025-04-01T00:00:00Z'),
        ]),
      }
      await using server = await serveLeads(api)
      await using pipeline = createPipeline(type, source(server.url, fed(), feed))
      await pipeline.sync()
      expect(await gone(pipeline)).toEqual(deleted)
    })

    it('say that they are not seen where the feed is not there', async () => {
      const api: Api = { leads: leads(1, 3), events: [] }
      await using server = await serveLeads(api)
      const config = source(server.url, fed(), { ...feed, selected: false })
      await using pipeline = createPipeline(type, config)
      expect((await pipeline.sync()).warnings).toMatchObject([{ code: 'DELETES_UNSEEN' }])
    })
  })
})
