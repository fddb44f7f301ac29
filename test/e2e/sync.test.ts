import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { reply } from '../support/http-server.ts'
import type { Project } from './project.ts'
import { openShop, order, PIPELINES, shopProject, SOURCE, type Shop } from './shop.ts'

let shop: Shop
let project: Project

beforeEach(async () => {
  shop = await openShop()
  project = await shopProject(shop)
})

afterEach(async () => {
  await project[Symbol.asyncDispose]()
  await shop[Symbol.asyncDispose]()
})

const LINES = `
  select orders.id, sku from orders__lines as line join orders on orders._dlt_id = line._dlt_parent_id
  order by orders.id, line._dlt_list_idx`

/** What the server was asked since the last call. */
function asked(): string[] {
  const urls = shop.server.requests.map(({ url }) => url)
  return urls.slice(seen, (seen = urls.length))
}
let seen = 0
beforeEach(() => (seen = 0))

describe('sluice sync', () => {
  it("leaves out the source's header and parameter where an endpoint says null", async () => {
    await using other = await shopProject(shop, {
      'config/shop.yaml': SOURCE.replace(
        'path: /shops',
        'path: /shops\n    headers: { X-Version: null }\n    params: { ver: null }',
      ).replace('defaults:', 'headers: { X-Version: a }\nparams: { ver: 2 }\ndefaults:'),
    })
    expect((await other.sync()).run.status).toBe('ok')
    const sent = shop.server.requests.map(({ path, query, headers }) => [
      path,
      headers['x-version'],
      query.get('ver'),
    ])
    expect(sent).toEqual([
      ['/orders', 'a', '2'],
      ['/orders', 'a', '2'],
      ['/shops', undefined, null],
    ])
  })

  it('warns of an empty page that claims there is more', async () => {
    shop.override = (path) =>
      path === '/orders' ? reply(200, { data: [], more: true }) : undefined
    const { run } = await project.sync()
    expect(run.warnings).toMatchObject([{ endpoint: 'orders', code: 'EMPTY_PAGE' }])
  })

  it('loads every page into a table and its child tables', async () => {
    const { code, stdout, stderr } = await project.sluice('sync')
    expect(code).toBe(0)
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^shop: ok in \d/),
      'endpoint  status  requests  records  rows                 rejected  waited  bookmark',
      'orders    ok             2        3  orders 3, __lines 3         0          2024-01-03T00:00:00.000000Z',
      'shops     ok             1        1  shops 1                     0',
      'schema: 3 tables added, 6 columns added (-v lists them)',
      '',
    ])
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/^shop\.orders: ok, 2 pages, 3 records, 6 rows in /),
      expect.stringMatching(/^shop\.shops: ok, 1 page, 1 record, 1 row in /),
      '',
    ])
    expect(project.query('select id, updated, total from orders order by id')).toEqual([
      { id: 1, updated: '2024-01-01T00:00:00.000000Z', total: 10 },
      { id: 2, updated: '2024-01-02T00:00:00.000000Z', total: 20 },
      { id: 3, updated: '2024-01-03T00:00:00.000000Z', total: 30 },
    ])
    expect(project.query(LINES)).toEqual([
      { id: 1, sku: 'a' },
      { id: 1, sku: 'b' },
      { id: 3, sku: 'c' },
    ])
    expect(project.query('select status, "trigger" from _sluice_runs')).toEqual([
      { status: 'ok', trigger: 'cli' },
    ])
  })

  it('asks the second time only for what is new, and replaces a changed record with its lists', async () => {
    await project.sluice('sync')
    expect(asked()).toEqual(['/orders?limit=2&skip=0', '/orders?limit=2&skip=1', '/shops'])

    shop.orders.push(order(4, '2024-01-04T00:00:00Z', []))
    shop.orders[0] = { ...order(1, '2024-01-05T00:00:00Z', ['z']), total: 99 }
    const { code, run } = await project.sync('-e', 'orders')
    expect(code).toBe(0)
    const since = '/orders?updated_gte=2024-01-03T00%3A00%3A00Z&limit=2'
    expect(asked()).toEqual([`${since}&skip=0`, `${since}&skip=1`])
    expect(run.endpoints).toMatchObject([{ endpoint: 'orders', requests: 2, records: 3 }])
    expect(project.query('select id, total from orders order by id')).toEqual([
      { id: 1, total: 99 },
      { id: 2, total: 20 },
      { id: 3, total: 30 },
      { id: 4, total: 40 },
    ])
    expect(project.query(LINES)).toEqual([
      { id: 1, sku: 'z' },
      { id: 3, sku: 'c' },
    ])
  })

  it('prints the run as one JSON object', async () => {
    const { code, stdout } = await project.sluice('--json', 'sync')
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    const endpoint = {
      status: 'ok',
      rejected: 0,
      deleted: 0,
      retries: 0,
      waited_ms: 0,
      windows: null,
      error: null,
    }
    expect(JSON.parse(stdout)).toEqual({
      run_id: expect.stringMatching(/^[\da-f-]{36}$/),
      pipeline: 'shop',
      command: 'sync',
      status: 'ok',
      started_at: time,
      finished_at: time,
      endpoints: [
        {
          ...endpoint,
          endpoint: 'orders',
          requests: 2,
          pages: 2,
          records: 3,
          rows: { orders: 3, orders__lines: 3 },
          bookmark: { before: null, after: '2024-01-03T00:00:00.000000Z' },
        },
        {
          ...endpoint,
          endpoint: 'shops',
          requests: 1,
          pages: 1,
          records: 1,
          rows: { shops: 1 },
          bookmark: { before: null, after: null },
        },
      ],
      schema_changes: expect.arrayContaining([
        { table: 'orders', column: null, change: 'added', type: null },
        { table: 'orders', column: 'total', change: 'added', type: 'bigint' },
      ]) as unknown,
      warnings: [],
      error: null,
    })
  })

  it('writes nothing in a dry run', async () => {
    const { code, stdout } = await project.sluice('sync', '--dry-run')
    expect(code).toBe(0)
    expect(stdout).toContain('(dry run: nothing was written)')
    expect(stdout).toMatch(/^orders +ok +2 +3 /m)
    expect(project.hasDataset()).toBe(false)
  })

  it('reads everything again with --full-refresh, and goes on where --max-pages stopped it', async () => {
    const first = await project.sync('-e', 'orders', '--max-pages', '1')
    expect(first.run.endpoints[0]).toMatchObject({ records: 2, bookmark: { after: null } })
    expect(first.run.warnings).toMatchObject([{ endpoint: 'orders', code: 'INCOMPLETE' }])
    await project.sync('-e', 'orders')
    expect(project.query('select count(*) as n from orders')).toEqual([{ n: 3 }])
    asked()
    await project.sync('-e', 'orders', '--full-refresh')
    expect(asked()).toEqual(['/orders?limit=2&skip=0', '/orders?limit=2&skip=1'])
  })

  it('exits 3 when one endpoint fails, with the rest committed', async () => {
    shop.override = (path) =>
      path === '/orders' ? reply(400, { error: 'no such field' }) : undefined
    const { code, stdout, stderr } = await project.sluice('sync', '--json')
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'partial',
      endpoints: [
        { endpoint: 'orders', status: 'failed', error: { code: 'HTTP_STATUS' } },
        { endpoint: 'shops', status: 'ok' },
      ],
    })
    expect(stderr).toMatch(/^error \[HTTP_STATUS\] shop\.orders: .* answered 400: no such field$/m)
    expect(stderr).not.toContain('    at ')
    expect(project.query('select name from shops')).toEqual([{ name: 'Main' }])
  })

  it('runs the other pipelines when one can not start, and exits with the worst code', async () => {
    const pipelines = `
destinations:
  local: { type: sqlite, path: "data/{dataset}.db" }
  broken: { type: sqlite, path: "config/shop.yaml/{dataset}.db" }
pipelines:
  lost: { source: config/shop.yaml, destination: broken }
  shop: { source: config/shop.yaml, destination: local }
`
    await using both = await shopProject(shop, { 'pipelines.yaml': pipelines })
    const { code, stdout, stderr } = await both.sluice('sync', '--json')
    expect(code).toBe(1)
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([
      { pipeline: 'lost', status: 'failed', error: { code: 'DESTINATION_UNAVAILABLE' } },
      { pipeline: 'shop', status: 'ok' },
    ])
    expect(stderr).toContain('error [DESTINATION_UNAVAILABLE] lost: ')
  })

  it('exits 75 while another run holds the dataset', async () => {
    await project.sluice('sync')
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const waiting = new Promise<void>((resolve) => {
      shop.override = () => (response) => {
        resolve()
        void held.then(() => reply(200, { data: [] })(response))
      }
    })
    const first = project.start('sync')
    await waiting
    const second = await project.sluice('sync', '--json')
    expect(second.code).toBe(75)
    expect(JSON.parse(second.stdout)).toMatchObject({
      pipeline: 'shop',
      error: {
        code: 'RUN_LOCKED',
        message: expect.stringContaining(`${first.child.pid}`) as string,
      },
    })
    release()
    expect((await first.finished).code).toBe(0)
  })

  it('works when its output is closed', async () => {
    const { child, finished } = project.start('sync')
    child.stdout!.destroy()
    child.stderr!.destroy()
    expect((await finished).code).toBe(0)
    expect(project.query('select count(*) as n from orders')).toEqual([{ n: 3 }])
  })

  it('runs every pipeline of the file, in its order, when none is named', async () => {
    const pipelines = `${PIPELINES}  again: { source: config/shop.yaml, endpoints: [shops] }\n`
    await using both = await shopProject(shop, {
      'pipelines.yaml': pipelines,
      'config/shop.yaml': SOURCE,
    })
    const { code, stdout } = await both.sluice('sync')
    expect(code).toBe(0)
    expect(stdout.match(/^\w+: ok/gm)).toEqual(['shop: ok', 'again: ok'])
    expect(both.query('select name from shops', 'again')).toEqual([{ name: 'Main' }])
  })
})
