import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { reply } from '../support/http-server.ts'
import { openShop, PIPELINES, shopProject, SOURCE, type Shop } from './shop.ts'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(() => shop[Symbol.asyncDispose]())

interface BadInput {
  readonly what: string
  readonly files?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  readonly code: string
  readonly exit: number
  readonly says: readonly string[]
  /** What becomes of the second endpoint. */
  readonly next?: 'failed' | 'skipped'
}

const source = (from: string, to: string) => ({ 'config/shop.yaml': SOURCE.replace(from, to) })

const BEFORE_ANYTHING: readonly BadInput[] = [
  {
    what: 'an unknown key',
    files: source('incremental:', 'incremental_:'),
    code: 'CONFIG_INVALID',
    exit: 2,
    says: ['config/shop.yaml:12:', 'incremental_', 'did you mean "incremental"?'],
  },
  {
    what: 'a value of the wrong type',
    files: source('limit: 2', 'limit: many'),
    code: 'CONFIG_INVALID',
    exit: 2,
    says: ['config/shop.yaml:', 'limit', 'many'],
  },
  {
    what: 'a misspelt variant',
    files: source('type: single', 'type: singel'),
    code: 'CONFIG_INVALID',
    exit: 2,
    says: ['singel', 'did you mean "single"?'],
  },
  {
    what: 'a variable that is not set',
    files: source('SHOP_KEY', 'SHOP_KEY_2'),
    code: 'CONFIG_INVALID',
    exit: 2,
    says: ['config/shop.yaml:3:', 'SHOP_KEY_2'],
  },
  {
    what: 'a file that is not YAML',
    files: { 'pipelines.yaml': `${PIPELINES}  other: [` },
    code: 'CONFIG_INVALID',
    exit: 2,
    says: ['pipelines.yaml:'],
  },
  {
    what: 'a source file that is not there',
    files: { 'pipelines.yaml': PIPELINES.replace('shop.yaml', 'shops.yaml') },
    code: 'CONFIG_INVALID',
    exit: 2,
    says: ['pipelines.yaml:6:13', 'config/shops.yaml', 'did you mean "shop.yaml"?'],
  },
  {
    what: 'no pipelines.yaml',
    args: ['sync', '--config', 'pipeline.yaml'],
    code: 'CONFIG_NOT_FOUND',
    exit: 2,
    says: ['pipeline.yaml', '--config'],
  },
  {
    what: 'an unknown pipeline',
    args: ['sync', 'shopp'],
    code: 'USAGE',
    exit: 2,
    says: ['"shopp"', 'did you mean "shop"?'],
  },
  {
    what: 'an unknown endpoint',
    args: ['sync', '-e', 'orders,order'],
    code: 'USAGE',
    exit: 2,
    says: ['"order"', 'orders, shops'],
  },
  {
    what: 'an unknown command',
    args: ['snyc'],
    code: 'USAGE',
    exit: 2,
    says: ["'snyc'", 'did you mean sync?'],
  },
  {
    what: 'an unknown option',
    args: ['sync', '--full-refrehs'],
    code: 'USAGE',
    exit: 2,
    says: ["'--full-refrehs'", 'did you mean --full-refresh?'],
  },
  {
    what: 'an unknown choice',
    args: ['sync', '--progress', 'lgo'],
    code: 'USAGE',
    exit: 2,
    says: ["'lgo'", 'auto, bar, log, none', 'did you mean "log"?'],
  },
  {
    what: 'a number that is none',
    args: ['sync', '--max-pages', '1e3'],
    code: 'USAGE',
    exit: 2,
    says: ["'1e3'", 'a whole number'],
  },
]

const FROM_OUTSIDE: readonly BadInput[] = [
  {
    what: 'a key that the API refuses',
    env: { SHOP_KEY: 'wrong-key-123' },
    code: 'HTTP_UNAUTHORIZED',
    exit: 1,
    // One endpoint may want a scope that the key does not have, so the second is tried as well.
    says: ['answered 401: bad key', 'error [HTTP_UNAUTHORIZED] shop.shops: '],
    next: 'failed',
  },
  {
    what: 'a connection that is refused',
    env: { SHOP_URL: 'http://127.0.0.1:1/api' },
    code: 'HTTP_NETWORK',
    exit: 1,
    says: ['ECONNREFUSED', 'shop: skipped because of that: shops'],
    next: 'skipped',
  },
  {
    what: 'a selector that finds nothing',
    files: source('data_selector: data', 'data_selector: result.items'),
    code: 'SELECTOR_MISSING',
    exit: 1,
    says: ['result.items'],
  },
]

describe('a mistake of the user', () => {
  it.each(BEFORE_ANYTHING)('$what: $code before anything is asked or written', async (bad) => {
    await using project = await shopProject(shop, bad.files, bad.env)
    const { code, stdout, stderr } = await project.sluice(...(bad.args ?? ['sync']), '--json')
    expect(stderr).toContain(`error [${bad.code}] `)
    for (const text of bad.says) expect(stderr).toContain(text)
    expect(stderr).not.toMatch(/^ +at /m)
    expect(code).toBe(bad.exit)
    expect(JSON.parse(stdout)).toMatchObject({ status: 'failed', error: { code: bad.code } })
    expect(shop.server.requests).toEqual([])
    expect(project.hasDataset()).toBe(false)
  })
})

describe('a failure outside', () => {
  it.each(FROM_OUTSIDE)('$what: $code, and no row is written', async (bad) => {
    await using project = await shopProject(shop, bad.files, bad.env)
    const { code, stdout, stderr } = await project.sluice('sync', '--json')
    expect(stderr).toContain(`error [${bad.code}] shop.orders: `)
    for (const text of bad.says) expect(stderr).toContain(text)
    expect(stderr).not.toMatch(/^ +at /m)
    expect(code).toBe(bad.exit)
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'failed',
      endpoints: [
        { endpoint: 'orders', status: 'failed', error: { code: bad.code } },
        { endpoint: 'shops', status: bad.next ?? 'failed', error: { code: bad.code } },
      ],
    })
    expect(project.query('select * from _sluice_bookmarks')).toEqual([])
    expect(tablesOf(project)).toEqual([])
  })

  it('an HTML page instead of JSON: HTTP_NOT_JSON with its first words', async () => {
    const html = '<!doctype html><title>Please log in</title>'
    shop.override = () => reply(200, html, { 'content-type': 'text/html' })
    await using project = await shopProject(shop)
    const { code, stderr } = await project.sluice('sync')
    expect(code).toBe(1)
    expect(stderr).toContain('error [HTTP_NOT_JSON] shop.orders: ')
    expect(stderr).toContain('Please log in')
    expect(tablesOf(project)).toEqual([])
  })

  it('a destination that can not be reached: DESTINATION_UNAVAILABLE, and the API is not asked', async () => {
    const url = 'postgres://someone:canary-pass-55@127.0.0.1:1/none'
    const postgres = PIPELINES.replace(
      /local: .*/,
      'local: { type: postgres, connection_string: "${DATABASE_URL}" }',
    )
    await using project = await shopProject(
      shop,
      { 'pipelines.yaml': postgres },
      { DATABASE_URL: url },
    )
    const { code, stdout, stderr } = await project.sluice('sync', '--json')
    expect(code).toBe(1)
    expect(stderr).toContain('error [DESTINATION_UNAVAILABLE] shop: ')
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'DESTINATION_UNAVAILABLE' } })
    expect(stdout + stderr).not.toContain('canary-pass-55')
    expect(shop.server.requests).toEqual([])
  })

  // Root may write anywhere, so the folder is a file instead.
  it('a destination that can not be written: DESTINATION_UNAVAILABLE', async () => {
    const pipelines = PIPELINES.replace('data/{dataset}.db', 'pipelines.yaml/{dataset}.db')
    await using project = await shopProject(shop, { 'pipelines.yaml': pipelines })
    const { code, stderr } = await project.sluice('sync')
    expect(code).toBe(1)
    expect(stderr).toContain('error [DESTINATION_UNAVAILABLE] shop: ')
    expect(shop.server.requests).toEqual([])
  })

  it.skipIf(process.getuid?.() === 0)('a folder that may not be written likewise', async () => {
    await using project = await shopProject(shop)
    await mkdir(join(project.folder, 'data'))
    await chmod(join(project.folder, 'data'), 0o500)
    const { code, stderr } = await project.sluice('sync')
    expect(code).toBe(1)
    expect(stderr).toContain('error [DESTINATION_UNAVAILABLE] shop: ')
  })
})

/** Tables that are not Sluice's own. */
function tablesOf(project: { query(sql: string): Record<string, unknown>[] }): unknown[] {
  return project
    .query(`select name from sqlite_master where type = 'table' order by name`)
    .map(({ name }) => String(name))
    .filter((name) => !/^(?:_sluice_|_dlt_|sqlite_)/.test(name))
}
