import { createHmac } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import {
  startSandbox,
  type Sandbox,
  type SandboxOptions,
  type SandboxSource,
} from '../../../src/sandbox/sandbox.ts'
import { KEY, ask } from './espocrm-client.ts'

let sandbox: Sandbox<'espocrm'> | undefined

afterEach(async () => {
  await sandbox?.stop()
  sandbox = undefined
})

async function start(
  options: Partial<SandboxOptions<'espocrm'>> = {},
): Promise<SandboxSource<'espocrm'>> {
  sandbox = await startSandbox({ leads: 6, ...options, sources: ['espocrm'] })
  return sandbox.sources.espocrm
}

const base64 = (value: string | Buffer) => Buffer.from(value).toString('base64')
const sign = (text: string, digest: 'hex' | 'raw' = 'hex') => {
  const hmac = createHmac('sha256', 'sandbox_key_secret').update(text)
  const signed = digest === 'hex' ? Buffer.from(hmac.digest('hex')) : hmac.digest()
  return { 'x-hmac-authorization': base64(Buffer.concat([Buffer.from('sandbox_key:'), signed])) }
}

/** The status that a request with these headers gets. */
const statusWith = async (
  source: SandboxSource<'espocrm'>,
  headers: Record<string, string>,
  path = 'Contact',
) => (await ask(source, path, {}, { headers })).status

describe('credentials', () => {
  it('says which variables the key and the secret go into', async () => {
    const { env, url } = await start({ apiKey: 'abc' })
    expect(env).toEqual({
      ESPOCRM_BASE_URL: url,
      ESPOCRM_API_KEY: 'abc',
      ESPOCRM_SECRET_KEY: 'abc_secret',
    })
  })

  it.each([
    ['the key', KEY],
    ['a signature in hex', sign('GET /Contact')],
    ['a raw signature', sign('GET /Contact', 'raw')],
    ['a signature, whatever the key beside it', { ...sign('GET /Contact'), 'x-api-key': 'other' }],
    ['a user and password', { authorization: `Basic ${base64('admin:sandbox_key')}` }],
    ['a user and password of its own kind', { 'espo-authorization': base64('admin:sandbox_key') }],
  ])('accepts %s', async (_, headers) => {
    expect(await statusWith(await start(), headers)).toBe(200)
  })

  it.each([
    ['another key', { 'x-api-key': 'other' }],
    ['the key as a bearer token', { authorization: 'Bearer sandbox_key' }],
    ['the key as a user name', { authorization: `Basic ${base64('sandbox_key:')}` }],
    ['a signature of another path', sign('GET /Account')],
    ['a signature of the whole path', sign('GET /api/v1/Contact')],
    ['a signature of another method', sign('POST /Contact')],
    [
      'a bare signature beside the key',
      {
        ...KEY,
        'x-hmac-authorization': base64(
          createHmac('sha256', 'sandbox_key_secret').update('GET /api/v1/Contact').digest(),
        ),
      },
    ],
    ['its own header, whatever the key beside it', { ...KEY, 'espo-authorization': base64('a:b') }],
  ])('refuses %s, without a word', async (_, headers) => {
    const { status, text, reason } = await ask(await start(), 'Contact', {}, { headers })
    expect([status, text, reason]).toEqual([401, '', null])
  })

  it('signs the path of a linked list without its query', async () => {
    const espocrm = await start()
    const { id } = espocrm.world.list('Account')[0]!
    const resource = `Account/${id as string}/contacts`
    const headers = sign(`GET /${resource}`)
    expect((await ask(espocrm, resource, { maxSize: 5 }, { headers })).status).toBe(200)
  })

  it('asks for a password only where nothing was sent, and no script is asking', async () => {
    const espocrm = await start()
    const challenge = async (headers: Record<string, string>) => {
      const answer = await ask(espocrm, 'Contact', {}, { headers })
      expect(answer.status).toBe(401)
      return answer.headers.get('www-authenticate')
    }
    expect(await challenge({})).toBe('Basic realm=""')
    expect(await challenge({ 'x-requested-with': 'XMLHttpRequest' })).toBeNull()
    expect(await challenge({ 'x-api-key': 'other' })).toBeNull()
  })

  it('gives a token for a password, and takes it from then on', async () => {
    const espocrm = await start()
    const login = { 'espo-authorization': base64('admin:sandbox_key') }
    const { body } = await ask(espocrm, 'App/user', {}, { headers: login })
    expect(body).toMatchObject({ user: { id: '1', userName: 'admin' }, language: 'en_US' })
    const byToken = (token: string) => ({
      'espo-authorization': base64(`admin:${token}`),
      'espo-authorization-by-token': 'true',
    })
    expect(await statusWith(espocrm, byToken(body.token as string))).toBe(200)
    expect(await statusWith(espocrm, byToken('sandbox_key'))).toBe(401)
  })

  it('shuts everybody out after too many wrong logins, for a minute', async () => {
    let now = Date.UTC(2025, 6, 1)
    const espocrm = await start({ now: () => now })
    for (let i = 0; i < 20; i++) expect(await statusWith(espocrm, {})).toBe(401)
    for (let i = 0; i < 11; i++) expect(await statusWith(espocrm, { 'x-api-key': 'x' })).toBe(401)
    now += 59_999
    const locked = await ask(espocrm, 'Contact')
    expect(locked.status).toBe(403)
    expect(locked.reason).toBe('Max failed login attempts exceeded for IP address 127.0.0.1.')
    expect(locked.text).toBe('')
    now += 1
    expect(await statusWith(espocrm, KEY)).toBe(200)
  })
})

describe('refusals', () => {
  it('are 404 for an unknown kind, id, link and path alike', async () => {
    const espocrm = await start()
    const { id } = espocrm.world.list('Account')[0]!
    const paths = [
      'Nothing',
      'Account/none',
      `Account/${id as string}/nothing`,
      'Account/',
      'a/b/c/d',
    ]
    for (const path of paths) {
      const { status, text } = await ask(espocrm, path)
      expect([path, status, text]).toEqual([path, 404, ''])
    }
  })

  it('are 403 for a kind that the role does not cover, wherever it is met', async () => {
    const espocrm = await start({ espocrm: { forbidden: ['Case'] } })
    const { id } = espocrm.world.list('Account')[0]!
    for (const path of ['Case', 'Case/any', `Account/${id as string}/cases`]) {
      const { status, reason, text } = await ask(espocrm, path)
      expect([path, status, reason, text]).toEqual([path, 403, 'No read access.', ''])
    }
    const filter = { 'where[0][type]': 'linkedWith', 'where[0][attribute]': 'cases' }
    const filtered = await ask(espocrm, 'Account', { ...filter, 'where[0][value]': 'x' })
    expect([filtered.status, filtered.reason]).toEqual([
      400,
      "Forbidden relation 'cases' in where.",
    ])
    expect((await ask(espocrm, 'Account')).status).toBe(200)
  })

  it('are 403 for anything but reading', async () => {
    const espocrm = await start()
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const init = { method, headers: KEY }
      const { status, reason } = await ask(espocrm, 'Contact', {}, init)
      expect([status, reason]).toEqual([403, 'No edit access.'])
    }
  })

  it('are 503 during maintenance, before any credentials', async () => {
    const espocrm = await start({ espocrm: { maintenance: true } })
    const { status, text } = await ask(espocrm, 'Contact', {}, {})
    expect([status, text]).toEqual([503, ''])
  })

  it('come from the proxy when requests are too many: HTML and a delay', async () => {
    let now = Date.UTC(2025, 6, 1)
    const espocrm = await start({ rps: 2, now: () => now })
    const statuses = []
    for (const path of ['Contact', 'Lead', 'Account'])
      statuses.push((await ask(espocrm, path)).status)
    expect(statuses).toEqual([200, 200, 429])
    const refused = await ask(espocrm, 'Team')
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(refused.headers.get('content-type')).toBe('text/html')
    expect(refused.text).toContain('<html>')
    now += 500
    expect((await ask(espocrm, 'Team')).status).toBe(200)
  })
})

describe('a success', () => {
  it('bears the headers of the product and none about limits', async () => {
    const now = Date.UTC(2025, 6, 1, 10, 0, 5)
    const { headers } = await ask(await start({ now: () => now }), 'Contact')
    expect(headers.get('content-type')).toBe('application/json')
    expect(headers.get('x-app-timestamp')).toBe(String(now / 1000))
    expect(headers.get('last-modified')).toBe('Tue, 01 Jul 2025 10:00:05 GMT')
    expect(headers.get('expires')).toBe('0')
    expect(headers.get('cache-control')).toContain('no-store')
    for (const name of [
      'x-total-count',
      'link',
      'x-ratelimit-limit',
      'access-control-allow-origin',
    ])
      expect(headers.has(name)).toBe(false)
  })
})
