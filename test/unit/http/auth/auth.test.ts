import nock from 'nock'
import { describe, expect, it } from 'vitest'
import { auths } from '../../../../src/http/auth/index.ts'
import { createClient } from '../../../../src/http/client.ts'
import type { RestRequest } from '../../../../src/http/types.ts'

const base = 'https://crm.example.com/api/v1'

const request = (path: string, more: Partial<RestRequest> = {}): RestRequest => ({
  method: 'GET',
  url: `${base}${path}`,
  params: {},
  queryStyle: 'plain',
  headers: {},
  body: undefined,
  ...more,
})

interface SentOptions {
  path?: string
  headers?: Record<string, string>
  more?: Partial<RestRequest>
}

/** The headers and the path that reach the server for one request. */
async function sent(
  auth: object,
  { path = '/Contact', headers = {}, more = {} }: SentOptions = {},
): Promise<{ headers: Record<string, string>; path: string }> {
  const seen: { headers: Record<string, string>; path: string }[] = []
  nock('https://crm.example.com')
    .get(/.*/)
    .reply(200, function (uri) {
      seen.push({ headers: this.req.headers, path: uri })
      return []
    })
  const client = createClient({ baseUrl: base, auth: auths.config.parse(auth), headers })
  await client.send(request(path, more), { endpoint: 'contacts' })
  client.close()
  return seen[0]!
}

describe('api_key', () => {
  it.each([
    [{ api_key: 'k1234' }, 'authorization', 'k1234'],
    [{ api_key: 'k1234', format: 'Bearer {api_key}' }, 'authorization', 'Bearer k1234'],
    [{ api_key: 'k1234', name: 'X-Api-Key' }, 'x-api-key', 'k1234'],
    [{ api_key: '$&k', name: 'X-Api-Key', format: '<{api_key}>' }, 'x-api-key', '<$&k>'],
    [{ api_key: 'k1234', name: 'sid', location: 'cookie' }, 'cookie', 'sid=k1234'],
  ])('%j is sent as %s: %s', async (config, name, value) => {
    const { headers, path } = await sent({ type: 'api_key', ...config })
    expect(headers[name]).toBe(value)
    expect(path).toBe('/api/v1/Contact')
  })

  it('joins the cookies of the source', async () => {
    const auth = { type: 'api_key', api_key: 'k1234', name: 'sid', location: 'cookie' }
    const { headers } = await sent(auth, { headers: { Cookie: 'lang=en' } })
    expect(headers.cookie).toBe('lang=en; sid=k1234')
  })

  it('goes into the query once, also where a next link repeats it', async () => {
    const auth = { type: 'api_key', api_key: 'k 1+2', name: 'api-key', location: 'query' }
    const { path } = await sent(auth, {
      path: '/Contact?api-key=old&page=2',
      more: { params: { a: 1 } },
    })
    expect(path).toBe('/api/v1/Contact?page=2&a=1&api-key=k%201%2B2')
  })

  it('refuses a format that leaves the key out', () => {
    const config = { type: 'api_key', api_key: 'k', format: 'Bearer' }
    expect(auths.config.safeParse(config).success).toBe(false)
  })
})

describe('http_basic', () => {
  it.each([
    ['api_test_KEY', undefined, 'Basic YXBpX3Rlc3RfS0VZOg=='],
    ['yourapikey', '', 'Basic eW91cmFwaWtleTo='],
    ['Aladdin', 'open sesame', 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='],
    ['test', '123£', 'Basic dGVzdDoxMjPCow=='],
  ])('%s and %s are %s', async (username, password, header) => {
    const { headers } = await sent({ type: 'http_basic', username, password })
    expect(headers.authorization).toBe(header)
  })
})

describe('bearer', () => {
  it('wins over an Authorization header of the source', async () => {
    const auth = { type: 'bearer', token: 't1234' }
    const { headers } = await sent(auth, { headers: { authorization: 'Basic old' } })
    expect(headers.authorization).toBe('Bearer t1234')
  })
})

describe('hmac', () => {
  const keys = {
    type: 'hmac',
    api_key: '0123456789abcdef0123456789abcdef',
    secret_key: 'fedcba9876543210fedcba9876543210',
  }

  it('signs the method and the path after base_url, without its query', async () => {
    const options = { path: '/Contact?maxSize=200', more: { params: { offset: 0 } } }
    const { headers } = await sent(keys, options)
    expect(headers['x-hmac-authorization']).toBe(
      'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY6NjkwNDc3NWYwNTFjZDUwM2FjZGY4MzExZWZjM2U1ZGZmYmM5YzcyMjZiMWVhNjNhNzNjZmM1NDlkMTQ0NGIxNg==',
    )
    expect(headers.authorization).toBeUndefined()
  })

  it('signs nested paths', async () => {
    const { headers } = await sent(keys, { path: '/Account/001/contacts' })
    expect(Buffer.from(headers['x-hmac-authorization']!, 'base64').toString()).toBe(
      '0123456789abcdef0123456789abcdef:8cb603b035506913ac75f05ed8bf9bae47ee8861a2f575005bdf5267b6aa7731',
    )
  })

  it('sends the raw digest where told to', async () => {
    const { headers } = await sent({ ...keys, digest: 'raw' })
    expect(headers['x-hmac-authorization']).toBe(
      'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY6aQR3XwUc1QOs34MR78Pl3/vJxyJrHqY6c8/FSdFESxY=',
    )
  })
})
