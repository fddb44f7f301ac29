import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SANDBOX_SOURCES, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { ask, post } from './client.ts'

const start = () => startSandbox({ sources: ['close', 'closeio'], leads: 5 })

let sandbox: Awaited<ReturnType<typeof start>>

beforeAll(async () => {
  sandbox = await start()
})

afterAll(() => sandbox.stop())

const UNAUTHORIZED =
  '{"error":"The server could not verify that you are authorized to access the URL requested.  You either supplied the wrong credentials (e.g. a bad password), or your browser doesn\'t understand how to supply the credentials required."}'

const basic = (pair: string) => ({
  headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
})
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

describe('credentials', () => {
  it.each([
    ['the key with a password', basic('sandbox_key:secret')],
    ['another key', basic('api_other:')],
    ['no colon', basic('sandbox_key')],
    ['the key as a bearer token', bearer('sandbox_key')],
    ['nothing', { headers: { authorization: '' } }],
  ])('Close refuses %s', async (_, init) => {
    const { status, text } = await ask(sandbox.sources.close, 'me/', init)
    expect(status).toBe(401)
    expect(text).toBe(UNAUTHORIZED)
  })

  it('Close takes the key as the user name', async () => {
    const { status, body } = await ask(sandbox.sources.close, 'me/')
    expect(status).toBe(200)
    expect(body.organizations).toEqual([
      { id: sandbox.sources.close.world.org.id, name: 'Acme "Sandbox" & Co' },
    ])
  })

  it('Close.io takes the key both ways, unless it is to behave as it did', async () => {
    const { closeio } = sandbox.sources
    expect((await ask(closeio, 'me/')).status).toBe(200)
    expect((await ask(closeio, 'me/', bearer('sandbox_key'))).status).toBe(200)
    expect((await ask(closeio, 'me/', bearer('other'))).status).toBe(401)
    const truth = await startSandbox({ sources: ['closeio'], leads: 5, closeio: { mode: 'truth' } })
    try {
      expect((await ask(truth.sources.closeio, 'me/')).status).toBe(200)
      expect((await ask(truth.sources.closeio, 'me/', bearer('sandbox_key'))).status).toBe(401)
    } finally {
      await truth.stop()
    }
  })

  it('takes tokens that it has given out, and each refresh token once', async () => {
    const { close } = sandbox.sources
    const refresh = (token: string, secret = 'sandbox_secret') =>
      ask(close, '/oauth2/token/', {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'refresh_token',
          client_id: 'sandbox_client',
          client_secret: secret,
          refresh_token: token,
        }),
      })
    expect((await refresh('sandbox_refresh_token', 'wrong')).status).toBe(401)
    const first = (await refresh('sandbox_refresh_token')).body
    expect((await ask(close, 'me/', bearer(first.access_token as string))).status).toBe(200)
    expect(await refresh('sandbox_refresh_token')).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    const second = (await refresh(first.refresh_token as string)).body
    expect(second.access_token).not.toBe(first.access_token)
  })
})

describe('errors', () => {
  it('sends a path without its slash to the right place, query and all', async () => {
    const answer = await ask(sandbox.sources.close, 'lead?_limit=2&x=a%20b')
    expect(answer.status).toBe(301)
    expect(answer.headers.get('location')).toBe('/api/v1/lead/?_limit=2&x=a%20b')
  })

  it('tells a missing object from a missing URL', async () => {
    const { close } = sandbox.sources
    expect(await ask(close, 'lead/lead_none/')).toMatchObject({
      status: 404,
      text: '{"error":"Empty query: Lead matching query does not exist."}',
    })
    expect(await ask(close, 'user/user_none/posts/')).toMatchObject({
      status: 404,
      text: '{"error":"The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again."}',
    })
  })

  it('refuses other methods and bodies that are no JSON', async () => {
    const { close } = sandbox.sources
    for (const method of ['PATCH', 'DELETE', 'OPTIONS']) {
      const answer = await ask(close, 'lead/', { method })
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET'])
      expect(answer.headers.has('access-control-allow-origin')).toBe(false)
    }
    const form = await ask(close, 'data/search/', { method: 'POST', body: 'a=b' })
    expect(form.status).toBe(415)
    const headers = { 'content-type': 'application/json' }
    const broken = await ask(close, 'data/search/', { method: 'POST', headers, body: '{"a"' })
    expect(broken.status).toBe(400)
  })

  it('names what it can stand in for', async () => {
    await expect(startSandbox({ sources: ['closed' as 'close'] })).rejects.toMatchObject({
      code: 'USAGE',
      hint: `choose from ${SANDBOX_SOURCES.join(', ')}`,
    })
  })

  it('says which port it could not have, and leaves nothing running', async () => {
    const port = Number(new URL(sandbox.sources.close.origin).port)
    await expect(startSandbox({ sources: ['close'], leads: 1, port })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    })
  })
})

describe('rate limits', () => {
  it('are told in every answer, in the words of each generation', async () => {
    const { close, closeio } = sandbox.sources
    expect((await ask(close, 'lead/')).headers.get('ratelimit')).toMatch(
      /^limit=\d+, remaining=\d+, reset=\d+(\.\d+)?$/,
    )
    const { headers } = await ask(closeio, 'lead/')
    expect(Number(headers.get('x-rate-limit-remaining'))).toBeGreaterThan(1000)
    expect(headers.get('x-rate-limit-reset')).toMatch(/^\d+(\.\d+)?$/)
    expect(headers.has('ratelimit')).toBe(false)
  })

  it('are enforced by key and group of endpoints', async () => {
    let now = Date.UTC(2025, 6, 1)
    const limited = await startSandbox({
      sources: ['close', 'closeio'],
      leads: 2,
      rps: 2,
      now: () => now,
    })
    try {
      const { close, closeio } = limited.sources
      const statuses = []
      for (let i = 0; i < 3; i++) statuses.push((await ask(close, 'lead/')).status)
      expect(statuses).toEqual([200, 200, 429])
      const refused = await ask(close, 'lead/')
      expect(refused.headers.get('ratelimit')).toBe('limit=2, remaining=0, reset=0.5')
      expect(refused.headers.get('retry-after')).toBe('1')
      expect(refused.text).toBe('{}')
      expect((await ask(close, 'contact/')).status).toBe(200)
      now += 500
      expect((await ask(close, 'lead/')).status).toBe(200)

      await ask(closeio, 'lead/')
      await ask(closeio, 'lead/')
      now += 125
      const old = await ask(closeio, 'lead/')
      expect(old.status).toBe(429)
      expect(old.headers.get('x-rate-limit-remaining')).toBe('0')
      expect(old.headers.get('x-rate-limit-reset')).toBe('0.375')
      expect(old.headers.has('retry-after')).toBe(false)
      expect(old.body).toMatchObject({
        error: 'API call count exceeded for this period',
        rate_reset: '0.375',
        rate_limit: 2,
      })
    } finally {
      await limited.stop()
    }
  })
})

describe('the sandbox itself', () => {
  it('makes changes on request and tells what it was asked', async () => {
    const own = await startSandbox({ sources: ['close'], leads: 10 })
    try {
      const { close } = own.sources
      await ask(close, 'lead/?date_updated%3E%3D=x&_limit=3')
      const { body } = await post(close, '/_sandbox/mutate', { edits: 2, adds: 1, seed: 5 })
      expect(body.edited).toHaveLength(2)
      const { data } = (await ask(close, 'lead/')).body
      expect(
        data
          .slice(0, 3)
          .map(({ id }) => id)
          .toSorted(),
      ).toEqual([...(body.edited as string[]), ...(body.added as string[])].toSorted())
      const state = (await ask(close, '/_sandbox/state')).body
      expect(state).toMatchObject({ counts: { leads: 11 }, requests: 2 })
      const log = (await ask(close, '/_sandbox/requests')).body
      expect(log).toMatchObject({
        total: 2,
        requests: [
          {
            method: 'GET',
            path: '/api/v1/lead/',
            rawQuery: 'date_updated%3E%3D=x&_limit=3',
            query: { 'date_updated>=': 'x', _limit: '3' },
            status: 200,
          },
          { rawQuery: '' },
        ],
      })
      expect(close.requests.entries).toHaveLength(2)
      close.requests.clear()
      expect(close.requests.total).toBe(0)
      for (const wrong of [{ edits: -1 }, { edits: '3' }, { edit: 1 }, []]) {
        expect((await post(close, '/_sandbox/mutate', wrong)).status).toBe(400)
      }
    } finally {
      await own.stop()
    }
  })

  it('answers no sooner than its latency', async () => {
    const slow = await startSandbox({ sources: ['close'], leads: 1, latencyMs: 60 })
    try {
      const start = performance.now()
      await ask(slow.sources.close, 'me/')
      expect(performance.now() - start).toBeGreaterThanOrEqual(59)
    } finally {
      await slow.stop()
    }
  })
})
