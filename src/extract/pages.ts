import { SluiceError } from '../core/errors.ts'
import { stringifyJson, type JsonRecord, type JsonValue } from '../core/json.ts'
import type { Logger } from '../core/log.ts'
import { compileGet } from '../core/path.ts'
import type { Paginator } from '../http/pagination/paginator.ts'
import type { RestRequest, RestResponse } from '../http/types.ts'
import { createFollower, type Answer } from './follow.ts'
import { compileKey } from './identity.ts'
import { createLoopGuard } from './loop-guard.ts'
import type { PageBudget } from './page-budget.ts'
import { createReadAhead, type Send } from './read-ahead.ts'
import { saysError } from './says-error.ts'
import type { RecordSelector } from './select.ts'

/** One page of records, as the API returned them, without those that the page before held too. */
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
  /** Whether nothing but its number tells where in the list the page stands. */
  readonly byNumber: boolean
  /** Strings that held NUL characters, which were removed. */
  readonly nulsRemoved: number
  /** Length of the response in bytes. */
  readonly bytes: number
}

/** How far a list may be read ahead of its consumer. */
export interface AheadOptions {
  readonly budget: PageBudget
  /** Most requests of one list under way at the same time. */
  readonly depth: number
  /**
   * Whether records go to the end of the list when they change. Where nothing but its number places a page, its last one
   * tells of that, and is asked for when all others are read.
   */
  readonly endsWithNewest: boolean
}

export interface PagesOptions {
  readonly endpoint: string
  readonly send: Send
  readonly paginator: Paginator
  readonly select: RecordSelector
  /** Fields that tell one record from another. */
  readonly primaryKey: readonly string[]
  /** Whether a record may be handed on twice, because it is written by its key. */
  readonly upserted: boolean
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
  readonly log: Logger
  /** Says in the summary that records may be missing. */
  readonly doubt: (code: string, message: string) => void
  /** Stop after this many pages; the page that reaches it is not `last` unless the API said so. */
  readonly maxPages: number
  /** Null where no page may be asked for before the consumer wants it. */
  readonly ahead: AheadOptions | null
}

/**
 * Walks one list page by page. Memory holds two pages, this one and the one before, to recognise a list that shifts or a
 * server that repeats itself; and, where pages are counted, those that have been asked for ahead.
 *
 * @throws SluiceError PAGINATION_LOOP when a request or a page repeats, PAGINATION_CAPPED when the API does not
 *   go further into the list, PAGINATION_EXPIRED when it has forgotten a cursor, PAGINATION_DRIFT, RESPONSE_UNSUCCESSFUL, SELECTOR_MISSING, and whatever the client throws
 */
export async function* readPages(first: RestRequest, options: PagesOptions): AsyncGenerator<Page> {
  const { endpoint, paginator } = options
  const keyOf = compileKey(options.primaryKey)
  const loops = createLoopGuard(endpoint, keyOf)
  const ahead = options.ahead && createReadAhead(options.send, options.ahead)
  const send: Send = (request) => (ahead ?? options).send(request)
  let index = 0
  const ask = async (request: RestRequest): Promise<Answer> => {
    loops.request(request)
    const response = await sendPage(request, { ...options, send }, index)
    const skipped = options.skipStatuses.has(response.status)
    return { request, response, records: skipped ? null : selectRecords(response.body, options) }
  }
  const onRepeat = () => ahead?.drop()
  const follower = createFollower({ ...options, ask, loops, keyOf, onRepeat })

  /** The end of a list, unless it is one that the API cuts off in silence. */
  const endOf = (records: number): null => {
    const most = paginator.maxRecords
    if (most === undefined || records < most) return null
    throw capped(endpoint, `the API ends a list after ${most} records, and this one has as many`)
  }

  /** Asks for the pages from `following` on, as far as they are known or likely to be there. */
  function planAhead(
    following: RestRequest,
    { request, response }: Answer,
    total: number | null,
  ): void {
    const outlook = follower.outlook()
    if (!ahead || !options.ahead || !outlook) return
    const { size, overlaps } = outlook
    const counted = paginator.counting?.()?.pagesLeft?.(request, response) ?? null
    const known = total === null ? counted : Math.ceil((total - read) / size)
    const endInTurn = options.ahead.endsWithNewest && !overlaps
    ahead.plan((n) => outlook.requestAfter(following, n), {
      bytes: response.bytes,
      known: endInTurn ? (known ?? 0) - 1 : known,
      most: options.maxPages - index - 1,
    })
  }

  let read = 0
  for (let next: RestRequest | null = paginator.first(first); next && index < options.maxPages;) {
    const {
      answer,
      fresh,
      byNumber = false,
    } = index === 0 ? await follower.begin(next) : await follower.read(next)
    const { request, response, records } = answer
    if (!records) {
      options.onSkip(response.status)
      yield pageOf(response, { index, records: [], last: index === 0 && options.skippedIsEmpty })
      return
    }
    read += fresh.length
    const following = nextRequest(() => paginator.next(request, response, records) ?? endOf(read))
    const last = following.request === null && !following.error
    const total = paginator.total?.(response) ?? null
    if (last && total !== null && read < total) {
      options.doubt('TOTAL_NOT_REACHED', `the API counts ${total} records and returned ${read}`)
    }
    if (following.request) planAhead(following.request, answer, total)
    yield pageOf(response, { index, records: fresh, last, total, byNumber })
    if (following.error) throw following.error
    next = following.request
    index++
  }
}

function pageOf(
  { serverTime, nulsRemoved, bytes }: RestResponse,
  page: Pick<Page, 'index' | 'records' | 'last'> & Partial<Pick<Page, 'total' | 'byNumber'>>,
): Page {
  return { total: null, byNumber: false, ...page, serverTime, nulsRemoved, bytes }
}

/** A list that can't be followed further fails after the page that was read, not instead of it. */
function nextRequest(find: () => RestRequest | null): {
  readonly request: RestRequest | null
  readonly error?: unknown
} {
  try {
    return { request: find() }
  } catch (error) {
    return { request: null, error }
  }
}

/** How Close and others say that an offset is too great, each with the greatest that is taken. */
const CAP_MESSAGES = [/max_skip\W{1,4}(\d+)/, /less than or equal to\W{1,4}(\d+)/i]

/** Statuses by which APIs refuse a cursor that they have given out themselves. */
const EXPIRED: ReadonlySet<unknown> = new Set([400, 404, 410, 422])

/** A first page has no offset that could be too great and no cursor, so its refusals are about something else. */
async function sendPage(
  request: RestRequest,
  { endpoint, send, paginator }: PagesOptions,
  index: number,
): Promise<RestResponse> {
  try {
    return await send(request)
  } catch (error) {
    if (index === 0 || !(error instanceof SluiceError)) throw error
    const { status } = error.details
    const cap = CAP_MESSAGES.map((pattern) => pattern.exec(error.message)?.[1]).find(Boolean)
    if (cap !== undefined && (status === 400 || status === 422)) {
      const words = `the API does not go beyond the first ${cap} records of a list`
      throw capped(endpoint, words, { max_offset: Number(cap) }, error)
    }
    if (paginator.byCursor && EXPIRED.has(status)) throw expired(endpoint, index, error)
    throw error
  }
}

/** What was asked for has not changed since the page before, but for the cursor. */
function expired(endpoint: string, index: number, cause: SluiceError): SluiceError {
  const message = `${endpoint}: the API no longer takes the cursor of page ${index + 1}: ${cause.message}`
  return new SluiceError('PAGINATION_EXPIRED', message, {
    cause,
    hint: 'cursors that expire before the next page is asked for need a list sorted by the cursor field (order: asc), which goes on from the bookmark, or smaller pages',
    details: { endpoint, page: index + 1, status: cause.details.status },
  })
}

function capped(
  endpoint: string,
  words: string,
  details: Readonly<Record<string, number>> = {},
  cause?: unknown,
): SluiceError {
  return new SluiceError('PAGINATION_CAPPED', `${endpoint}: ${words}`, {
    cause,
    hint: 'set incremental.window so that each range is a shorter list, or page by cursor or keyset',
    details: { endpoint, ...details },
  })
}

/** @throws SluiceError RESPONSE_UNSUCCESSFUL when the body holds an error, SELECTOR_MISSING */
function selectRecords(
  body: JsonValue,
  { endpoint, select, successPath }: PagesOptions,
): readonly JsonRecord[] {
  const success = successPath === undefined ? undefined : compileGet(successPath)(body)
  if (success === false || success === 'false' || success === 0) {
    throw unsuccessful(endpoint, `${successPath}: ${success}`, body)
  }
  try {
    const records = select(body)
    if (records.length > 0 || !saysError(body)) return records
  } catch (error) {
    if (!saysError(body)) throw error
  }
  throw unsuccessful(endpoint, 'an error', body)
}

function unsuccessful(endpoint: string, what: string, body: JsonValue): SluiceError {
  const text = stringifyJson(body).slice(0, 200)
  return new SluiceError(
    'RESPONSE_UNSUCCESSFUL',
    `${endpoint}: the API answered ${what}: ${text}`,
    {
      hint: 'the status was a success but the body says otherwise',
      details: { endpoint },
    },
  )
}
