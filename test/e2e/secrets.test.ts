import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { reply, type Reply } from '../support/http-server.ts'
import { API_KEY, openShop, shopProject, SOURCE, type Shop } from './shop.ts'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(() => shop[Symbol.asyncDispose]())

const FORMS = [
  API_KEY,
  encodeURIComponent(API_KEY),
  Buffer.from(API_KEY).toString('base64').replace(/=+$/, ''),
  Buffer.from(`${API_KEY}:`).toString('base64').replace(/=+$/, ''),
  'canary-k3y',
]

/** Endpoints that answer with the key, as it is and as it may come back from a URL. */
const LEAKS: Readonly<Record<string, () => Reply>> = {
  refused: () => reply(400, { error: `bad key ${API_KEY}` }),
  page: () => reply(200, `<p>${API_KEY}</p>`, { 'content-type': 'text/html' }),
  redirect: () =>
    reply(302, null, { location: `http://127.0.0.1:1/?key=${encodeURIComponent(API_KEY)}` }),
  broken: () => reply(200, `{"key": "${API_KEY}"`, { 'content-type': 'application/json' }),
  // Last, because nothing is asked of a source that refuses its key.
  unauthorized: () => reply(401, { error: encodeURIComponent(API_KEY) }),
}

const AUTHS = {
  bearer: '{ type: bearer, token: "${SHOP_KEY}" }',
  query: '{ type: api_key, location: query, name: key, api_key: "${SHOP_KEY}" }',
  http_basic: '{ type: http_basic, username: "${SHOP_KEY}", password: "" }',
}

function sourceOf(auth: string): string {
  const endpoints = Object.keys(LEAKS).map((name) => `  - { name: ${name}, path: /${name} }`)
  return `
base_url: "\${SHOP_URL}"
auth: ${auth}
retry: { max_attempts: 2, base_delay: 10ms }
endpoints:
${endpoints.join('\n')}
`
}

describe('the key', () => {
  it.each(Object.entries(AUTHS))('given as %s is in no output, nor stored', async (_, auth) => {
    shop.override = (path) => LEAKS[path.slice(1)]?.()
    await using project = await shopProject(shop, { 'config/shop.yaml': sourceOf(auth) })
    const { code, stdout, stderr } = await project.sluice('sync', '--json', '-v')
    expect(code).toBe(1)
    const failed = Object.keys(LEAKS).map((name) => stderr.includes(`] shop.${name}: GET `))
    expect(failed).toEqual(failed.map(() => true))
    for (const form of FORMS) expect(stdout + stderr).not.toContain(form)
    const stored = JSON.stringify([
      project.query('select * from _sluice_runs'),
      project.query('select * from _sluice_run_endpoints'),
    ])
    expect(stored).toContain('answered 400')
    for (const form of FORMS) expect(stored).not.toContain(form)
  })

  it('is in no output when the configuration is wrong', async () => {
    const files = {
      'config/shop.yaml': SOURCE.replace('type: bearer, token', `type: bearer, tokn`),
      '.env': `SHOP_KEY=${API_KEY}\nnonsense ${API_KEY}\n`,
    }
    await using project = await shopProject(shop, files)
    const { code, stdout, stderr } = await project.sluice('sync', '--json', '-v')
    expect(code).toBe(2)
    expect(stderr).toContain('tokn')
    for (const form of FORMS) expect(stdout + stderr).not.toContain(form)
  })

  it('is in no output when it stands in the file and the file is broken', async () => {
    const files = { 'config/shop.yaml': SOURCE.replace('"${SHOP_KEY}" }', `${API_KEY}: ]`) }
    await using project = await shopProject(shop, files)
    const { code, stdout, stderr } = await project.sluice('sync', '--json', '-v')
    expect(code).toBe(2)
    for (const form of FORMS) expect(stdout + stderr).not.toContain(form)
  })

  it('is in no output of check and preview', async () => {
    shop.override = LEAKS.refused
    await using project = await shopProject(shop)
    for (const args of [['check'], ['preview', 'shop', '-e', 'orders']]) {
      const { code, stdout, stderr } = await project.sluice(...args, '--json', '-v')
      expect(code).toBe(1)
      expect(stderr).toContain('error [HTTP_STATUS]')
      for (const form of FORMS) expect(stdout + stderr).not.toContain(form)
    }
  })

  it('is in no output when a custom module throws where nobody can catch it', async () => {
    const source = `${SOURCE}    transform: [{ module: ./leak.js }]\n`
    const module = `export default (record) => {
  setImmediate(() => { throw Object.assign(new Error('with ' + process.env.SHOP_KEY), { key: process.env.SHOP_KEY }) })
  return record
}\n`
    const files = { 'config/shop.yaml': source, 'config/leak.js': module }
    await using project = await shopProject(shop, files)
    const { code, stdout, stderr } = await project.sluice('sync', '--json', '-v')
    expect(code).toBe(1)
    expect(stderr).toContain('error [INTERNAL] with ***')
    for (const form of FORMS) expect(stdout + stderr).not.toContain(form)
  })

  it('is in no output when a token obtained by logging in is refused', async () => {
    const token = 'canary-t0ken-1234567'
    shop.override = (path) =>
      path === '/login' ? reply(200, { token }) : reply(403, { error: `no rights: ${token}` })
    const login = SOURCE.replace(
      /auth: .*/,
      'auth: { type: login, path: /login, json: { key: "${SHOP_KEY}" }, token_path: token }',
    )
    await using project = await shopProject(shop, { 'config/shop.yaml': login })
    const { stdout, stderr } = await project.sluice('sync', '--json', '-v')
    expect(stderr).toContain('no rights: ***')
    expect(stdout + stderr).not.toContain(token)
  })

  it('is in no output when a token obtained by logging in comes back in a redirect', async () => {
    const token = 'canary-t0ken-1234567'
    shop.override = (path) => {
      if (path === '/login') return reply(200, { token })
      return path === '/orders' ? reply(302, null, { location: `/moved/${token}` }) : undefined
    }
    const login = SOURCE.replace(
      /auth: .*/,
      'auth: { type: login, path: /login, json: { key: "${SHOP_KEY}" }, token_path: token }',
    )
    await using project = await shopProject(shop, { 'config/shop.yaml': login })
    const { stdout, stderr } = await project.sluice('sync', '--json', '-v')
    expect(stderr).toContain('redirected to')
    expect(stdout + stderr).not.toContain(token)
  })
})
