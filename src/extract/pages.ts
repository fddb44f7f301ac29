import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { SluiceError } from '../core/errors.ts'
import { stringifyJson, type JsonRecord, type JsonValue } from '../core/json.ts'
import { compileGet } from '../core/path.ts'
import type { Paginator } from '../http/pagination/paginator.ts'
import type { RestRequest, RestResponse } from '../http/types.ts'
import type { RecordSelector } from './select.ts'

/** One page of records, as the API returned them, and where it came from. */
export interface Page {
  /** 0 for the first page of the walk. */
  readonly index: number
  readonly records: readonly JsonRecord[]
  /** How many records the whole list has, where the API says so. */
  readonly total: number | null
  /** Whether the API has no page after this one. */
  readonly last: boolean
  /** The server's clock in epoch milliseconds, or null. */
  readonly serverTime: number | null
  /** Strings that held NUL characters, which were removed. */
  readonly nulsRemoved: number
}

/** Sends one request; everything about retries, limits and credentials is the client's business. */
export type Send = (request: RestRequest) => Promise<RestResponse>

export interface PagesOptions {
  readonly endpoint: string
  readonly send: Send
  readonly paginator: Paginator
  readonly select: RecordSelector
  /** A field that must not be false. */
  readonly successPath: string | undefined
  /** Statuses that end the walk without records instead of failing it. */
  readonly skipStatuses: ReadonlySet<number>
  /**
   * Whether a list whose first page is skipped is an empty one (a parent that is gone has no children) and not one
   * that could not be read. A list that is skipped further on is never complete.
   */
  readonly skippedIsEmpty: boolean
  readonly onSkip: (status: number) => void
  /** Stop after this many pages; the page that reaches it is not `last` unless the API said so. */
  readonly maxPages: number
}

/**
 * Walks one list page by page. The next page is not asked for before the consumer wants it, so memory holds
 * two pages: this one, and the one before to recognise a server that repeats itself.
 *
 * @throws SluiceError PAGINATION_LOOP when a request or a page repeats, RESPONSE_UNSUCCESSFUL, SELECTOR_MISSING,
 *   and whatever the client throws
 */
export async function* readPages(first: RestRequest, options: PagesOptions): AsyncGenerator<Page> {
  const { endpoint, paginator } = options
  const requested = new Set<string>()
  let previous: readonly JsonRecord[] = []
  let request: RestRequest | null = paginator.first(first)
  for (let index = 0; request && index < options.maxPages; index++) {
    const fingerprint = fingerprintOf(request)
    if (requested.has(fingerprint)) {
      throw loop(endpoint, index, `asks for what was already requested: ${request.url}`)
    }
    requested.add(fingerprint)

    const response: RestResponse = await options.send(request)
    if (options.skipStatuses.has(response.status)) {
      options.onSkip(response.status)
      yield {
        index,
        records: [],
        total: null,
        last: index === 0 && options.skippedIsEmpty,
        serverTime: response.serverTime,
        nulsRemoved: 0,
      }
      return
    }
    checkSuccess(response.body, options)
    const records = options.select(response.body)
    if (records.length > 0 && isDeepStrictEqual(records, previous)) {
      throw loop(endpoint, index, 'holds the same records as the page before it')
    }
    previous = records

    const next: RestRequest | null = paginator.next(request, response, records)
    yield {
      index,
      records,
      total: paginator.total?.(response) ?? null,
      last: next === null,
      serverTime: response.serverTime,
      nulsRemoved: response.nulsRemoved,
    }
    request = next
  }
}

/** A short digest, because a walk of a million pages remembers a million requests. */
function fingerprintOf({ method, url, params, body }: RestRequest): string {
  const text = `${method} ${url} ${stringifyJson({ ...params })} ${stringifyJson(body ?? null)}`
  return createHash('sha1').update(text).digest('base64url').slice(0, 16)
}

function loop(endpoint: string, index: number, what: string): SluiceError {
  return new SluiceError('PAGINATION_LOOP', `${endpoint}: page ${index + 1} ${what}`, {
    hint: 'the API ignores the paging parameters or repeats its cursor: check pagination against its documentation',
    details: { endpoint, page: index + 1 },
  })
}

function checkSuccess(body: JsonValue, { endpoint, successPath }: PagesOptions): void {
  if (successPath === undefined) return
  const success = compileGet(successPath)(body)
  if (success !== false && success !== 'false' && success !== 0) return
  throw new SluiceError(
    'RESPONSE_UNSUCCESSFUL',
    `${endpoint}: the API answered ${successPath}: ${String(success)}: ${stringifyJson(body).slice(0, 200)}`,
    { hint: 'the status was a success but the body says otherwise', details: { endpoint } },
  )
}
