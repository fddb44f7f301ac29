import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { VERSION } from '../../src/core/version.ts'
import { reply } from '../support/http-server.ts'
import { createProject, type Project } from './project.ts'
import { openShop, shopProject, SOURCE, type Shop } from './shop.ts'

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

const json = (text: string) => JSON.parse(text) as unknown

describe('sluice', () => {
  it('prints its version and its help on stdout', async () => {
    expect(await project.sluice('--version')).toEqual({
      code: 0,
      stdout: `${VERSION}\n`,
      stderr: '',
    })
    const help = await project.sluice('sync', '--help')
    expect(help).toMatchObject({ code: 0, stderr: '' })
    expect(help.stdout).toContain('--full-refresh')
  })

  it('prints its help on stderr and exits 2 without a command', async () => {
    const { code, stdout, stderr } = await project.sluice()
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain('Usage: sluice')
  })

  it('says with -v where in its source an error was thrown', async () => {
    const { code, stderr } = await project.sluice('check', 'nothing', '-v')
    expect(code).toBe(2)
    expect(stderr).toMatch(/^SluiceError: .*\n {4}at \S+ \(\S*\/src\/config\/load\.ts:\d+:\d+\)$/m)
  })
})

describe('sluice check', () => {
  it('asks every endpoint once and writes nothing', async () => {
    const { code, stdout } = await project.sluice('check', '--json')
    expect(code).toBe(0)
    const ok = { status: 'ok', error: null }
    expect(json(stdout)).toEqual({
      pipeline: 'shop',
      status: 'ok',
      checks: [
        { check: 'configuration', name: 'config/shop.yaml', ...ok },
        { check: 'endpoint', name: 'orders', ...ok },
        { check: 'endpoint', name: 'shops', ...ok },
        { check: 'destination', name: 'local', ...ok },
      ],
    })
    expect(shop.server.requests.map(({ path }) => path)).toEqual(['/orders', '/shops'])
    expect(project.hasDataset()).toBe(false)
  })

  it('lists every failure and exits 1', async () => {
    shop.override = (path) =>
      path === '/orders' ? reply(403, { error: 'no' }) : reply(200, { items: [] })
    const { code, stdout, stderr } = await project.sluice('check')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^endpoint +orders +failed +HTTP_STATUS$/m)
    expect(stdout).toMatch(/^endpoint +shops +failed +SELECTOR_MISSING$/m)
    expect(stdout).toMatch(/^destination +local +ok +dataset shop will be created/m)
    expect(stderr).toContain('error [HTTP_STATUS] shop.orders: ')
    expect(stderr).toContain('error [SELECTOR_MISSING] shop.shops: ')
  })

  it('reads only the files with --offline', async () => {
    const { code } = await project.sluice('check', '--offline')
    expect(code).toBe(0)
    expect(shop.server.requests).toEqual([])
  })
})

describe('sluice status', () => {
  it('says that a pipeline never ran, which --max-age counts as too old', async () => {
    expect(await project.sluice('status')).toMatchObject({ code: 0, stdout: 'shop: never ran\n' })
    expect(await project.sluice('status', '--max-age', '1d')).toMatchObject({ code: 1 })
    expect(project.hasDataset()).toBe(false)
  })

  it('shows the last run, the bookmarks and the rows', async () => {
    await project.sluice('sync')
    const { code, stdout } = await project.sluice('status', '--json', '--max-age', '1h')
    expect(code).toBe(0)
    expect(json(stdout)).toMatchObject({
      pipeline: 'shop',
      last_run: { status: 'ok', error: null },
      bookmarks: [{ endpoint: 'orders', partition: '', cursor: '2024-01-03T00:00:00.000000Z' }],
      rows: { orders: 3, orders__lines: 3, shops: 1 },
    })
    const old = await project.sluice('status', '--max-age', '1ms')
    expect(old.code).toBe(1)
    expect(old.stdout).toMatch(/^shop: last run ok, started .*; fresh .* ago$/m)
    expect(old.stdout).toMatch(/^orders__lines +3$/m)
  })
})

describe('sluice preview', () => {
  it('shows records and the schema they would get, and writes nothing', async () => {
    const { code, stdout } = await project.sluice('preview', 'shop', '-e', 'orders', '-n', '1')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^orders: 1 record$/m)
    expect(stdout).toMatch(/^ 1 +2024-01-01T00:00:00\.000000Z +10$/m)
    expect(stdout).toMatch(/^orders +updated +timestamp$/m)
    expect(stdout).toMatch(/^orders__lines +sku +text$/m)
    expect(project.hasDataset()).toBe(false)
  })

  it('prints integers exactly as JSON', async () => {
    shop.override = () => reply(200, { data: [{ id: 9007199254740993n }] })
    const { stdout } = await project.sluice('preview', 'shop', '-e', 'shops', '--json')
    expect(stdout).toContain('"id":9007199254740993')
  })

  it('exits 1 with the error when the endpoint fails', async () => {
    shop.override = () => reply(400, { error: 'no' })
    const { code, stdout } = await project.sluice('preview', 'shop', '-e', 'orders', '--json')
    expect(code).toBe(1)
    expect(json(stdout)).toMatchObject({ error: { code: 'HTTP_STATUS' } })
  })
})

describe('sluice sandbox', () => {
  it('serves until it is told to stop', async () => {
    const { child, finished } = project.start(
      'sandbox',
      'close',
      '--leads',
      '3',
      '--ends-at',
      '2024-02-03',
      '--json',
    )
    const [first] = (await once(child.stdout!, 'data')) as [Buffer]
    const { env, sources } = json(first.toString()) as {
      env: Record<string, string>
      sources: Record<string, { url: string; origin: string }>
    }
    expect(Object.keys(sources)).toEqual(['close'])
    expect(env.CLOSE_BASE_URL).toBe(sources.close!.url)
    const state = await fetch(`${sources.close!.origin}/_sandbox/state`)
    expect(await state.json()).toMatchObject({
      now: expect.stringMatching(/^2024-02-03/) as string,
      counts: { leads: 3 },
    })
    child.kill('SIGINT')
    expect((await finished).code).toBe(0)
    await expect(fetch(sources.close!.origin)).rejects.toThrow('fetch failed')
  })

  it('names its sources when asked for another', async () => {
    expect(await project.sluice('sandbox', 'clsoe')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean "close"?') as string,
    })
  })
})

describe('a project elsewhere', () => {
  it('is found with --config, and its paths start in its folder', async () => {
    await using other = await createProject(
      { 'empty.txt': '' },
      { SHOP_URL: shop.server.url, SHOP_KEY: 'x' },
    )
    const config = `${project.folder}/pipelines.yaml`
    const { code, stdout } = await other.sluice('check', '--offline', '--config', config)
    expect(code).toBe(0)
    expect(stdout).toContain('config/shop.yaml')
  })

  it('takes variables from --env-file', async () => {
    await using other = await createProject({
      'pipelines.yaml':
        'destinations: { local: { type: sqlite, path: x.db } }\npipelines: { shop: { source: shop.yaml } }\n',
      'shop.yaml': SOURCE,
      'vars.env': `SHOP_URL=${shop.server.url}\nSHOP_KEY=anything\n`,
    })
    expect((await other.sluice('check', '--offline')).code).toBe(2)
    expect((await other.sluice('check', '--offline', '--env-file', 'vars.env')).code).toBe(0)
  })
})
