import { describe, expect, it } from 'vitest'
import type { JsonRecord, JsonValue } from '../../../../src/core/json.ts'
import type { Auth, AuthContext, TokenStore } from '../../../../src/http/auth/auth.ts'
import { auths } from '../../../../src/http/auth/index.ts'
import type { RestRequest } from '../../../../src/http/types.ts'
import { fakeClock, type FakeClock } from '../fake-clock.ts'

type Sent = Parameters<AuthContext['send']>[0]
type Answer = JsonValue | { status: number; body: JsonValue } | Error

interface Setup {
  auth: Auth
  clock: FakeClock
  sent: Sent[]
  header: (signal?: AbortSignal) => Promise<string | undefined>
}

const request = {} as RestRequest

/** An auth whose requests for a token are answered in turn, the last answer again and again. */
function setup(config: object, answers: readonly Answer[], tokens?: TokenStore): Setup {
  const clock = fakeClock()
  const sent: Sent[] = []
  const auth = auths.create(auths.config.parse(config), {
    baseUrl: 'https://api.example.com/v1',
    clock,
    tokens,
    send: async (asked, signal) => {
      const answer = answers[Math.min(sent.push(asked), answers.length) - 1] ?? null
      await new Promise((resolve) => setImmediate(resolve))
      signal?.throwIfAborted()
      if (answer instanceof Error) throw answer
      const whole = typeof answer === 'object' && answer !== null && 'status' in answer
      return whole ? (answer as { status: number; body: JsonValue }) : { status: 200, body: answer }
    },
  })
  const header = async (signal?: AbortSignal): Promise<string | undefined> =>
    (await auth.credentials(request, signal)).headers?.Authorization
  return { auth, clock, sent, header }
}

const jwt = (claims: object): string =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`

const login = {
  type: 'login',
  path: '/api/token',
  json: { email: 'me@example.com', password: 'hunter22' },
  token_path: 'data.token',
}
const issue = (token: string, more: JsonRecord = {}): JsonValue => ({
  success: true,
  data: { token, ...more },
})

describe('login', () => {
  it('posts its credentials under base_url, and once for everyone', async () => {
    const { sent, header } = setup(login, [issue('one')])
    expect(await Promise.all([header(), header(), header()])).toEqual(Array(3).fill('Bearer one'))
    expect(await header()).toBe('Bearer one')
    expect(sent).toEqual([
      { method: 'POST', url: 'https://api.example.com/v1/api/token', json: login.json },
    ])
  })

  it('sends the token in the format it is given', async () => {
    const { header } = setup({ ...login, format: 'Token token={token}' }, [issue('$&1')])
    expect(await header()).toBe('Token token=$&1')
  })

  it.each<[string, object, JsonRecord]>([
    ['expires_in_path', { expires_in_path: 'data.expires_in' }, { expires_in: 1000 }],
    ['expires_in_path as text', { expires_in_path: 'data.expires_in' }, { expires_in: '1000' }],
    ['the time it ends', { expires_in_path: 'data.at' }, { at: '2025-01-01T00:16:40+00:00' }],
    ['expires_in of the configuration', { expires_in: '1000s' }, {}],
    ['expires_in where the path leads nowhere', { expires_in: '1000s', expires_in_path: 'x' }, {}],
  ])('logs in anew after 90%% of %s', async (_what, config, answer) => {
    const { clock, sent, header } = setup({ ...login, ...config }, [
      issue('one', answer),
      issue('two', answer),
    ])
    await header()
    clock.advance(899_999)
    expect(await header()).toBe('Bearer one')
    clock.advance(1)
    expect(await header()).toBe('Bearer two')
    expect(sent).toHaveLength(2)
  })

  it('reads the lifetime of a JWT, from its own clock where it tells', async () => {
    const soon = Date.parse('2025-01-01T00:00:00Z') / 1000 + 1000
    for (const claims of [{ exp: soon }, { exp: 5000, iat: 4000 }]) {
      const { clock, header } = setup(login, [issue(jwt(claims)), issue('two')])
      await header()
      clock.advance(899_000)
      expect(await header()).toBe(`Bearer ${jwt(claims)}`)
      clock.advance(2000)
      expect(await header()).toBe('Bearer two')
    }
  })

  it.each([['plain'], ['a.b.c'], [jwt({})], [jwt({ exp: 1 })], ['e30.bnVsbA.sig']])(
    'keeps %s, which tells no lifetime, until it is refused',
    async (token) => {
      const { clock, sent, header } = setup(login, [issue(token)])
      await header()
      clock.advance(1e12)
      await header()
      expect(sent).toHaveLength(1)
    },
  )

  it('logs in once for many refusals of one token, and not for a refusal that comes late', async () => {
    const { auth, sent, header } = setup(login, [issue('one'), issue('two')])
    const refused = { headers: { Authorization: (await header())! } }
    const renewed = await Promise.all([
      auth.renew!(refused),
      auth.renew!(refused),
      auth.renew!(refused),
    ])
    expect(renewed).toEqual([true, true, true])
    expect(await auth.renew!(refused)).toBe(true)
    expect(sent).toHaveLength(2)
    expect(await header()).toBe('Bearer two')
    expect(auth.secrets()).toEqual(expect.arrayContaining(['hunter22', 'one', 'two']))
  })

  it('is taken over when the one who started it gives up', async () => {
    const { header } = setup(login, [issue('one'), issue('two')])
    const controller = new AbortController()
    const reason = new Error('stopped')
    const [first, second] = [header(controller.signal), header()]
    controller.abort(reason)
    await expect(first).rejects.toBe(reason)
    expect(await second).toBe('Bearer two')
  })

  it.each<[string, Answer, string]>([
    [
      'success: false on a 200',
      { success: false, data: { message: 'bad login' } },
      'answered 200: bad login',
    ],
    [
      'a refusal',
      { status: 401, body: { error: 'no, hunter22 is wrong' } },
      'answered 401: no, *** is wrong',
    ],
    ['a refusal without words', { status: 403, body: null }, 'answered 403'],
    ['no token', { success: true, data: {} }, 'answered without a token at "data.token"'],
    ['an empty token', issue(''), 'answered without a token at "data.token"'],
  ])('fails on %s', async (_what, answer, words) => {
    const { header } = setup(login, [answer])
    await expect(header()).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      message: `login: POST https://api.example.com/v1/api/token ${words}`,
    })
  })

  it('tries again after a login that failed', async () => {
    const { header } = setup(login, [new Error('down'), issue('one')])
    await expect(header()).rejects.toThrow('down')
    expect(await header()).toBe('Bearer one')
  })

  it('refuses to log in elsewhere', () => {
    expect(() => setup({ ...login, path: 'https://evil.example/token' }, [])).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
  })
})

describe('oauth2', () => {
  const client = {
    type: 'oauth2',
    token_url: 'https://login.example.org/token',
    client_id: 'id',
    client_secret: 'cs3cret',
  }
  const refreshing = { ...client, grant: 'refresh_token', refresh_token: 'r-configured' }
  const grant = (token: string, more: JsonRecord = {}): JsonValue => ({
    access_token: token,
    token_type: 'bearer',
    expires_in: 3600,
    ...more,
  })

  function store(initial: string | null): TokenStore & { saved: string[] } {
    const saved: string[] = []
    return {
      saved,
      load: async () => saved.at(-1) ?? initial,
      save: async (token) => {
        saved.push(token)
      },
    }
  }

  it('asks for a token as the client itself', async () => {
    const { clock, sent, header } = setup({ ...client, scope: 'read all' }, [
      grant('a'),
      grant('b'),
    ])
    expect(await header()).toBe('Bearer a')
    expect(sent).toEqual([
      {
        method: 'POST',
        url: 'https://login.example.org/token',
        form: {
          grant_type: 'client_credentials',
          client_id: 'id',
          client_secret: 'cs3cret',
          scope: 'read all',
        },
      },
    ])
    clock.advance(3_240_000)
    expect(await header()).toBe('Bearer b')
  })

  it('keeps a rotated refresh token, and uses it the next time', async () => {
    const tokens = store(null)
    const answers = [grant('a', { refresh_token: 'r2' }), grant('b', { refresh_token: 'r3' })]
    const { auth, sent, header } = setup(refreshing, answers, tokens)
    await header()
    await auth.renew!({ headers: { Authorization: 'Bearer a' } })
    expect(sent.map((asked) => asked.form?.refresh_token)).toEqual(['r-configured', 'r2'])
    expect(tokens.saved).toEqual(['r2', 'r3'])
    expect(auth.secrets()).toEqual(
      expect.arrayContaining(['cs3cret', 'r-configured', 'r2', 'r3', 'a', 'b']),
    )
  })

  it('prefers the refresh token an earlier run kept, and saves nothing when it is not rotated', async () => {
    const tokens = store('r-kept')
    const { sent, header } = setup(refreshing, [grant('a')], tokens)
    await header()
    expect(sent.map((asked) => asked.form?.refresh_token)).toEqual(['r-kept'])
    expect(tokens.saved).toEqual([])
  })

  it('falls back to the configured refresh token when the kept one was revoked', async () => {
    const refusal = { status: 400, body: { error: 'invalid_grant' } }
    const { sent, header } = setup(refreshing, [refusal, grant('a')], store('r-kept'))
    expect(await header()).toBe('Bearer a')
    expect(sent.map((asked) => asked.form?.refresh_token)).toEqual(['r-kept', 'r-configured'])
  })

  it.each<[string, Answer, string]>([
    [
      'a refusal',
      { status: 400, body: { error: 'invalid_client', error_description: 'cs3cret is unknown' } },
      'answered 400: *** is unknown; invalid_client',
    ],
    ['no token', { token_type: 'bearer' }, 'answered without a token'],
    ['no JSON', null, 'answered without a token'],
  ])('fails on %s', async (_what, answer, words) => {
    await expect(setup(client, [answer]).header()).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      message: `oauth2: POST https://login.example.org/token ${words}`,
    })
  })

  it('wants a refresh token for the grant of that name', () => {
    const result = auths.config.safeParse({ ...client, grant: 'refresh_token' })
    expect(result.error?.issues[0]).toMatchObject({ path: ['refresh_token'] })
  })
})
