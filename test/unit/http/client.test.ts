import { inspect } from 'node:util'
import nock from 'nock'
import { describe, expect, it } from 'vitest'
import { createClient } from '../../../src/http/client.ts'
import type { RestRequest } from '../../../src/http/types.ts'
import { fakeClock } from './fake-clock.ts'

const origin = 'https://api.example.com'

const request: RestRequest = {
  method: 'GET',
  url: `${origin}/v1/items`,
  params: {},
  queryStyle: 'plain',
  headers: {},
  body: undefined,
}

const failing = (code: string): Error => Object.assign(new Error(`failed with ${code}`), { code })

describe('createClient', () => {
  it.each(['DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID'])(
    'does not try again after %s',
    async (code) => {
      nock(origin).get('/v1/items').replyWithError(failing(code))
      const client = createClient({ baseUrl: origin, auth: { type: 'none' }, clock: fakeClock() })
      await expect(client.send(request, { endpoint: 'items' })).rejects.toMatchObject({
        code: 'HTTP_NETWORK',
        message: `items: GET ${origin}/v1/items failed: failed with ${code} (${code})`,
      })
    },
  )

  it.each(['ENOTFOUND', 'ECONNREFUSED', 'EPIPE', 'EAI_AGAIN'])(
    'tries again after %s',
    async (code) => {
      nock(origin).get('/v1/items').replyWithError(failing(code)).get('/v1/items').reply(200, [])
      const client = createClient({ baseUrl: origin, auth: { type: 'none' }, clock: fakeClock() })
      const response = await client.send(request, { endpoint: 'items' })
      expect(response.body).toEqual([])
    },
  )

  it('takes an auth of its own making, and keeps its secrets too', async () => {
    nock(origin, { reqheaders: { 'x-own': 'own-s3cret' } })
      .get('/v1/items')
      .reply(400, { error: 'own-s3cret and header-s3cret and request-s3cret are wrong' })
    const client = createClient({
      baseUrl: origin,
      auth: {
        credentials: async () => ({ headers: { 'X-Own': 'own-s3cret' } }),
        secrets: () => ['own-s3cret'],
      },
      headers: { 'X-Api-Key': 'header-s3cret' },
    })
    const own = { ...request, headers: { Authorization: 'Token request-s3cret' } }
    const error: unknown = await client.send(own, { endpoint: 'items' }).catch((thrown) => thrown)
    expect((error as Error).message).toContain('answered 400: *** and *** and *** are wrong')
    expect(inspect(error)).not.toContain('s3cret')
    expect(client.secrets()).toEqual(expect.arrayContaining(['own-s3cret', 'header-s3cret']))
  })
})
