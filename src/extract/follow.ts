import { isDeepStrictEqual } from 'node:util'
import { SluiceError } from '../core/errors.ts'
import { stringifyJson, type JsonRecord } from '../core/json.ts'
import type { Logger } from '../core/log.ts'
import type { Counting, Paginator } from '../http/pagination/paginator.ts'
import type { RestRequest, RestResponse } from '../http/types.ts'
import type { KeyOf } from './identity.ts'
import type { LoopGuard } from './loop-guard.ts'
import { afterOverlap, afterTail, afterTailByKey, type Place } from './place.ts'

/** One request that was answered, and the records in the answer; null for a status that is skipped. */
export interface Answer {
  readonly request: RestRequest
  readonly response: RestResponse
  readonly records: readonly JsonRecord[] | null
}

/** The next page of a list, as it fits to what was read before. */
export interface NextPage {
  /** What the paginator goes on from. */
  readonly answer: Answer
  /** The records of the page that have not been read yet. */
  readonly fresh: readonly JsonRecord[]
  /** Whether nothing but its number tells where in the list the page stands. */
  readonly byNumber?: boolean
}

export interface FollowOptions {
  readonly endpoint: string
  readonly paginator: Paginator
  readonly ask: (request: RestRequest) => Promise<Answer>
  readonly loops: LoopGuard
  readonly keyOf: KeyOf
  /** Whether a record may be handed on twice, because it is written by its key. */
  readonly upserted: boolean
  readonly log: Logger
  /** Says in the summary that records may be missing. */
  readonly doubt: (code: string, message: string) => void
  /** Called when a page that nothing but its number places shows that records have moved: others may have, too. */
  readonly onRepeat: () => void
}

/** Reads the pages of one list, the first excepted, so that none is lost when the list shifts meanwhile. */
export interface Follower {
  /** The first page. */
  begin(first: RestRequest): Promise<NextPage>
  /** Any other page. @throws SluiceError PAGINATION_DRIFT when the place in the list can't be found again */
  read(next: RestRequest): Promise<NextPage>
  /** How the list goes on after the page read last, if all pages are as long; null where that can't be told. */
  outlook(): Outlook | null
}

/** What is to be expected of a counted list. */
export interface Outlook {
  /** How many new records each page brings. */
  readonly size: number
  /** Whether each page shows by itself that none was lost before it. */
  readonly overlaps: boolean
  /** The n-th request from here, `next` being the paginator's; null where the API does not go so far. */
  requestAfter(next: RestRequest, n: number): RestRequest | null
}

/** So many times in a row a page does not fit to the one before it until a list is called unstable. */
const MAX_MISFITS = 20
/** Answers that overtake each other are not further apart than so many pages. */
const RECENT_PAGES = 16
/** Lists from which more than so many pages vanish between two requests can't be followed. */
const MAX_PAGES_BACK = 3

/**
 * A list that is read by counting (`offset`, `page`) shifts when a record before the reader's place is edited,
 * added or deleted, and the reader passes over others without noticing. So each page begins with the last
 * record of the page before, where the paginator can ask for that; where it can not, the list's total tells that
 * something has shifted. The place is then looked for from one page back.
 */
export function createFollower(options: FollowOptions): Follower {
  const { endpoint, paginator, ask, loops, keyOf, upserted, log, doubt, onRepeat } = options
  let tail: readonly JsonRecord[] = []
  let total: number | null = null
  /** What the records are called of the last pages that nothing but their number places. */
  const recent: ReadonlySet<string>[] = []
  let overlaps = true
  /** After a place was found again: what had been read then, of which some may stand behind that place. */
  let behind: ReadonlySet<string> | null = null
  let misfits = 0
  let saidUnseen = false
  /** The API puts something into each record that is another in each answer, such as the time. */
  let neverTwiceAlike = false

  const namesOf = (records: readonly JsonRecord[]) =>
    new Set(records.map((record) => keyOf(record) ?? stringifyJson(record)))
  const place = (): Place => ({ tail, keyOf, upserted })

  function note(answer: Answer): void {
    tail = answer.records ?? []
    total = paginator.total?.(answer.response) ?? null
  }

  /** Takes a page that is another than those before, of which these records are new. */
  function advance(answer: Answer, records: readonly JsonRecord[]): NextPage {
    if (answer.records) loops.page(answer.records)
    const fresh = notBehind(records)
    behind = null
    note(answer)
    return { answer, fresh }
  }

  function notBehind(records: readonly JsonRecord[]): readonly JsonRecord[] {
    const known = behind
    return known === null ? records : records.filter((record) => !known.has(stringifyJson(record)))
  }

  /** Goes back page by page until it finds where reading stopped. */
  async function findPlace(counting: Counting, next: RestRequest): Promise<NextPage> {
    const answers: Answer[] = []
    for (let pages = 1; pages <= MAX_PAGES_BACK; pages++) {
      const back = counting.back(next, tail.length * pages)
      if (!back) break
      loops.reset()
      const answer = await ask(back)
      if (!answer.records) break
      const find = neverTwiceAlike ? afterTailByKey : afterTail
      const fresh = find(place(), answer.records)
      if (fresh) return goOn(answer, fresh)
      answers.push(answer)
    }
    const [nearest] = answers
    const fresh = nearest?.records && afterTailByKey(place(), nearest.records)
    if (!fresh) throw drift(endpoint)
    neverTwiceAlike = true
    return goOn(nearest, fresh)
  }

  function goOn(answer: Answer, found: readonly JsonRecord[]): NextPage {
    if (++misfits > MAX_MISFITS) throw drift(endpoint)
    log.info(`${endpoint}: the list shifted while it was read; its place was found again`)
    // What was asked for since then may have to be asked for again.
    loops.reset()
    const fresh = notBehind(found)
    behind = new Set([...(behind ?? []), ...[...tail, ...answer.records!].map(stringifyJson)])
    note(answer)
    return { answer, fresh }
  }

  /** With how many records of the page before the next one is asked for. */
  function overlapOf(counting: Counting): number {
    return overlaps ? Math.min(counting.overlap, tail.length - 1) : 0
  }

  /** A page that begins with the end of the one before; null when the API can't be asked for that. */
  async function readOverlapping(counting: Counting, next: RestRequest): Promise<NextPage | null> {
    const overlap = overlapOf(counting)
    const lapped = overlap > 0 ? counting.back(next, overlap) : null
    if (!lapped) return null
    const answer = await askLapped(lapped)
    if (!answer) return null
    const { records } = answer
    if (!records) return { answer, fresh: [] }
    const fresh = afterOverlap(place(), records, { overlap, byKey: neverTwiceAlike })
    if (!fresh) return findPlace(counting, next)
    misfits = 0
    // Nothing but what was read before is what an empty page is to others.
    if (records.length <= overlap)
      return { answer: { ...answer, request: next, records: [] }, fresh }
    return fresh.length > 0 ? advance(answer, fresh) : { answer, fresh }
  }

  /** Null from an API that takes only multiples of the page size: one refuses, another answers with the same page. */
  async function askLapped(lapped: RestRequest): Promise<Answer | null> {
    try {
      const answer = await ask(lapped)
      if (!answer.records || !isDeepStrictEqual(answer.records, tail)) return answer
    } catch (error) {
      const status = error instanceof SluiceError ? error.details.status : undefined
      if (status !== 400 && status !== 422) throw error
    }
    overlaps = false
    return null
  }

  /** A page that is not there: the list has become shorter. */
  async function askCounted(counting: Counting, next: RestRequest): Promise<Answer | null> {
    try {
      return await ask(next)
    } catch (error) {
      const isGone = error instanceof SluiceError && error.details.status === 404
      if (!isGone || !counting.back(next, tail.length)) throw error
      return null
    }
  }

  async function readCounted(counting: Counting, next: RestRequest): Promise<NextPage> {
    const answer = await askCounted(counting, next)
    if (!answer) return findPlace(counting, next)
    if (!answer.records) return { answer, fresh: [] }
    const before = total
    const now = paginator.total?.(answer.response) ?? null
    if (now === null && !saidUnseen) {
      saidUnseen = true
      doubt(
        'DRIFT_UNSEEN',
        'read by counting pages, and the API gives no total: records that move from one page to another meanwhile can not be noticed',
      )
    }
    if (before !== null && now !== null && before !== now) {
      if (counting.back(next, tail.length)) return findPlace(counting, next)
      doubt('LIST_SHIFTED', `the total went from ${before} to ${now} while the list was read`)
    }
    if (isRepeated(answer.records)) onRepeat()
    return advance(answer, answer.records)
  }

  /** Whether records have moved on from a page before: one that was asked for earlier may then lack others. */
  function isRepeated(records: readonly JsonRecord[]): boolean {
    if (recent.length === 0) recent.push(namesOf(tail))
    const names = namesOf(records)
    const isKnown = recent.some((page) => [...names].some((name) => page.has(name)))
    recent.push(names)
    if (recent.length > RECENT_PAGES) recent.shift()
    return isKnown
  }

  async function readPlain(next: RestRequest): Promise<NextPage> {
    const answer = await ask(next)
    return advance(answer, answer.records ?? [])
  }

  return {
    begin: readPlain,
    async read(next) {
      const counting = tail.length === 0 ? null : (paginator.counting?.() ?? null)
      if (!counting) return readPlain(next)
      const lapped = await readOverlapping(counting, next)
      return lapped ?? { ...(await readCounted(counting, next)), byNumber: true }
    },
    outlook() {
      const counting = tail.length === 0 ? null : (paginator.counting?.() ?? null)
      if (!counting?.forward) return null
      const overlap = overlapOf(counting)
      const size = tail.length - overlap
      return {
        size,
        overlaps: overlap > 0,
        requestAfter(next, n) {
          const first = overlap > 0 ? counting.back(next, overlap) : next
          return first && n > 1 ? counting.forward!(first, n - 1, size) : first
        },
      }
    },
  }
}

function drift(endpoint: string): SluiceError {
  return new SluiceError(
    'PAGINATION_DRIFT',
    `${endpoint}: the list changed while it was read, and the place where reading stopped can not be found again`,
    {
      hint: 'run again; if it comes back, the list has no stable order: have the API sort it (a sort parameter in params), or set pagination.overlap: 0 for an offset list to read it without this check',
      details: { endpoint },
    },
  )
}
