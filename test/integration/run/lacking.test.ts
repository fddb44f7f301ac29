import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../../../src/core/json.ts'
import { readingTypes } from '../../support/databases.ts'
import { reply, serve, type Reply, type TestServer } from '../../support/http-server.ts'
import { createPipeline, type TestPipeline } from '../../support/pipeline.ts'

interface Api {
  records: JsonRecord[]
  /** What the API says the list holds; default: what it does. */
  total?: number
  /** How many records it gives out at most. */
  most?: number
  override?: ((skip: number, path: string) => Reply | undefined) | undefined
}

const at = (day: number) => `2024-01-${String(day).padStart(2, '0')}T00:00:00Z`
const item = (id: number, day = id): JsonRecord => ({ id, at: at(day) })
const items = (...ids: number[]) => ids.map((id) => item(id))
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

function serveItems(api: Api): Promise<TestServer> {
  return serve(({ path, query }) => {
    const skip = query.has('page') ? 3 * (Number(query.get('page')) - 1) : Number(query.get('skip'))
    const instead = api.override?.(skip, path)
    if (instead) return instead
    const parent = path.split('/')[2]
    const found = api.records
      .filter((record) => parent === undefined || record.user === parent)
      .filter(
        (record) => Date.parse(record.at as string) >= Date.parse(query.get('since') ?? at(1)),
      )
    const given = found.slice(0, api.most ?? found.length)
    const data = given.slice(skip, skip + 3)
    return { data, has_more: skip + 3 < given.length, total: api.total ?? found.length }
  })
}

const OFFSET = { type: 'offset', limit: 3, limit_param: 'limit', offset_param: 'skip' }
const TOTALLED = { ...OFFSET, total_path: 'total' }
const SINCE = { cursor_path: 'at', param_name: 'since' }
const endpoint = (more: object = {}) => ({
  name: 'items',
  path: '/items',
  data_selector: 'data',
  primary_key: 'id',
  pagination: TOTALLED,
  ...more,
})
const source = ({ url }: TestServer, ...endpoints: object[]) => ({
  base_url: url,
  auth: { type: 'none' },
  retry: { max_attempts: 1 },
  endpoints,
})
const ids = async (pipeline: TestPipeline) =>
  (await pipeline.rows('select id from items order by id')).flat().map(Number)
const codes = ({ warnings }: { warnings: readonly { code: string }[] }) =>
  warnings.map(({ code }) => code)

describe.each(readingTypes)('a list that lacks records, %s', (type) => {
  it('takes no place of a table that has them', async () => {
    const api: Api = { records: items(1, 2, 3, 4, 5, 6) }
    await using server = await serveItems(api)
    const replaced = endpoint({ write_disposition: 'replace' })
    await using pipeline = createPipeline(type, source(server, replaced))
    await pipeline.sync()
    api.most = 3
    const summary = await pipeline.sync()
    expect(codes(summary)).toContain('TOTAL_NOT_REACHED')
    expect(summary.endpoints[0]!.error?.code).toBe('LIST_INCOMPLETE')
    expect(await ids(pipeline)).toEqual(upTo(6))
  })

  it('is not appended before it is whole, where nothing would tell what is missing', async () => {
    const api: Api = { records: items(6, 5, 4, 3, 2, 1), most: 5 }
    await using server = await serveItems(api)
    const appended = endpoint({ write_disposition: 'append', incremental: SINCE })
    await using pipeline = createPipeline(type, source(server, appended))
    expect((await pipeline.sync()).endpoints[0]!.error?.code).toBe('LIST_INCOMPLETE')
    delete api.most
    expect((await pipeline.sync()).status).toBe('ok')
    expect(await ids(pipeline)).toEqual(upTo(6))
  })

  it('leaves nothing in the stage that the list of the next parent would publish', async () => {
    const child = endpoint({
      path: '/items/{user}',
      write_disposition: 'append',
      incremental: SINCE,
      on_status: { 403: 'skip' },
      depends_on: { endpoint: 'users', param_mapping: { user: 'id' } },
    })
    const of = (user: string, ...ids: number[]) => items(...ids).map((each) => ({ ...each, user }))
    const api: Api = { records: [...of('a', 9, 8, 7, 6, 5), ...of('b', 4, 3, 2, 1)] }
    let forbidden: string | null = 'a'
    api.override = (skip, path) => {
      if (path === '/users') return reply(200, { data: [{ id: 'a' }, { id: 'b' }] })
      const refused = skip > 0 && forbidden !== null && path.endsWith(forbidden)
      return refused ? reply(403, {}) : undefined
    }
    await using server = await serveItems(api)
    const users = endpoint({ name: 'users', path: '/users', pagination: { type: 'single' } })
    await using pipeline = createPipeline(type, source(server, users, child))
    await pipeline.sync()
    forbidden = 'b'
    await pipeline.sync()
    forbidden = null
    await pipeline.sync()
    expect(await ids(pipeline)).toEqual(upTo(9))
  })
})

function hideMost(api: Api): void {
  api.most = 3
}

function emptyPage(api: Api): void {
  api.override = (skip) => (skip === 0 ? undefined : reply(200, { data: [], has_more: true }))
}

describe('a list that lacks records', () => {
  it.each([
    ['the total', { pagination: TOTALLED }, hideMost],
    [
      'an empty page that claims there is more',
      { pagination: { ...OFFSET, overlap: 0 } },
      emptyPage,
    ],
  ])('by %s does not move the bookmark: it is read again', async (_, keys, hide) => {
    const api: Api = { records: items(6, 5, 4, 3, 2, 1) }
    await using server = await serveItems(api)
    const incremental = { ...SINCE, order: 'desc' }
    await using pipeline = createPipeline(
      'sqlite',
      source(server, endpoint({ ...keys, incremental })),
    )
    hide(api)
    const first = await pipeline.sync()
    expect(first.status).toBe('ok')
    expect(first.endpoints[0]!.bookmark.after).toBeNull()
    delete api.most
    delete api.override
    await pipeline.sync()
    expect(await ids(pipeline)).toEqual(upTo(6))
  })

  it('takes no children with it', async () => {
    const api: Api = { records: items(1, 2, 3, 4, 5) }
    api.override = (_, path) => {
      const [, name, parent] = path.split('/')
      return name === 'notes' ? reply(200, { data: [{ id: `${parent} note` }] }) : undefined
    }
    await using server = await serveItems(api)
    const notes = endpoint({
      name: 'notes',
      path: '/notes/{item}',
      pagination: { type: 'single' },
      deletes: 'hard',
      max_delete_ratio: 1,
      depends_on: { endpoint: 'items', param_mapping: { item: 'id' } },
    })
    const all = endpoint({ deletes: 'hard' })
    await using pipeline = createPipeline('sqlite', source(server, all, notes))
    await pipeline.sync()
    api.most = 4
    expect((await pipeline.sync()).status).toBe('ok')
    expect(await pipeline.rows('select count(*) from notes')).toEqual([[5]])
  })

  it('asks once for the children of parents that share what they are asked by', async () => {
    const shared = [
      { id: 1, team: 'x' },
      { id: 2, team: 'x' },
    ]
    await using server = await serve(({ path }) =>
      path === '/users' ? { data: shared } : { data: items(1, 2) },
    )
    const users = endpoint({ name: 'users', path: '/users', pagination: { type: 'single' } })
    const child = endpoint({
      path: '/items/{team}',
      pagination: { type: 'single' },
      write_disposition: 'append',
      incremental: { cursor_path: 'at' },
      depends_on: { endpoint: 'users', param_mapping: { team: 'team' } },
    })
    await using pipeline = createPipeline('sqlite', source(server, users, child))
    for (const fullRefresh of [false, true]) {
      await pipeline.sync({ fullRefresh })
      expect(await ids(pipeline)).toEqual([1, 2])
    }
  })
})

describe('an ascending list', () => {
  const ascending = (more: object = {}) =>
    endpoint({ incremental: { ...SINCE, order: 'asc' }, ...more })

  it('that turns out not to be sorted takes the bookmark back with the page that shows it', async () => {
    const api: Api = { records: [item(1, 20), item(2, 21), item(3, 22), item(4, 5), item(5, 6)] }
    api.records.push(item(6, 7), item(7, 1), item(8, 2), item(9, 3))
    api.override = (skip) => (skip >= 5 ? reply(500, {}) : undefined)
    await using server = await serveItems(api)
    await using pipeline = createPipeline('sqlite', source(server, ascending()))
    const first = await pipeline.sync()
    expect(codes(first)).toContain('ORDER_BROKEN')
    expect(first.endpoints[0]!.status).toBe('failed')
    api.override = undefined
    await pipeline.sync()
    expect(await ids(pipeline)).toEqual(upTo(9))
  })

  it.each([true, false])(
    'by page number is read again from where an edit may have hidden a record; with a total: %s',
    async (totalled) => {
      const api: Api = { records: items(1, 2, 3, 4, 5, 6, 7, 8) }
      api.override = (skip) => {
        if (skip !== 3) return undefined
        api.override = undefined
        const [first, ...others] = api.records
        api.records = [...others, { ...first!, at: new Date().toISOString() }]
        return undefined
      }
      await using server = await serveItems(api)
      const pages = { type: 'page', limit: 3, page_param: 'page' }
      const pagination = totalled ? { ...pages, total_path: 'total' } : pages
      await using pipeline = createPipeline('sqlite', source(server, ascending({ pagination })))
      const first = await pipeline.sync()
      expect(codes(first)).toContain('LIST_SHIFTED')
      expect(first.endpoints[0]!.bookmark.after).toBe('2024-01-03T00:00:00.000000Z')
      expect(await ids(pipeline)).not.toContain(4)
      await pipeline.sync()
      expect(await ids(pipeline)).toEqual(upTo(8))
    },
  )
})
