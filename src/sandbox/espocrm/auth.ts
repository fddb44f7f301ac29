import { createHmac, timingSafeEqual } from 'node:crypto'
import type { ApiRequest, Reply } from '../server/http.ts'
import { emptyReply } from './refusals.ts'

/** The user that logs in with a password, which is the API key. */
export const USER_NAME = 'admin'

export interface Credentials {
  readonly apiKey: string
  /** Signs requests of the same API user. */
  readonly secretKey: string
}

export interface Auth {
  /** Null for a known user, else the refusal. `resource` is the path below the base of the API. */
  check(request: ApiRequest, resource: string): Reply | null
  /** A token that stands for the user's password from now on. */
  readonly token: string
}

/** Beyond so many failed logins within the period every login is refused, right or wrong. */
const MOST_FAILURES = 10
const FAILURE_PERIOD_MS = 60_000

export function secretKeyOf(apiKey: string): string {
  return `${apiKey}_secret`
}

/**
 * Who may ask: an API user by key or by signature, a regular user by password or by token. Whoever sends
 * `Espo-Authorization` is judged by that alone, and a signature goes before a key.
 */
export function createAuth({ apiKey, secretKey }: Credentials, now: () => number): Auth {
  const token = createHmac('sha256', secretKey).update('token').digest('hex')
  let failures: number[] = []

  const isKnown = ({ headers, method }: ApiRequest, resource: string): boolean | null => {
    const own = headers['espo-authorization']
    if (own !== undefined) {
      const isByToken = headers['espo-authorization-by-token'] === 'true'
      const secrets = isByToken ? [token] : [token, apiKey]
      return secrets.some((secret) => decode(own).equals(Buffer.from(`${USER_NAME}:${secret}`)))
    }
    const signed = headers['x-hmac-authorization']
    if (signed !== undefined) {
      return isSignature(decode(signed), `${method} ${resource}`, { apiKey, secretKey })
    }
    const key = headers['x-api-key']
    if (key !== undefined && key !== '') return key === apiKey
    const [, pair] = /^basic +([\w+/=-]+)$/i.exec(headers.authorization ?? '') ?? []
    if (pair !== undefined) return decode(pair).equals(Buffer.from(`${USER_NAME}:${apiKey}`))
    return null
  }

  return {
    token,
    check: (request, resource) => {
      const known = isKnown(request, resource)
      if (known === null) return unauthorized(request)
      const oldest = now() - FAILURE_PERIOD_MS
      failures = failures.filter((at) => at > oldest)
      if (failures.length > MOST_FAILURES) {
        const reason = 'Max failed login attempts exceeded for IP address 127.0.0.1.'
        return emptyReply(403, reason)
      }
      if (known) return null
      failures.push(now())
      return emptyReply(401)
    },
  }
}

/**
 * Whether `apiKey:digest` signs a text such as `GET /Contact`, the query not being part of it. The digest is in hex or,
 * as it was before 8.4.1, raw.
 */
export function isSignature(
  header: Buffer,
  text: string,
  { apiKey, secretKey }: Credentials,
): boolean {
  const colon = header.indexOf(':')
  if (colon < 0 || header.toString('utf8', 0, colon) !== apiKey) return false
  const raw = createHmac('sha256', secretKey).update(text).digest()
  const digest = header.subarray(colon + 1)
  return [raw, Buffer.from(raw.toString('hex'))].some(
    (expected) => expected.length === digest.length && timingSafeEqual(expected, digest),
  )
}

/** Without credentials a browser is asked for some, unless a script is asking. */
function unauthorized({ method, headers }: ApiRequest): Reply {
  const isScript = headers['x-requested-with']?.toLowerCase() === 'xmlhttprequest'
  const asks = method === 'GET' && !isScript
  return emptyReply(401, undefined, asks ? { 'www-authenticate': 'Basic realm=""' } : {})
}

function decode(text: string): Buffer {
  return Buffer.from(text, 'base64')
}
