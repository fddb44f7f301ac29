import { createHmac } from 'node:crypto'
import { isRecord, parseJson, type JsonRecord } from '../../core/json.ts'
import { DAY, shortInstant } from '../data/times.ts'
import { jsonReply, type ApiRequest, type Reply } from '../server/http.ts'
import { errorReply, failure } from './errors.ts'

/** Whom the sandbox lets in; the password is the API key. */
export const EMAIL = 'sandbox@closum.example'

export interface TokenOptions {
  /**
   * What a login sends: `email` and `password` (the default), or the `api_username` and `api_pw` of the later
   * version, whose answer also tells how long the token lives.
   */
  readonly login?: 'email' | 'api_username'
  /** The status of a login that is refused; default 401. The body says `success: false` either way. */
  readonly loginRefusedAs?: 401 | 200
  /** How long a token lives, in milliseconds; default 7 days. */
  readonly tokenTtlMs?: number
}

/** Gives out tokens for the right email and password, and knows those that are still good. */
export interface Tokens {
  readonly login: (request: ApiRequest) => Reply
  /** Whether a request comes with a token that was given out and has not expired. */
  readonly accepts: (request: ApiRequest) => boolean
}

const FIELDS = { email: ['email', 'password'], api_username: ['api_username', 'api_pw'] } as const

export function createTokens(
  { apiKey, now }: { readonly apiKey: string; readonly now: () => number },
  { login = 'email', loginRefusedAs = 401, tokenTtlMs = 7 * DAY }: TokenOptions,
): Tokens {
  const expiresAt = new Map<string, number>()
  const [user, password] = FIELDS[login]

  return {
    login: (request) => {
      const body = jsonBody(request)
      if (!body) return errorReply(request, 400)
      if (body[user] !== EMAIL || body[password] !== apiKey) {
        return jsonReply(failure(request, 401, 'Invalid username or password'), loginRefusedAs)
      }
      const end = now() + tokenTtlMs
      const token = jwt({ sub: 2, jti: expiresAt.size + 1, exp: Math.ceil(end / 1000) })
      expiresAt.set(token, end)
      const lifetime = { expires_in: tokenTtlMs / 1000, expiration_date: shortInstant(end) }
      return jsonReply({
        success: true,
        data: { token, ...(login === 'api_username' ? lifetime : {}) },
      })
    },
    accepts: ({ headers }) => {
      const [, token = ''] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? []
      return (expiresAt.get(token) ?? 0) > now()
    },
  }
}

function jsonBody({ body }: ApiRequest): JsonRecord | null {
  try {
    const { value } = parseJson(body)
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}

function jwt(claims: object): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const signed = `${encode({ typ: 'JWT', alg: 'HS256' })}.${encode(claims)}`
  return `${signed}.${createHmac('sha256', 'sandbox').update(signed).digest('base64url')}`
}
