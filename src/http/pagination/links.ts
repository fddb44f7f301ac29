import { SluiceError } from '../../core/errors.ts'
import type { RestRequest, RestResponse } from '../types.ts'
import { redactUrl, sameOrigin } from '../url.ts'
import type { Counting } from './paginator.ts'

/**
 * The request for a next link: relative links are resolved against the URL that answered, and the link's own
 * query replaces the request's parameters.
 *
 * @throws SluiceError PAGINATION_ORIGIN when the link leaves the origin of the request,
 *   PAGINATION_INVALID when it is not a URL
 */
export function followLink(
  endpoint: string,
  link: string,
  request: RestRequest,
  response: RestResponse,
): RestRequest {
  if (!URL.canParse(link, response.url)) {
    throw new SluiceError(
      'PAGINATION_INVALID',
      `${endpoint}: next link "${redactUrl(link)}" is no URL`,
      {
        hint: 'set pagination.next_url_path to the field that holds the link',
        details: { endpoint },
      },
    )
  }
  const url = new URL(link, response.url)
  if (!sameOrigin(url.href, request.url)) {
    throw new SluiceError('PAGINATION_ORIGIN', `${endpoint}: the next page is on ${url.origin}`, {
      hint: `credentials are sent to ${new URL(request.url).origin} only; if the API has moved, change base_url`,
      details: { endpoint, origin: url.origin },
    })
  }
  return { ...request, url: url.href, params: {} }
}

/** Query parameters by which a link names a place in a list by its number. */
const COUNTED =
  /[?&](?:page|page_number|pageNumber|p|offset|_skip|skip|start)(?:%5Bnumber%5D|%5Boffset%5D)?=\d+(?:&|$)/i

/**
 * The links of an API may count pages, too: its lists then shift under the reader as any counted list does, and
 * a link leads nowhere but on.
 */
export function countingOfLink(link: RestRequest | null): Counting | null {
  return link !== null && COUNTED.test(link.url) ? { overlap: 0, back: () => null } : null
}

/**
 * The target of a `Link` header with the given relation, or null.
 *
 * ```
 * Link: <https://api.example.com/items?page=2>; rel="next", </items?page=9>; rel="last"
 * ```
 */
export function linkWithRel(header: string | undefined, rel: string): string | null {
  const links = (header ?? '').matchAll(
    /<([^>]*)>((?:\s*;\s*[^\s=;,]+\s*=\s*(?:"[^"]*"|[^\s;,]*))*)/g,
  )
  for (const [, target = '', attributes = ''] of links) {
    const relations = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,]*))/i.exec(attributes)
    const named = (relations?.[1] ?? relations?.[2] ?? '').toLowerCase().split(/\s+/)
    if (named.includes(rel.toLowerCase())) return target
  }
  return null
}
