import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Project } from '../../e2e/project.ts'
import { openShop, shopProject, SOURCE, stallAfter, type Shop } from '../../e2e/shop.ts'

let shop: Shop
let project: Project
beforeEach(async () => {
  shop = await openShop()
  const source = SOURCE.replace(
    'param_name: updated_gte',
    'param_name: updated_gte, end_param_name: updated_lt',
  )
  project = await shopProject(shop, { 'config/shop.yaml': source })
})
afterEach(async () => {
  await project[Symbol.asyncDispose]()
  await shop[Symbol.asyncDispose]()
})

const json = (text: string) => JSON.parse(text) as unknown
const CURSOR = '2024-01-03T00:00:00.000000Z'

describe('sluice state', () => {
  it('shows bookmarks, sets them and forgets them', async () => {
    expect((await project.run('state', 'show', 'shop')).stdout).toBe('shop: no bookmarks\n')
    expect(project.hasDataset()).toBe(false)
    await project.run('sync')
    const shown = await project.run('state', 'show', 'shop')
    expect(shown.stdout).toMatch(
      /^endpoint +bookmark +updated\norders +2024-01-03T00:00:00\.000000Z +\d/,
    )

    const set = await project.run('state', 'set', 'shop', '-e', 'orders', '2024-01-02')
    expect(set).toMatchObject({
      code: 0,
      stdout: `orders: ${CURSOR} -> 2024-01-02T00:00:00.000000Z\n`,
    })
    const synced = await project.run('sync', '-e', 'orders', '--json')
    expect(json(synced.stdout)).toMatchObject({
      endpoints: [{ records: 2, bookmark: { after: CURSOR } }],
    })

    const reset = await project.run('state', 'reset', 'shop', '--json')
    expect(json(reset.stdout)).toEqual({ pipeline: 'shop', endpoints: ['orders'] })
    const again = await project.run('sync', '-e', 'orders', '--json')
    expect(json(again.stdout)).toMatchObject({ endpoints: [{ records: 3 }] })
    expect(project.query('select id from orders')).toHaveLength(3)
  })

  it('shows how far lists are read, and the rest with --json alone', async () => {
    const source = SOURCE.replace(
      '    path: /orders\n',
      '    path: /orders\n    deletes: { mode: soft, snapshot: { every: P1D } }\n',
    )
    await using other = await shopProject(shop, { 'config/shop.yaml': source })
    await other.run('sync')
    const { stdout } = await other.run('state', 'show', 'shop')
    expect(stdout).not.toContain('snapshot')
    const lists = json((await other.run('state', 'show', 'shop', '--json')).stdout)
    expect(JSON.stringify(lists)).toContain('"partition":"snapshot"')
  })

  it.each([
    [['set', 'shop', '-e', 'orders', 'soon'], /"soon" is no value of the cursor, which is a time/],
    [['set', 'shop', '-e', 'orders', '2999-01-01'], /2999-01-01T00:00:00.000000Z is in the future/],
    [['set', 'shop', '-e', 'shops', '1'], /shops has no incremental, and so no bookmark/],
    [['set', 'shop', '-e', 'order', '1'], /no endpoint "order"; did you mean "orders"/],
    [['set', 'shop', '2024-01-01'], /required option '-e, --endpoint <name>' not specified/],
    [['reset', 'shop', '-e', 'nothing'], /no endpoint "nothing"/],
    [['show', 'shp'], /no pipeline "shp"|shp/],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await project.run('state', ...args)
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })

  it('does not touch a dataset that a run is at work on', async () => {
    await project.run('sync')
    const asked = stallAfter(shop, 0)
    const { child, finished } = project.start('sync')
    await asked
    const set = await project.run('state', 'set', 'shop', '-e', 'orders', '2024-01-01')
    expect(set.code).toBe(75)
    expect(set.stderr).toContain('the dataset is in use by run')
    child.kill('SIGKILL')
    await finished
  })
})

describe('sluice plan', () => {
  it('says what a sync would ask for, and asks for nothing', async () => {
    await project.run('sync')
    const before = shop.server.requests.length
    const { code, stdout } = await project.run('plan', 'shop', '--json')
    expect(code).toBe(0)
    expect(json(stdout)).toMatchObject({
      pipeline: 'shop',
      endpoints: [
        {
          endpoint: 'orders',
          method: 'GET',
          url: `${shop.server.url}/orders?updated_gte=2024-01-03T00%3A00%3A00Z&limit=2&skip=0`,
          bookmark: { cursor: CURSOR, gaps: [] },
          from: CURSOR,
          windows: null,
        },
        { endpoint: 'shops', from: null, bookmark: null },
      ],
      warnings: [],
    })
    const text = await project.run('plan', 'shop', '--full-refresh', '-e', 'orders')
    expect(text.stdout).toMatch(/^orders +everything +none +offset +merge +GET http/m)
    expect(shop.server.requests).toHaveLength(before)
  })

  it('plans for a dataset that is not there yet, and does not make it', async () => {
    expect((await project.run('plan', 'shop')).code).toBe(0)
    expect(project.hasDataset()).toBe(false)
  })
})

describe('sluice backfill', () => {
  const backfill = (...more: string[]) =>
    project.run('backfill', 'shop', '-e', 'orders', '--from', '2024-01-01', ...more)

  it('reads a range and shows its windows; a second one has nothing left to do', async () => {
    const { code, stdout } = await backfill('--to', '2024-01-03')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^endpoint +status +windows +requests/m)
    expect(stdout).toMatch(/^orders +ok +1 +2 +3 /m)
    expect(project.query('select id from orders order by id')).toEqual([{ id: 1 }, { id: 2 }])
    const shown = await project.run('state', 'show', 'shop')
    expect(shown.stdout).toMatch(/^orders +2024-01-01 to 2024-01-03/m)
    const again = await backfill('--to', '2024-01-03')
    expect(again).toMatchObject({ code: 0 })
    expect(again.stdout).toContain('warning: orders: nothing is left to read')
    expect(project.query('select count(*) as n from _sluice_bookmarks')).toEqual([{ n: 0 }])
  })

  it('does not make a dataset fresh', async () => {
    await backfill('--to', '2024-01-03')
    expect(await project.run('status', '--max-age', '1d')).toMatchObject({ code: 1 })
  })

  it.each([
    [['--to', '2023-01-01'], /--from 2024-01-01 is not before --to 2023-01-01/],
    [['--form', 'x'], /unknown option '--form'/],
  ])('refuses %j', async (more, message) => {
    const { code, stderr } = await backfill(...more)
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })
})
