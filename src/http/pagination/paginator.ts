import type { JsonRecord } from '../../core/json.ts'
import type { Logger } from '../../core/log.ts'
import type { RestRequest, RestResponse } from '../types.ts'

/**
 * A paginator decides, after each response, what the next request is.
 * One instance walks one list once; `next` depends on its arguments and the first request only, so it is tested with literals.
 */
export interface Paginator {
  /** After how many records the API ends a longer list without saying so; absent where it does not. */
  readonly maxRecords?: number | undefined
  /** Whether pages are asked for by a cursor that the API may forget; absent where they are not. */
  readonly byCursor?: boolean
  /** The first request of the walk, made from the endpoint's own request. */
  first(request: RestRequest): RestRequest
  /**
   * The request after this response, or null at the end.
   *
   * @param records what the data selector found in the response, before any filter
   */
  next(
    request: RestRequest,
    response: RestResponse,
    records: readonly JsonRecord[],
  ): RestRequest | null
  /** How many records the whole list has, where the API says so. */
  total?(response: RestResponse): number | null
  /** How a list is counted through; null, or absent, where pages do not go by number. */
  counting?(): Counting | null
}

/** What a paginator that counts its way through a list can do about one that shifts meanwhile. */
export interface Counting {
  /** With how many records of the page before each page is to begin, so that a shift is noticed; 0 for none. */
  readonly overlap: number
  /** The request for the same place, or one no later, `records` records earlier; null where there is no such thing. */
  back(request: RestRequest, records: number): RestRequest | null
  /**
   * The request for the place `pages` pages of `size` records later; null where the API does not go so far. Absent where
   * pages can't be asked for out of turn.
   */
  forward?(request: RestRequest, pages: number, size: number): RestRequest | null
  /** How many pages are left after this one, where the API counts pages and not records; null where it does not. */
  pagesLeft?(request: RestRequest, response: RestResponse): number | null
}

/** What a paginator may need to know of the walk it belongs to. */
export interface PaginationContext {
  readonly endpoint: string
  readonly log: Logger
  /** Says in the run's summary that something may be missing; the message does not repeat the endpoint. */
  readonly warn: (code: string, message: string) => void
}
