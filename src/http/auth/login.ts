import * as z from 'zod'
import { duration } from '../../core/duration.ts'
import { SluiceError } from '../../core/errors.ts'
import { isRecord, type JsonRecord, type JsonValue } from '../../core/json.ts'
import { compileGet } from '../../core/path.ts'
import type { Variant } from '../../core/registry.ts'
import { timestampToMicros, toTimestamp } from '../../core/time.ts'
import { createRedactor } from '../../core/redact.ts'
import { apiWords } from '../api-words.ts'
import { joinUrl, redactUrl } from '../url.ts'
import type { Auth, AuthContext } from './auth.ts'
import { createTokenCache, jwtLifetime, type Token } from './token-cache.ts'

const config = z.strictObject({
  type: z.literal('login'),
  path: z.string().min(1).describe('Path of the login, on the origin of `base_url`.'),
  json: z
    .record(z.string(), z.json())
    .meta({ secret: true })
    .describe('Body of the login: the credentials.'),
  token_path: z.string().min(1).default('token').describe('Path to the token in the response.'),
  format: z
    .string()
    .includes('{token}')
    .default('Bearer {token}')
    .describe('What is sent as `Authorization`.'),
  expires_in_path: z
    .string()
    .optional()
    .describe("Path to the token's lifetime in seconds, or to the time it ends."),
  expires_in: duration
    .optional()
    .describe('How long a token lives, where the response does not say.'),
})

/** Logs in for a token that lives in memory until it expires or is refused. */
export const login = {
  config,
  create: (options, context: AuthContext): Auth => {
    const { clock } = context
    const url = joinUrl(context.baseUrl, options.path)
    const json = options.json as JsonRecord
    const tokenOf = compileGet(options.token_path)
    const expiryOf = compileGet(options.expires_in_path ?? '$')
    const format = (token: string): string => options.format.replaceAll('{token}', () => token)

    const secrets = (): string[] => [...leaves(json), ...cache.all()]
    const cache = createTokenCache(clock, async (signal): Promise<Token> => {
      const { status, body } = await context.send({ method: 'POST', url, json }, signal)
      if (status >= 400 || (isRecord(body) && body.success === false)) {
        throw refused(url, status, apiWords(body, {}, createRedactor(secrets())))
      }
      const value = tokenOf(body)
      if (typeof value !== 'string' || value === '') throw noToken(url, options.token_path)
      const told =
        options.expires_in_path === undefined ? null : lifetimeOf(expiryOf(body), clock.now())
      const lifetimeMs = told ?? options.expires_in ?? jwtLifetime(value, clock.now())
      return { value, lifetimeMs }
    })

    return {
      credentials: async (_request, signal) => ({
        headers: { Authorization: format(await cache.get(signal)) },
      }),
      renew: async (rejected, signal) => {
        const sent = rejected.headers?.Authorization
        const used = cache.all().find((token) => format(token) === sent)
        await cache.replace(used ?? '', signal)
        return true
      },
      secrets,
    }
  },
} satisfies Variant<typeof config, [AuthContext], Auth>

/** A lifetime from seconds, as number or text, or from the time at which it ends. */
function lifetimeOf(value: JsonValue | undefined, now: number): number | null {
  if (typeof value !== 'number' && typeof value !== 'string') return null
  const end = toTimestamp(String(value))
  const millis = end === null ? Number(value) * 1000 : Number(timestampToMicros(end) / 1000n) - now
  return millis > 0 ? millis : null
}

function leaves(value: JsonValue): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : []
}

function refused(url: string, status: number, words: string): SluiceError {
  const message = `login: POST ${redactUrl(url)} answered ${status}${words && `: ${words}`}`
  return new SluiceError('AUTH_FAILED', message, {
    hint: 'check the credentials in auth.json and the path in auth.path',
    details: { url: redactUrl(url), status },
  })
}

function noToken(url: string, path: string): SluiceError {
  const message = `login: POST ${redactUrl(url)} answered without a token at "${path}"`
  return new SluiceError('AUTH_FAILED', message, {
    hint: 'set auth.token_path to the field of the response that holds the token',
    details: { url: redactUrl(url) },
  })
}
