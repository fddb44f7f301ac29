import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { auths } from '../../../src/http/auth/index.ts'
import { authConformance, type AuthSample } from '../../conformance/auth.ts'
import { reply } from '../../support/http-server.ts'

const key = 'api_4ZqKey.with+sign/'
const issuedTokens = ['issued-token-1-s3cret', 'issued-token-2-s3cret', 'issued-token-3-s3cret']
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const signature = createHmac('sha256', 'hmac-secret-key').update('GET /items').digest('hex')

const samples: AuthSample[] = [
  { type: 'none', config: () => ({ type: 'none' }), secrets: [], accepts: () => true },
  {
    type: 'api_key',
    config: () => ({ type: 'api_key', api_key: key, name: 'api-key', location: 'query' }),
    secrets: [key],
    accepts: ({ query }) => query.getAll('api-key').join() === key,
  },
  {
    type: 'bearer',
    config: () => ({ type: 'bearer', token: key }),
    secrets: [key],
    accepts: ({ headers }) => headers.authorization === `Bearer ${key}`,
  },
  {
    type: 'http_basic',
    config: () => ({ type: 'http_basic', username: 'reader', password: key }),
    secrets: [key, base64(`reader:${key}`)],
    accepts: ({ headers }) => headers.authorization === `Basic ${base64(`reader:${key}`)}`,
  },
  {
    type: 'login',
    config: () => ({
      type: 'login',
      path: '/token',
      json: { email: 'reader@example.com', password: 'pa$$word-1' },
      token_path: 'data.token',
    }),
    secrets: ['pa$$word-1', ...issuedTokens],
    accepts: ({ headers }, token) => headers.authorization === `Bearer ${token}`,
    issue: {
      path: '/api/token',
      answer: (token) => reply(200, { success: true, data: { token } }),
    },
  },
  {
    type: 'oauth2',
    config: (baseUrl) => ({
      type: 'oauth2',
      token_url: `${baseUrl}/oauth2/token/`,
      client_id: 'client-1',
      client_secret: 'client-s3cret',
    }),
    secrets: ['client-s3cret', ...issuedTokens],
    accepts: ({ headers }, token) => headers.authorization === `Bearer ${token}`,
    issue: {
      path: '/api/oauth2/token/',
      answer: (token) =>
        reply(200, { access_token: token, token_type: 'bearer', expires_in: 3600 }),
    },
  },
  {
    type: 'hmac',
    config: () => ({ type: 'hmac', api_key: 'hmac-api-key', secret_key: 'hmac-secret-key' }),
    secrets: ['hmac-api-key', 'hmac-secret-key'],
    derived: [base64(`hmac-api-key:${signature}`)],
    accepts: ({ headers }) =>
      headers['x-hmac-authorization'] === base64(`hmac-api-key:${signature}`),
  },
]

for (const sample of samples) authConformance(sample)

describe('the registry', () => {
  it('has no auth that is not covered here', () => {
    expect(samples.map((sample) => sample.type).sort()).toEqual([...auths.types].sort())
  })
})
