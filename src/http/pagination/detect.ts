import { isRecord, type JsonValue } from '../../core/json.ts'
import { compileGet } from '../../core/path.ts'
import type { RestResponse } from '../types.ts'
import { toBoolean, toCount } from './signals.ts'

/** Response key of a cursor, and the parameter that APIs with this key take it in. */
const CURSOR_KEYS: readonly (readonly [key: string, param: string])[] = [
  ['cursor_next', '_cursor'],
  ['next_cursor', 'cursor'],
  ['nextCursor', 'cursor'],
  ['next_page_token', 'page_token'],
  ['nextPageToken', 'pageToken'],
  ['next_token', 'next_token'],
  ['continuation_token', 'continuation_token'],
  ['continuationToken', 'continuationToken'],
  ['end_cursor', 'after'],
  ['endCursor', 'after'],
  ['cursors.after', 'after'],
  ['next.after', 'after'],
  ['cursor', 'cursor'],
]

const NEXT_URL_KEYS = [
  'next_url',
  'nextUrl',
  'next_page_url',
  'next_link',
  'nextLink',
  "['@odata.nextLink']",
  'next.href',
  'next',
]
const HAS_MORE_KEYS = ['has_more', 'hasMore', 'has_next_page', 'hasNextPage', 'has_next', 'more']
const TOTAL_KEYS = ['total', 'total_results', 'total_count', 'totalCount']
const TOTAL_PAGES_KEYS = ['total_pages', 'totalPages', 'page_count', 'pageCount', 'last_page']
const HOLDERS = ['', 'meta', 'pagination', 'paging', 'page_info', 'pageInfo', 'response_metadata']
const LINK_HOLDERS = [...HOLDERS, 'links', '_links', 'meta.pagination.links', 'meta.links']

/** Something found in a body, and the path that leads to it. */
export interface Found<T> {
  readonly path: string
  readonly value: T
}

interface Place {
  readonly path: string
  readonly key: string
  readonly get: (body: JsonValue) => JsonValue | undefined
}

function places(holders: readonly string[], keys: readonly string[]): Place[] {
  return holders.flatMap((holder) =>
    keys.map((key) => {
      const path = holder === '' ? key : `${holder}${key.startsWith('[') ? '' : '.'}${key}`
      return { path, key, get: compileGet(path) }
    }),
  )
}

const CURSOR_PLACES = places(
  HOLDERS,
  CURSOR_KEYS.map(([key]) => key),
)
const NEXT_URL_PLACES = places(LINK_HOLDERS, NEXT_URL_KEYS)
const HAS_MORE_PLACES = places(HOLDERS, HAS_MORE_KEYS)
const TOTAL_PLACES = places(HOLDERS, TOTAL_KEYS)
const COUNT_PLACES = places(HOLDERS, ['count'])
const TOTAL_PAGES_PLACES = places(HOLDERS, TOTAL_PAGES_KEYS)

function find<T>(
  body: JsonValue,
  candidates: readonly Place[],
  read: (value: JsonValue) => T | null,
): (Found<T> & { readonly key: string }) | null {
  if (!isRecord(body)) return null
  for (const { path, key, get } of candidates) {
    const value = get(body)
    const found = value === undefined ? null : read(value)
    if (found !== null) return { path, key, value: found }
  }
  return null
}

/** The cursor of the next page, and the parameter it usually goes into; null when the body names none. */
export function findCursor(
  body: JsonValue,
): (Found<string | number | bigint> & { readonly param: string }) | null {
  const found = find(body, CURSOR_PLACES, (value) =>
    (typeof value === 'string' && value !== '') ||
    typeof value === 'number' ||
    typeof value === 'bigint'
      ? value
      : null,
  )
  return found && { ...found, param: CURSOR_KEYS.find(([key]) => key === found.key)![1] }
}

/** The link to the next page; null when the body holds none. */
export function findNextUrl(body: JsonValue): Found<string> | null {
  return find(body, NEXT_URL_PLACES, (value) =>
    typeof value === 'string' && /^(?:https?:\/\/|[/?])/i.test(value) ? value : null,
  )
}

/** A flag that says whether there is more; null when the body holds none. */
export function findHasMore(body: JsonValue): Found<boolean> | null {
  return find(body, HAS_MORE_PLACES, toBoolean)
}

/** How many records the list has, from the body or `X-Total-Count`; null when neither says. */
export function findTotal(response: RestResponse): Found<number> | null {
  const inBody = find(response.body, TOTAL_PLACES, toCount)
  if (inBody) return inBody
  const inHeader = toCount(response.headers['x-total-count'])
  return inHeader === null ? null : { path: 'X-Total-Count', value: inHeader }
}

/** A bare `count`: the list's with some APIs, the page's own with others; null when the body holds none. */
export function findCount(body: JsonValue): Found<number> | null {
  return find(body, COUNT_PLACES, toCount)
}

/** The length of the longest list in the body, those within lists aside; null when it holds none. */
export function longestList(body: JsonValue): number | null {
  if (Array.isArray(body)) return body.length
  if (!isRecord(body)) return null
  return Object.values(body).reduce<number | null>((longest, value) => {
    const length = longestList(value)
    return length === null || length < (longest ?? 0) ? longest : length
  }, null)
}

/** How many pages the list has; null when the body does not say. */
export function findTotalPages(body: JsonValue): Found<number> | null {
  return find(body, TOTAL_PAGES_PLACES, toCount)
}
