import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../../../src/core/json.ts'
import { destinationTypes } from '../../support/databases.ts'
import { serve } from '../../support/http-server.ts'
import { createPipeline, type TestPipeline } from '../../support/pipeline.ts'

const day = (n: number) => `2025-03-${String(n).padStart(2, '0')}T00:00:00Z`

/** A list by `skip`, filtered by `since`. */
const serveItems = (data: { items: JsonRecord[] }) =>
  serve(({ query }) => {
    const since = Date.parse(query.get('since') ?? '1970-01-01T00:00:00Z')
    const found = data.items.filter(
      ({ at }) => at === undefined || Date.parse(at as string) >= since,
    )
    const skip = Number(query.get('skip') ?? 0)
    const end = skip + Number(query.get('limit') ?? 5)
    return { data: found.slice(skip, end), has_more: end < found.length }
  })

const items = (more: object = {}) => ({
  name: 'items',
  path: '/items',
  data_selector: 'data',
  primary_key: 'id',
  pagination: { type: 'offset', limit: 5, limit_param: 'limit', offset_param: 'skip' },
  ...more,
})
const source = (url: string, more: object = {}) => ({
  base_url: url,
  auth: { type: 'none' },
  endpoints: [items(more)],
})

const ids = async (pipeline: TestPipeline) =>
  (await pipeline.rows('select id from items order by id')).flat()
const rejects = (pipeline: TestPipeline) =>
  pipeline.rows('select reason, record from _sluice_rejects order by reason, record')

describe.each(destinationTypes)('records that can not be loaded into %s', (type) => {
  it('are kept with the reason, once however often they are read, and keep no other back', async () => {
    const data = {
      items: [
        { id: 1 },
        { name: 'no id' },
        { id: null },
        { id: 2 },
        { id: [3] },
        { id: 4 },
      ] as JsonRecord[],
    }
    await using api = await serveItems(data)
    await using pipeline = createPipeline(type, source(api.url))
    const summary = await pipeline.sync()
    expect(summary).toMatchObject({ status: 'ok', endpoints: [{ rejected: 3 }] })
    expect(await ids(pipeline)).toEqual([1, 2, 4])
    const kept = [
      ['primary key field "id" is a list', '{"id":[3]}'],
      ['primary key field "id" is missing', '{"name":"no id"}'],
      ['primary key field "id" is null', '{"id":null}'],
    ]
    expect(await rejects(pipeline)).toEqual(kept)
    const [[first]] = (await pipeline.rows('select max(run_id) from _sluice_rejects')) as [[string]]
    await pipeline.sync()
    expect(await rejects(pipeline)).toEqual(kept)
    const runs = await pipeline.rows('select distinct run_id from _sluice_rejects')
    expect(runs).toHaveLength(1)
    expect(runs[0]![0]).not.toBe(first)
  })

  it('are told from the others by trying, when it is the database that does not take them', async () => {
    const data = {
      items: Array.from({ length: 13 }, (_, i): JsonRecord => ({
        id: i + 1,
        price: i,
        at: day(i + 1),
      })),
    }
    await using api = await serveItems(data)
    const incremental = { cursor_path: 'at', param_name: 'since', order: 'asc' }
    await using pipeline = createPipeline(type, source(api.url, { incremental }))
    await pipeline.sync({ maxPages: 1 })
    // Somebody has views of their own of what a table may hold.
    await pipeline.execute(
      type === 'sqlite'
        ? "create trigger no_seven before insert on items when new.price in (7, 10) begin select raise(abort, 'price 7 and 10 are not for us'); end"
        : 'alter table items add constraint no_seven check (price not in (7, 10))',
    )
    const summary = await pipeline.sync()
    expect(summary).toMatchObject({ status: 'ok', endpoints: [{ rejected: 2 }] })
    expect(await ids(pipeline)).toEqual([1, 2, 3, 4, 5, 6, 7, 9, 10, 12, 13])
    const kept = await rejects(pipeline)
    expect(kept.map(([, record]) => (JSON.parse(String(record)) as JsonRecord).id)).toEqual(
      expect.arrayContaining([8, 11]),
    )
    expect(String(kept[0]![0])).toMatch(
      /^the destination can not store it: .*(?:no_seven|not for us)/,
    )
    // The next run is not held up by them.
    data.items.push({ id: 14, price: 0, at: day(20) })
    expect((await pipeline.sync()).status).toBe('ok')
    expect(await ids(pipeline)).toContain(14)
  })

  it.each([
    ['merged', {}],
    [
      'appended',
      { write_disposition: 'append', incremental: { cursor_path: 'at', param_name: 'since' } },
    ],
    ['replaced', { write_disposition: 'replace' }],
  ])('do not block a table that is %s, however strange they are', async (_, more) => {
    const wide = Object.fromEntries(Array.from({ length: 2500 }, (_, i) => [`k${i}`, i]))
    const long = `${'x'.repeat(4000)}${Math.random()}`
    const data = {
      items: [
        { id: 'a', at: day(1) },
        { id: 'wide', at: day(1), ...wide },
        { id: 'b', at: day(1) },
        { id: long, at: day(1) },
        { id: 'c', at: day(1), big: 10n ** 200n },
      ] as JsonRecord[],
    }
    await using api = await serveItems(data)
    await using pipeline = createPipeline(type, source(api.url, more))
    const summary = await pipeline.sync()
    expect(summary.status).toBe('ok')
    const loaded = (await ids(pipeline)).filter((id) => String(id).length === 1)
    expect(loaded).toEqual(['a', 'b', 'c'])
    // What can not be stored is kept, and left no columns behind.
    const kept = await pipeline.rows('select count(*) from _sluice_rejects')
    expect(Number(kept[0]![0]) + (await ids(pipeline)).length).toBe(5)
    expect(summary.schema_changes.filter(({ column }) => column?.startsWith('k')).length).toBe(0)
    await pipeline.sync()
    expect(await ids(pipeline)).toHaveLength((await ids(pipeline)).length)
  })

  it('are not told apart where nothing fits: that is no fault of the records', async () => {
    const data = { items: [{ id: 1, price: 1 }] as JsonRecord[] }
    await using api = await serveItems(data)
    const pagination = { type: 'offset', limit: 50, limit_param: 'limit', offset_param: 'skip' }
    await using pipeline = createPipeline(type, source(api.url, { pagination }))
    await pipeline.sync()
    await pipeline.execute(
      type === 'sqlite'
        ? "create trigger never before insert on items begin select raise(abort, 'never'); end"
        : 'alter table items add constraint never check (price < 0) not valid',
    )
    data.items = Array.from({ length: 20 }, (_, i) => ({ id: i + 100, price: i }))
    const summary = await pipeline.sync()
    expect(summary.endpoints[0]).toMatchObject({ status: 'failed', error: { code: 'LOAD_FAILED' } })
    expect(await ids(pipeline)).toEqual([1])
  })

  describe('by a transform', () => {
    const MODULE = `export default (record) => {
      if (record.bad) throw new Error('bad at ' + record.bad)
      return { ...record, seen: true }
    }`
    const steps = [{ module: 'check.mjs' }, { exclude: ['secret'] }]

    const open = (url: string, more: object = {}) => {
      const pipeline = createPipeline(type, source(url, { transform: steps, ...more }))
      writeFileSync(join(pipeline.folder, 'check.mjs'), MODULE)
      return pipeline
    }

    it('are rejected alone, without what later steps would have dropped', async () => {
      const data = {
        items: [
          { id: 1, secret: 'x' },
          { id: 2, bad: 'heart', secret: 'x' },
        ] as JsonRecord[],
      }
      await using api = await serveItems(data)
      await using pipeline = open(api.url)
      expect((await pipeline.sync()).endpoints[0]).toMatchObject({ status: 'ok', rejected: 1 })
      expect(await ids(pipeline)).toEqual([1])
      expect(await rejects(pipeline)).toEqual([
        ['items: check.mjs: bad at heart', '{"id":2,"bad":"heart"}'],
      ])
    })

    it('fail the endpoint when it is all of them: then it is the transform', async () => {
      const data = { items: Array.from({ length: 5 }, (_, i) => ({ id: i, bad: 'all' })) }
      await using api = await serveItems(data)
      await using pipeline = open(api.url)
      expect((await pipeline.sync()).endpoints[0]).toMatchObject({
        status: 'failed',
        error: { code: 'TRANSFORM_FAILED' },
      })
    })
  })

  describe('beyond max_rejects', () => {
    const bad = (count: number, good: number): JsonRecord[] => [
      ...Array.from({ length: good }, (_, i) => ({ id: i })),
      ...Array.from({ length: count }, (_, i) => ({ n: i })),
    ]

    it.each<[number, number, number, string]>([
      [0, 1, 9, 'failed'],
      [0, 0, 9, 'ok'],
      [3, 3, 9, 'ok'],
      [3, 4, 9, 'failed'],
      [0.1, 1, 9, 'ok'],
      [0.1, 2, 9, 'failed'],
    ])(
      'max_rejects %d: %d bad and %d good records are %s',
      async (max_rejects, count, good, status) => {
        const data = { items: bad(count, good) }
        await using api = await serveItems(data)
        await using pipeline = createPipeline(type, source(api.url, { max_rejects }))
        const summary = await pipeline.sync()
        expect(summary.endpoints[0]!.status).toBe(status)
        expect(summary.endpoints[0]!.error?.code ?? null).toBe(
          status === 'ok' ? null : 'REJECTS_EXCEEDED',
        )
        // What was loaded stays, and so do the rejects, to be looked at.
        expect(await pipeline.rows('select count(*) from _sluice_rejects')).toEqual([[count]])
        expect(await ids(pipeline)).toHaveLength(good)
      },
    )

    it('leave a table that is replaced as it was', async () => {
      const data = { items: bad(0, 3) }
      await using api = await serveItems(data)
      const replace = { write_disposition: 'replace', max_rejects: 0.2 }
      await using pipeline = createPipeline(type, source(api.url, replace))
      await pipeline.sync()
      data.items = bad(2, 2)
      expect((await pipeline.sync()).status).toBe('failed')
      expect(await ids(pipeline)).toEqual([0, 1, 2])
    })
  })
})
