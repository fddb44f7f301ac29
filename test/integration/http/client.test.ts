import { afterEach, describe, expect, it } from 'vitest'
import { SluiceError } from '../../../src/core/errors.ts'
import type { RunEvent } from '../../../src/core/events.ts'
import { createClient, type ClientOptions, type RestClient } from '../../../src/http/client.ts'
import { rateLimitConfig } from '../../../src/http/rate-budget.ts'
import { retryConfig } from '../../../src/http/retry.ts'
import type { RestRequest } from '../../../src/http/types.ts'
import {
  brokenGzip,
  endless,
  gzipped,
  hang,
  reply,
  reset,
  sequence,
  serve,
  stalled,
  truncated,
  type Reply,
  type Route,
  type TestServer,
} from '../../support/http-server.ts'
import { fakeClock, type FakeClock } from '../../unit/http/fake-clock.ts'

interface Stage {
  api: TestServer
  client: RestClient
  clock: FakeClock
  events: RunEvent[]
  get: (
    path: string,
    more?: Partial<RestRequest>,
    options?: object,
  ) => ReturnType<RestClient['send']>
}

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

type Routes = Readonly<Record<string, Route>>

async function stage(
  routes: Routes | ((api: () => TestServer) => Routes),
  options: Partial<Omit<ClientOptions, 'retry' | 'rateLimit'>> & {
    retry?: object
    rateLimit?: object
  } = {},
): Promise<Stage> {
  const api: TestServer = await serve(typeof routes === 'function' ? routes(() => api) : routes)
  const clock = fakeClock(Date.now())
  const events: RunEvent[] = []
  const client = createClient({
    baseUrl: api.url,
    auth: { type: 'none' },
    clock,
    random: () => 0,
    emit: (event) => events.push(event),
    ...options,
    retry: retryConfig.parse({ max_attempts: 3, ...options.retry }),
    rateLimit: rateLimitConfig.parse(options.rateLimit ?? {}),
  })
  open.push(async () => {
    client.close()
    await api.close()
  })
  const get: Stage['get'] = (path, more = {}, sendOptions = {}) =>
    client.send(
      {
        method: 'GET',
        url: api.url + path,
        params: {},
        queryStyle: 'plain',
        headers: {},
        body: undefined,
        ...more,
      },
      { endpoint: 'leads', ...sendOptions },
    )
  return { api, client, clock, events, get }
}

const failureOf = (sending: Promise<unknown>): Promise<SluiceError> =>
  sending.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: SluiceError) => error,
  )

const html = (status: number): Reply =>
  reply(status, '<html>\n <b>Sign in</b>', { 'content-type': 'text/html; charset=utf-8' })

describe('a request', () => {
  it('is sent as it was meant, byte for byte', async () => {
    const { api, get } = await stage({ '/lead/': [] })
    await get('/lead/?_fields=id', {
      params: { 'date_updated>=': '2025-01-01T00:00:00+00:00', q: 'a b', where: [{ type: 'x' }] },
      queryStyle: 'brackets',
      headers: { 'X-TZ-Offset': '0' },
    })
    expect(api.requests[0]).toMatchObject({
      method: 'GET',
      url: '/lead/?_fields=id&date_updated%3E%3D=2025-01-01T00%3A00%3A00%2B00%3A00&q=a%20b&where%5B0%5D%5Btype%5D=x',
      body: '',
    })
    expect(api.requests[0]?.headers).toMatchObject({
      accept: 'application/json',
      'x-tz-offset': '0',
    })
    expect(api.requests[0]?.headers['user-agent']).toMatch(/^sluice\/\d+\.\d+\.\d+/)
    expect(api.requests[0]?.headers).not.toHaveProperty('content-type')
  })

  it('carries the headers of the source, which may replace the defaults', async () => {
    const headers = { 'User-Agent': 'acme', ACCEPT: 'application/vnd.acme+json' }
    const { api, get } = await stage({ '/': [] }, { headers })
    await get('/')
    expect(api.requests[0]?.headers).toMatchObject({
      'user-agent': 'acme',
      accept: 'application/vnd.acme+json',
    })
  })

  it('has a JSON body with its integers exact', async () => {
    const { api, get } = await stage({ '/search/': [] })
    await get('/search/', { method: 'POST', body: { cursor: null, id: 9007199254740993n, q: 'ü' } })
    expect(api.requests[0]?.body).toBe('{"cursor":null,"id":9007199254740993,"q":"ü"}')
    expect(api.requests[0]?.headers['content-type']).toBe('application/json')
  })
})

describe('a response', () => {
  it('has its parsed body, its headers and its facts', async () => {
    const text = '{"id": 9007199254740993, "name": "a\\u0000b"}'
    const headers = {
      'content-type': 'application/json',
      'X-Many': ['1', '2'],
      'set-cookie': 'sid=1',
    }
    const { get, api, events } = await stage({ '/x': () => reply(200, text, headers) })
    const response = await get('/x', { params: { a: 1 } })
    expect(response).toMatchObject({
      status: 200,
      url: `${api.url}/x?a=1`,
      body: { id: 9007199254740993n, name: 'ab' },
      bytes: text.length,
      nulsRemoved: 1,
      headers: { 'x-many': '1, 2' },
    })
    expect(response.headers).not.toHaveProperty('set-cookie')
    expect(Math.abs(response.serverTime! - Date.now())).toBeLessThan(5000)
    expect(events).toEqual([
      { type: 'request', endpoint: 'leads', status: 200, ms: 0, bytes: text.length },
    ])
  })

  it('is decompressed', async () => {
    const { get } = await stage({ '/x': () => gzipped({ a: 'x'.repeat(10_000) }) })
    expect(await get('/x')).toMatchObject({ body: { a: 'x'.repeat(10_000) }, bytes: 10_008 })
  })

  it.each<[string, Reply]>([
    ['204', reply(204)],
    ['205', reply(205)],
  ])('to %s has the body null', async (_what, answer) => {
    const { get } = await stage({ '/x': () => answer })
    expect((await get('/x')).body).toBeNull()
  })

  it.each<[string, Buffer, string]>([
    ['a byte order mark', Buffer.from('\uFEFF"ü"'), 'application/json'],
    ['latin-1', Buffer.from('"ü"', 'latin1'), 'application/json; charset=ISO-8859-1'],
    ['a charset nobody knows', Buffer.from('"ü"'), 'text/plain; charset=klingon'],
  ])('is read with %s', async (_what, bytes, type) => {
    const { get } = await stage({ '/x': () => reply(200, bytes, { 'content-type': type }) })
    expect((await get('/x')).body).toBe('ü')
  })

  it('may be one of the accepted failures', async () => {
    const { get } = await stage({
      '/a': () => reply(404, { error: 'gone' }),
      '/b': () => html(403),
    })
    const options = { acceptStatuses: [403, 404] }
    expect(await get('/a', {}, options)).toMatchObject({ status: 404, body: { error: 'gone' } })
    expect(await get('/b', {}, options)).toMatchObject({ status: 403, body: null })
  })

  it('that is too long is an error, also when it was compressed', async () => {
    const big = { a: 'x'.repeat(100_000) }
    const { get, api } = await stage(
      { '/plain': big, '/gzip': () => gzipped(big) },
      { maxBytes: 50_000 },
    )
    for (const path of ['/plain', '/gzip']) {
      const error = await failureOf(get(path))
      expect(error.code).toBe('HTTP_TOO_LARGE')
      expect(error.message).toBe(`leads: GET ${api.url}${path} answered with more than 50000 bytes`)
    }
    expect(api.requests).toHaveLength(2)
  })
})

describe('a body without an end', () => {
  it('is cut off where it grows too long, and not kept', async () => {
    const sent = { bytes: 0 }
    const flood = endless('x'.repeat(64 * 1024), 0, sent)
    const { get } = await stage({ '/x': () => flood }, { maxBytes: 200_000 })
    expect((await failureOf(get('/x'))).code).toBe('HTTP_TOO_LARGE')
    expect(sent.bytes).toBeLessThan(10_000_000)
  })
})

describe('a final failure', () => {
  it.each<[number, Reply, string]>([
    [400, reply(400, { error: 'Invalid _skip' }), '400: Invalid _skip'],
    [
      400,
      reply(400, { errors: [], 'field-errors': { _limit: 'Too big' } }),
      '400: _limit: Too big',
    ],
    [
      403,
      reply(403, null, { 'X-Status-Reason': 'Max size should not exceed 200.' }),
      '403: Max size should not exceed 200.',
    ],
    [404, html(404), '404: <html> <b>Sign in</b>'],
    [402, reply(402), '402'],
    [304, reply(304), '304'],
  ])('%d is reported in the words of the API', async (status, answer, words) => {
    const { get, api } = await stage({ '/lead/': () => answer })
    const error = await failureOf(get('/lead/', { params: { _skip: 100 } }))
    expect(error).toMatchObject({
      code: 'HTTP_STATUS',
      message: `leads: GET ${api.url}/lead/?_skip=100 answered ${words}`,
      details: {
        endpoint: 'leads',
        method: 'GET',
        status,
        attempts: 1,
        url: `${api.url}/lead/?_skip=100`,
      },
    })
    expect(api.requests).toHaveLength(1)
  })

  it('HTML on a 200 is one, quoted', async () => {
    const long = `<html>${'x'.repeat(500)}`
    const { get, api } = await stage({
      '/x': () => reply(200, long, { 'content-type': 'text/html' }),
    })
    const error = await failureOf(get('/x'))
    expect(error.code).toBe('HTTP_NOT_JSON')
    expect(error.message).toMatch(/with a body that is not JSON: <html>x{194}…$/)
    expect(api.requests).toHaveLength(1)
  })

  it('a header that cannot be sent is one', async () => {
    const { get, api } = await stage({ '/': [] }, { headers: { 'X-Key': 'a\nb' } })
    expect((await failureOf(get('/'))).code).toBe('HTTP_NETWORK')
    expect(api.requests).toHaveLength(0)
  })

  it('masks secrets in the address', async () => {
    const { get, api } = await stage({})
    const error = await failureOf(get('/x', { params: { access_token: 's3cret', page: 1 } }))
    expect(error.message).toContain(`GET ${api.url}/x?access_token=***&page=1 answered 404`)
    expect(JSON.stringify(error.details)).not.toContain('s3cret')
  })
})

describe('a passing failure', () => {
  it.each<[string, Reply]>([
    ['500', reply(500, { error: 'oops' })],
    ['502 with HTML', html(502)],
    ['504 without a body', reply(504)],
    ['408', reply(408)],
    ['425', reply(425)],
    ['a reset', reset()],
    ['a truncated body', truncated('{"data": [1,')],
    ['gzip that stops', brokenGzip({ data: 'x'.repeat(1000) })],
    [
      'gzip that is none',
      reply(200, '{"ok": true}', {
        'content-encoding': 'gzip',
        'content-type': 'application/json',
      }),
    ],
    ['JSON that stops', reply(200, '{"data": [1,', { 'content-type': 'application/json' })],
    ['a 200 without a body', reply(200)],
    ['a 200 of blanks', reply(200, ' \n')],
    ['a 202 of HTML without a body', reply(202, '', { 'content-type': 'text/html' })],
    ['no JSON at all', reply(200, 'busy', { 'content-type': 'text/plain' })],
  ])('%s is tried again', async (_what, answer) => {
    const { get, api, events } = await stage({ '/x': sequence(answer, answer, { ok: true }) })
    expect((await get('/x')).body).toEqual({ ok: true })
    expect(api.requests).toHaveLength(3)
    expect(events.filter(({ type }) => type === 'retry')).toMatchObject([
      { attempt: 1 },
      { attempt: 2 },
    ])
  })

  it.each<[string, Reply]>([
    ['a server that hangs', hang()],
    ['a body that stalls', stalled('{"data": [')],
    ['a body that drips and never ends', endless(' ', 20)],
  ])('%s is cut off after the time limit and tried again', async (_what, answer) => {
    const { get } = await stage({ '/x': sequence(answer, []) }, { retry: { timeout: '150ms' } })
    expect((await get('/x')).body).toEqual([])
  })

  it('says what it was and how often, when it does not pass', async () => {
    const { get, api } = await stage(
      { '/a': () => reply(503, { error: 'down' }), '/b': () => hang(), '/c': () => reset() },
      { retry: { timeout: '50ms' } },
    )
    expect(await failureOf(get('/a'))).toMatchObject({
      code: 'HTTP_STATUS',
      message: `leads: GET ${api.url}/a answered 503: down (3 attempts)`,
      details: { attempts: 3, status: 503 },
    })
    expect(await failureOf(get('/b'))).toMatchObject({ code: 'HTTP_TIMEOUT' })
    const network = await failureOf(get('/c'))
    expect(network).toMatchObject({ code: 'HTTP_NETWORK', cause: { code: 'ECONNRESET' } })
    expect(network.cause).not.toHaveProperty('options')
  })

  it('is not retried on a status that the source leaves out', async () => {
    const { get, api } = await stage({ '/x': () => reply(500) }, { retry: { statuses: [503] } })
    await failureOf(get('/x'))
    expect(api.requests).toHaveLength(1)
  })

  it('gives its place back to the next request', async () => {
    const routes = { '/x': sequence(reset(), truncated('['), []) }
    const { get, api } = await stage(routes, { rateLimit: { concurrency: 1 } })
    await get('/x')
    expect(api.requests).toHaveLength(3)
  })

  it('waits as long as Retry-After says, whatever the rate limit headers say', async () => {
    const busy = reply(503, null, { 'retry-after': '7', 'x-ratelimit-reset': '60' })
    const { get, clock } = await stage({ '/x': sequence(busy, []) })
    await get('/x')
    expect(clock.sleeps).toEqual([7050])
  })
})

describe('a rate limit', () => {
  const refusal = (headers: Record<string, string>, body: object = {}): Reply =>
    reply(429, body as never, headers)

  it('is waited for, without using up attempts', async () => {
    const refused = refusal({ ratelimit: 'limit=100, remaining=0, reset=0.87', 'retry-after': '1' })
    const { get, clock, events, api } = await stage({
      '/x': sequence(...Array.from({ length: 6 }, () => refused), []),
    })
    await get('/x')
    expect(api.requests).toHaveLength(7)
    expect(clock.sleeps).toEqual(Array.from({ length: 6 }, () => 1050))
    expect(events.filter(({ type }) => type === 'wait')).toHaveLength(6)
    expect(events.some(({ type }) => type === 'retry')).toBe(false)
  })

  it('is read from the body where no header says it', async () => {
    const refused = refusal({}, { error: { message: 'x', rate_reset: '2.5' } })
    const { get, clock } = await stage({ '/x': sequence(refused, []) })
    await get('/x')
    expect(clock.sleeps).toEqual([2550])
  })

  it('pauses the whole source, or the path where limits are by path', async () => {
    for (const [group_by, waits] of [
      ['source', 1],
      ['path', 0],
    ] as const) {
      const routes = {
        '/a': sequence(reply(200, [], { ratelimit: 'limit=1, remaining=0, reset=9' }), []),
        '/b': [],
      }
      const { get, clock, events } = await stage(routes, { rateLimit: { group_by } })
      await get('/a', {}, { path: '/a' })
      await get('/b', {}, { path: '/b', endpoint: 'users' })
      expect(clock.sleeps).toHaveLength(waits)
      await get('/a', {}, { path: '/a' })
      expect(clock.sleeps).toEqual([9050])
      expect(events.filter(({ type }) => type === 'wait')).toHaveLength(1)
    }
  })

  it('that resets too late stops the endpoint, and the next one without a request', async () => {
    const { get, api } = await stage({ '/x': () => refusal({ 'retry-after': '3600' }) })
    const error = await failureOf(get('/x'))
    expect(error).toMatchObject({ code: 'RATE_LIMIT_WAIT', details: { status: 429 } })
    expect(error.message).toMatch('asks to wait 3600 s, longer than retry.max_wait (300 s)')
    expect(await failureOf(get('/x'))).toMatchObject({ code: 'RATE_LIMIT_WAIT' })
    expect(api.requests).toHaveLength(1)
  })

  it('keeps no more requests under way than concurrency allows', async () => {
    let underWay = 0
    let most = 0
    const { get } = await stage(
      {
        '/x': async () => {
          most = Math.max(most, ++underWay)
          await new Promise((resolve) => setTimeout(resolve, 10))
          underWay--
          return []
        },
      },
      { rateLimit: { concurrency: 3 } },
    )
    await Promise.all(Array.from({ length: 10 }, () => get('/x')))
    expect(most).toBe(3)
  })
})

describe('a redirect', () => {
  const to = (location: string, status = 301): Reply => reply(status, null, { location })

  it('within the origin is followed, with its own query and the credentials', async () => {
    const { get, api } = await stage(
      { '/lead': () => to('/lead/?from=redirect'), '/lead/': [1] },
      { auth: { type: 'bearer', token: 'token-1' } },
    )
    const response = await get('/lead', { params: { page: 1 } })
    expect(response).toMatchObject({ body: [1], url: `${api.url}/lead/?from=redirect` })
    expect(api.requests[1]?.headers.authorization).toBe('Bearer token-1')
  })

  it.each([
    [307, 'POST', '{"a":1}'],
    [302, 'POST', '{"a":1}'],
    [303, 'GET', ''],
  ])('%d repeats a search as %s', async (status, method, body) => {
    const { get, api } = await stage({ '/a': () => to('/b', status), '/b': [] })
    await get('/a', { method: 'POST', body: { a: 1 } })
    expect(api.requests[1]).toMatchObject({ method, body })
  })

  it('elsewhere is refused, and nothing is sent there', async () => {
    const elsewhere = await serve({})
    open.push(() => elsewhere.close())
    const { get } = await stage({ '/a': () => to(`${elsewhere.url}/a?token=s3cret`) })
    const error = await failureOf(get('/a'))
    expect(error).toMatchObject({ code: 'HTTP_REDIRECT' })
    expect(error.message).toMatch(`redirects to ${elsewhere.url}`)
    expect(elsewhere.requests).toHaveLength(0)
  })

  it('that goes on and on is refused', async () => {
    const { get, api } = await stage({ '/a': () => to('/a') })
    expect(await failureOf(get('/a'))).toMatchObject({ code: 'HTTP_REDIRECT' })
    expect(api.requests).toHaveLength(6)
  })

  it('without a target is a status like any other', async () => {
    const { get } = await stage({ '/a': () => reply(302) })
    expect(await failureOf(get('/a'))).toMatchObject({ code: 'HTTP_STATUS' })
  })
})

describe('stopping', () => {
  it.each<[string, Reply]>([
    ['a request under way', hang()],
    ['a body under way', stalled('[')],
  ])('ends %s at once, with the reason given', async (_what, answer) => {
    const { get, api } = await stage({ '/x': () => answer })
    const controller = new AbortController()
    const reason = new SluiceError('INTERRUPTED', 'stopped')
    const sending = failureOf(get('/x', {}, { signal: controller.signal }))
    while (api.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    controller.abort(reason)
    expect(await sending).toBe(reason)
  })

  it('ends a wait, and makes no further request', async () => {
    const controller = new AbortController()
    const reason = new SluiceError('INTERRUPTED', 'stopped')
    const stop = (event: RunEvent): void => {
      if (event.type === 'wait') controller.abort(reason)
    }
    const { get, api } = await stage(
      { '/x': () => reply(429, {}, { 'retry-after': '60' }) },
      { emit: stop },
    )
    expect(await failureOf(get('/x', {}, { signal: controller.signal }))).toBe(reason)
    expect(api.requests).toHaveLength(1)
  })
})

describe('a login that shares the budget', () => {
  it('does not wait for the request that waits for it', async () => {
    const { get, api } = await stage(
      { '/token': { token: 'token-1' }, '/x': [] },
      {
        auth: {
          type: 'login',
          path: '/token',
          json: {},
          token_path: 'token',
          format: 'Bearer {token}',
        },
        rateLimit: { concurrency: 1 },
      },
    )
    await Promise.all([get('/x'), get('/x')])
    expect(api.requests.map(({ path }) => path)).toEqual(['/token', '/x', '/x'])
  })

  it('is retried like any other request', async () => {
    const { get, api } = await stage(
      { '/token': sequence(reply(503), { token: 'token-1' }), '/x': [] },
      {
        auth: {
          type: 'login',
          path: '/token',
          json: {},
          token_path: 'token',
          format: 'Bearer {token}',
        },
      },
    )
    await get('/x')
    expect(api.requests.map(({ path }) => path)).toEqual(['/token', '/token', '/x'])
  })
})
