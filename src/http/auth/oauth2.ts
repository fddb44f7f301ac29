import * as z from 'zod'
import { SluiceError } from '../../core/errors.ts'
import { isRecord, type JsonRecord, type JsonValue } from '../../core/json.ts'
import type { Variant } from '../../core/registry.ts'
import { createRedactor } from '../../core/redact.ts'
import { apiWords } from '../api-words.ts'
import { redactUrl } from '../url.ts'
import type { Auth, AuthContext } from './auth.ts'
import { createTokenCache, jwtLifetime, type Token } from './token-cache.ts'

const config = z
  .strictObject({
    type: z.literal('oauth2'),
    grant: z
      .enum(['client_credentials', 'refresh_token'])
      .default('client_credentials')
      .describe('How access tokens are obtained.'),
    token_url: z
      .url()
      .describe('Where they are obtained; may be on another origin than `base_url`.'),
    client_id: z.string().min(1).describe('The registered client.'),
    client_secret: z
      .string()
      .min(1)
      .optional()
      .meta({ secret: true })
      .describe('Its secret; left out for public clients.'),
    refresh_token: z
      .string()
      .min(1)
      .optional()
      .meta({ secret: true })
      .describe(
        "First refresh token of the grant `refresh_token`; rotated ones are kept in the destination's state.",
      ),
    scope: z.string().optional().describe('Scopes to ask for, separated by spaces.'),
  })
  .refine((auth) => auth.grant !== 'refresh_token' || auth.refresh_token !== undefined, {
    path: ['refresh_token'],
    message: 'expected a refresh token, because grant is refresh_token',
  })

type Answer = Awaited<ReturnType<AuthContext['send']>>

/** OAuth 2.0 (RFC 6749): access tokens for the client itself, or from a refresh token. */
export const oauth2 = {
  config,
  create: (options, context: AuthContext): Auth => {
    const { clock, tokens } = context
    const { token_url, client_id, client_secret, grant, scope } = options
    const refreshTokens = new Set<string>()
    if (options.refresh_token) refreshTokens.add(options.refresh_token)
    let newest: string | undefined

    function request(
      grantFields: Record<string, string>,
      signal: AbortSignal | undefined,
    ): Promise<Answer> {
      const form = {
        ...grantFields,
        client_id,
        ...(client_secret && { client_secret }),
        ...(scope && { scope }),
      }
      return context.send({ method: 'POST', url: token_url, form }, signal)
    }

    /** The newest refresh token known first; the configured one is the way out when that was revoked. */
    async function refresh(signal: AbortSignal | undefined): Promise<JsonRecord> {
      const stored = (await tokens?.load()) ?? undefined
      const candidates = new Set([newest, stored, options.refresh_token])
      let last: Answer | undefined
      for (const candidate of candidates) {
        if (candidate === undefined) continue
        refreshTokens.add(candidate)
        last = await request({ grant_type: grant, refresh_token: candidate }, signal)
        if (last.status >= 400) continue
        const body = granted(last)
        await keep(body.refresh_token, candidate)
        return body
      }
      if (last) throw refused(last)
      throw new SluiceError('AUTH_FAILED', 'oauth2: there is no refresh token', {
        hint: 'set auth.refresh_token to one that the API issued for auth.client_id',
      })
    }

    async function keep(rotated: JsonValue | undefined, used: string): Promise<void> {
      newest = typeof rotated === 'string' && rotated !== '' ? rotated : used
      refreshTokens.add(newest)
      if (newest !== used) await tokens?.save(newest)
    }

    function granted(answer: Answer): JsonRecord {
      const { status, body } = answer
      if (status >= 400) throw refused(answer)
      if (isRecord(body) && typeof body.access_token === 'string' && body.access_token !== '') {
        return body
      }
      const message = `oauth2: POST ${redactUrl(token_url)} answered without a token`
      throw new SluiceError('AUTH_FAILED', message, {
        hint: 'check auth.token_url: it must be the token endpoint of RFC 6749',
        details: { url: redactUrl(token_url), status },
      })
    }

    function refused({ status, body }: Answer): SluiceError {
      const words = apiWords(body, {}, createRedactor(secrets()))
      const start = `oauth2: POST ${redactUrl(token_url)} answered ${status}`
      return new SluiceError('AUTH_FAILED', `${start}${words && `: ${words}`}`, {
        hint: 'check auth.client_id, auth.client_secret and auth.refresh_token; a revoked token must be issued anew',
        details: { url: redactUrl(token_url), status },
      })
    }

    const secrets = (): string[] => [
      ...(client_secret ? [client_secret] : []),
      ...refreshTokens,
      ...cache.all(),
    ]
    const cache = createTokenCache(clock, async (signal): Promise<Token> => {
      const body =
        grant === 'refresh_token'
          ? await refresh(signal)
          : granted(await request({ grant_type: grant }, signal))
      const value = body.access_token as string
      const seconds = Number(body.expires_in ?? 0)
      const lifetimeMs = seconds > 0 ? seconds * 1000 : jwtLifetime(value, clock.now())
      return { value, lifetimeMs }
    })

    return {
      credentials: async (_request, signal) => ({
        headers: { Authorization: `Bearer ${await cache.get(signal)}` },
      }),
      renew: async (rejected, signal) => {
        await cache.replace(rejected.headers?.Authorization?.slice('Bearer '.length) ?? '', signal)
        return true
      },
      secrets,
    }
  },
} satisfies Variant<typeof config, [AuthContext], Auth>
