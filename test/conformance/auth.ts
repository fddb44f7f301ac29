import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createLogger } from '../../src/core/log.ts'
import { auths, type AuthConfig } from '../../src/http/auth/index.ts'
import { createClient, type RestClient } from '../../src/http/client.ts'
import { retryConfig } from '../../src/http/retry.ts'
import type { RestRequest } from '../../src/http/types.ts'
import {
  reply,
  serve,
  type RecordedRequest,
  type Reply,
  type TestServer,
} from '../support/http-server.ts'

/** A server that one auth can satisfy. */
export interface AuthSample {
  readonly type: AuthConfig['type']
  /** The configuration as YAML has it. */
  readonly config: (baseUrl: string) => object
  /** Everything that must never be seen, the tokens that `issue` gives out included. */
  readonly secrets: readonly string[]
  /** Secrets that are made for one request, and so can be seen by its own answer alone. */
  readonly derived?: readonly string[]
  /** Whether the server takes this request for authenticated, when `token` is the newest it issued. */
  readonly accepts: (request: RecordedRequest, token: string) => boolean
  /** The path that issues tokens, and its answer; absent where there is nothing to renew. */
  readonly issue?: { readonly path: string; readonly answer: (token: string) => Reply }
}

interface Stage {
  readonly api: TestServer
  readonly elsewhere: TestServer
  readonly client: RestClient
  readonly send: (path?: string) => Promise<unknown>
  /** Everything the client said, in one text. */
  readonly said: () => string
  /** Makes the API refuse what it has accepted so far. */
  readonly revoke: () => void
  readonly issued: () => number
  /** Requests other than those for a token. */
  readonly asked: () => readonly RecordedRequest[]
}

const tokenNumber = (count: number): string => `issued-token-${count}-s3cret`

async function stage(sample: AuthSample): Promise<Stage & AsyncDisposable> {
  let issued = 0
  let revoked = -1
  const elsewhere = await serve({ '/api/items': [] })
  const api = await serve((request) => {
    if (request.path === sample.issue?.path) return sample.issue.answer(tokenNumber(++issued))
    if (request.path === '/api/away') {
      return reply(302, null, { location: `${elsewhere.url}/api/items` })
    }
    const known = sample.secrets.filter((secret) => !secret.startsWith('issued-'))
    const echo = {
      error: inspect([known, tokenNumber(issued), request.url, request.headers, request.body]),
    }
    if (request.path === '/api/echo/400') return reply(400, echo)
    if (request.path === '/api/echo/500') return reply(500, echo)
    if (request.path === '/api/echo/html')
      return reply(200, echo.error, { 'content-type': 'text/html' })
    const good = sample.accepts(request, tokenNumber(issued)) && revoked !== issued
    return good ? reply(200, []) : reply(401, echo)
  })
  const said: unknown[] = []
  const client = createClient({
    baseUrl: `${api.url}/api`,
    auth: auths.config.parse(sample.config(`${api.url}/api`)),
    retry: retryConfig.parse({ base_delay: '1ms', max_attempts: 2 }),
    log: createLogger((...message) => said.push(message), 'debug'),
    emit: (event) => said.push(event),
  })
  return {
    api,
    elsewhere,
    client,
    send: (path = '/api/items') =>
      client.send(requestTo(path.startsWith('/') ? api.url + path : path), { endpoint: 'items' }),
    said: () => inspect(said, { depth: 10 }),
    revoke: () => {
      revoked = issued
    },
    issued: () => issued,
    asked: () => api.requests.filter((request) => request.path !== sample.issue?.path),
    [Symbol.asyncDispose]: async () => {
      client.close()
      await Promise.all([api.close(), elsewhere.close()])
    },
  }
}

const requestTo = (url: string): RestRequest => ({
  method: 'GET',
  url,
  params: { page: 1 },
  queryStyle: 'plain',
  headers: {},
  body: undefined,
})

/** A text in every form in which a secret could slip into a message. */
const formsOf = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64'),
  Buffer.from(`${secret}:`).toString('base64'),
]

/** What every auth promises; a new one can't land without passing it. */
export function authConformance(sample: AuthSample): void {
  const renews = sample.issue !== undefined
  const isOpen = sample.type === 'none'

  describe(`the ${sample.type} auth`, () => {
    it('authenticates every request to the base URL, and leaves its parameters alone', async () => {
      await using on = await stage(sample)
      await Promise.all([on.send(), on.send(), on.send()])
      await on.send()
      expect(on.asked()).toHaveLength(4)
      for (const { query } of on.asked()) expect(query.getAll('page')).toEqual(['1'])
      expect(on.issued()).toBe(renews ? 1 : 0)
    })

    it.each(['/api/echo/400', '/api/echo/500', '/api/echo/html', '/api/items'])(
      'shows no secret when the API echoes them at %s',
      async (path) => {
        await using on = await stage(sample)
        if (!isOpen) await on.send()
        on.revoke()
        const error = await on.send(path).catch((thrown: unknown) => thrown)
        const shown = inspect([error, on.said()], { depth: 20, showHidden: true })
        const hidden = [...sample.secrets, ...(sample.derived ?? [])]
        for (const form of hidden.flatMap(formsOf)) expect(shown).not.toContain(form)
      },
    )

    it('names every secret, for whoever else prints', async () => {
      await using on = await stage(sample)
      await on.send()
      const later = [tokenNumber(2), tokenNumber(3)]
      const known = sample.secrets.filter((secret) => !later.includes(secret))
      expect(on.client.secrets()).toEqual(expect.arrayContaining(known))
    })

    it('gives nothing to another origin', async () => {
      await using on = await stage(sample)
      await on.send(`${on.elsewhere.url}/api/items`)
      await expect(on.send('/api/away')).rejects.toMatchObject({ code: 'HTTP_REDIRECT' })
      expect(on.elsewhere.requests).toHaveLength(1)
      const received = inspect(on.elsewhere.requests, { depth: 5 })
      for (const form of sample.secrets.flatMap(formsOf)) expect(received).not.toContain(form)
    })

    it.skipIf(!renews)('renews once after a 401, for all requests at once', async () => {
      await using on = await stage(sample)
      await on.send()
      on.revoke()
      await Promise.all([on.send(), on.send(), on.send()])
      expect(on.issued()).toBe(2)
      expect(on.asked().length).toBeLessThanOrEqual(7)
    })

    it.skipIf(isOpen)(
      'gives up after a 401 that renewing does not help, naming itself',
      async () => {
        await using on = await stage({ ...sample, accepts: () => false })
        const hint: unknown = expect.stringContaining(sample.type)
        await expect(on.send()).rejects.toMatchObject({ code: 'HTTP_UNAUTHORIZED', hint })
        expect(on.asked()).toHaveLength(renews ? 2 : 1)
        expect(on.issued()).toBe(renews ? 2 : 0)
      },
    )
  })
}
