import { redirectError } from './failures.ts'
import type { RawResponse } from './response.ts'
import type { RestRequest } from './types.ts'
import { sameOrigin } from './url.ts'

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308]

/** How many redirects one request may take. */
export const MAX_REDIRECTS = 5

/**
 * The request that a redirect asks for, or null when the response is none. The target's query replaces the
 * parameters; only a 303 changes the method, because the POSTs of a source are read-only searches.
 *
 * @throws SluiceError HTTP_REDIRECT when the target is on another origin
 */
export function redirected(
  endpoint: string,
  request: RestRequest,
  raw: RawResponse,
): RestRequest | null {
  const target = raw.headers.location
  if (!REDIRECTS.includes(raw.status) || target === undefined) return null
  const { method, url, status } = raw
  const about = { endpoint, method, url, status }
  if (!URL.canParse(target, url)) throw redirectError(about, 'to what is no URL')
  const next = new URL(target, url)
  if (!sameOrigin(next.href, url)) throw redirectError(about, `to ${next.origin}`)
  const followed = { ...request, url: next.href, params: {} }
  return status === 303 ? { ...followed, method: 'GET', body: undefined } : followed
}
