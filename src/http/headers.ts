import { VERSION } from '../core/version.ts'
import type { Credentials } from './auth/auth.ts'
import type { RestRequest, RestResponse } from './types.ts'
import { isSecretName } from './url.ts'

export interface OutgoingHeaders {
  readonly request: RestRequest
  /** The `headers` of the source. */
  readonly source: Readonly<Record<string, string>>
  readonly credentials: Credentials
  /** Whether the request goes to the origin of `base_url`; secret headers go nowhere else. */
  readonly ours: boolean
}

/** The headers of one request, lower-case: defaults, then the source's, the request's, the credentials'. */
export function outgoingHeaders(options: OutgoingHeaders): Record<string, string> {
  const { request, source, credentials, ours } = options
  const headers: Record<string, string> = {
    accept: 'application/json',
    'user-agent': `sluice/${VERSION}`,
    ...(request.body !== undefined && { 'content-type': 'application/json' }),
  }
  const set = (given: RestRequest['headers']): void => {
    for (const [name, value] of Object.entries(given)) {
      if (value === null) delete headers[name.toLowerCase()]
      else if (ours || !isSecretName(name)) headers[name.toLowerCase()] = value
    }
  }
  if (ours) set(source)
  set(request.headers)
  for (const [name, value] of Object.entries(credentials.headers ?? {})) {
    const key = name.toLowerCase()
    headers[key] = key === 'cookie' && headers.cookie ? `${headers.cookie}; ${value}` : value
  }
  return headers
}

/** Response headers as {@link RestResponse} has them; cookies are left out, they are credentials. */
export function incomingHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): RestResponse['headers'] {
  const { 'set-cookie': _credentials, ...others } = headers
  return Object.fromEntries(
    Object.entries(others).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  )
}

/** The values of headers that usually hold secrets, with and without their scheme. */
export function secretHeaderValues(headers: RestRequest['headers']): string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    value !== null && isSecretName(name) ? [value, value.replace(/^\w+ /, '')] : [],
  )
}
