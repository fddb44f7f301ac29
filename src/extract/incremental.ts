import { SluiceError } from '../core/errors.ts'
import type { JsonRecord, JsonValue } from '../core/json.ts'
import { compileGet } from '../core/path.ts'
import { earlier, floorAfter, later, lowerBound, readBookmark } from './bounds.ts'
import type { IncrementalConfig } from './config.ts'
import { comparePositions, type Cursor, type Position } from './cursor.ts'
import type { Horizon } from './horizon.ts'
import { createOrderCheck } from './order-check.ts'
import { readGaps, spellGaps, type Read } from './reads.ts'
import { createSeen, type SeenState } from './seen.ts'
import { createSlides } from './slides.ts'
import { isWithin, subtractWindow, type Window } from './windows.ts'

/** The bookmark of an incremental endpoint: plain JSON, so that a person can read and set it. */
export type IncrementalState = {
  /** Everything up to here has been read and committed, but for the gaps; null when no record had a cursor yet. */
  readonly cursor: string | number | bigint | null
  /** Only with `retention`: when everything was last read, to the end. */
  readonly read_at?: string
  /** Where the first run started: an earlier `start_date` later on leaves a gap that must be said. */
  readonly since?: string | number | bigint
  /** Windows that could not be read, as `{from, to}`; the next run tries again. */
  readonly gaps?: JsonRecord[]
  /** Only with `append`: what the next run must not append again. */
  readonly seen?: SeenState
  /** Only with `append`: `seen` is complete from here on; everything before has been appended. */
  readonly seen_from?: string | number | bigint
}

export interface IncrementalOptions {
  readonly endpoint: string
  readonly config: IncrementalConfig
  readonly cursor: Cursor
  /** What is read this time. */
  readonly read: Read
  readonly state: JsonRecord | null
  /** Where the first run started, for the bookmark. */
  readonly since: Position | null
  /** The bookmark never moves past it. */
  readonly horizon: Horizon
  /** Whether a record may be written only once, so that those read again must be recognised. */
  readonly once: boolean
  /** Ranges that have been appended apart from the bookmark. */
  readonly appended: readonly Window[]
  readonly primaryKey: readonly string[]
  /** Whether a request carries the bound; otherwise Sluice does all the filtering at that end. */
  readonly filtered: { readonly lower: boolean; readonly upper: boolean }
  readonly warn: (code: string, message: string) => void
}

/** How a page was got. */
export interface PageAnswer {
  /** The server's clock in epoch milliseconds, or null. */
  readonly serverTime: number | null
  /** Whether nothing but its number tells where in the list the page stands. */
  readonly byNumber: boolean
}

/** What is left of one page. */
export interface AcceptedPage {
  readonly records: readonly JsonRecord[]
  /** The list is sorted, and this page holds nothing that is wanted: no later page can. */
  readonly exhausted: boolean
}

/** What an API is asked for in one read. */
export interface AskedBounds {
  /** The lower bound as the API wants it; undefined for none. */
  readonly start: JsonValue | undefined
  /** The upper bound as the API wants it; undefined for none. */
  readonly end: JsonValue | undefined
  /** Whether the list goes on behind what is wanted of it, so that reading ends before the list does. */
  readonly mayEndEarly: boolean
}

/** @param filtered whether a request carries the bound; otherwise the API gives out what is beyond it, too */
export function askedBounds(
  cursor: Cursor,
  config: IncrementalConfig,
  { from, to }: Read,
  filtered: IncrementalOptions['filtered'],
): AskedBounds {
  const sent = from === null ? null : lowerBound(cursor, config, from)
  const { order, client_side: byUs } = config
  return {
    start: sent === null ? undefined : cursor.format(sent, 'lower'),
    end: to === null ? undefined : cursor.format(to, 'upper'),
    mayEndEarly:
      (order === 'desc' && from !== null && (byUs || !filtered.lower)) ||
      (order === 'asc' && to !== null && !filtered.upper),
  }
}

/**
 * The incremental side of one read of a list: which records of each page are wanted, and the bookmark that may be
 * committed with them.
 */
export interface Incremental {
  /** Filters one page and notes how far it reaches. */
  accept(records: readonly JsonRecord[], answer: PageAnswer): AcceptedPage
  /** The bookmark that may be committed with the page just accepted, before the read is complete. */
  progress(): IncrementalState | null
  /** The bookmark after a complete read; null when there is nothing to remember yet. */
  final(): IncrementalState | null
  /** Whether all records came ascending by the cursor, as the endpoint says they do. */
  readonly isAscending: () => boolean
  /** How many records had no cursor field, or one that can't be read. */
  readonly missing: () => number
}

type Verdict = 'new' | 'known' | 'old' | 'beyond' | 'missing'

/** Starts one read. Throws CURSOR_INVALID when the stored bookmark can't be read. */
export function createIncremental(options: IncrementalOptions): Incremental {
  const { config, cursor, state, endpoint, read, horizon, warn } = options
  const get = compileGet(config.cursor_path)
  const bookmark = readBookmark(cursor, state, endpoint)
  const { from, to } = read
  const exact = read.kind !== 'first'
  const moves = read.kind === 'first' || read.kind === 'next'
  const sent = from === null ? null : lowerBound(cursor, config, from)
  /** What the API was really asked for, as the format rounds it: older records were not asked for. */
  const asked = sent === null ? null : cursor.floor(sent)
  const askedTo = to === null ? null : cursor.ceil(to)
  const seen = options.once
    ? createSeen((state?.seen ?? {}) as SeenState, options.primaryKey, (text) =>
        cursor.position(text),
      )
    : null
  const isAppended = appendedBefore()
  const order = createOrderCheck(config.order, (position, before) =>
    warn(
      'ORDER_BROKEN',
      `the API does not sort by ${config.cursor_path} ${config.order}: ${String(position)} comes after ${String(before)}; everything is read and the bookmark moves at the end`,
    ),
  )

  const slides = config.order === 'asc' && cursor.kind === 'time' ? createSlides(horizon) : null
  let newest: Position | null = bookmark
  let moved = false
  let progressed = false
  let isDone = false
  let filterFailed = {
    lower: !options.filtered.lower || config.client_side,
    upper: !options.filtered.upper,
  }
  let missing = 0
  let unreadable: SluiceError[] = []

  /** Whether a position lies where everything has been appended, and which `seen` does not know any more. */
  function appendedBefore(): (position: Position) => boolean {
    if (!seen) return () => false
    const elsewhere = (position: Position) =>
      options.appended.some((window) => isWithin(position, window))
    if (bookmark === null || !moves) return elsewhere
    const known = state?.seen_from === undefined ? null : cursor.position(state.seen_from)
    // A bookmark without this knowledge comes from another write disposition, or was set by hand.
    return known === null
      ? (position) => comparePositions(position, bookmark) <= 0 || elsewhere(position)
      : (position) => comparePositions(position, known) < 0 || elsewhere(position)
  }

  /** The position of a record; one whose cursor can't be read is treated as one without it. */
  function positionOf(record: JsonRecord): Position | null {
    try {
      return cursor.position(get(record))
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      unreadable.push(error)
      return null
    }
  }

  function judge(record: JsonRecord): Verdict {
    const position = positionOf(record)
    if (position === null) return judgeMissing(record)
    order.add(position)
    if (asked !== null && comparePositions(position, asked) < 0) {
      noticeFilter('lower', position, asked)
      return 'old'
    }
    if (exact && from !== null && comparePositions(position, from) < 0) return 'old'
    if (to !== null && comparePositions(position, to) >= 0) {
      if (comparePositions(position, askedTo!) > 0) noticeFilter('upper', position, askedTo!)
      return 'beyond'
    }
    if (isAfterStart(position)) return 'beyond'
    slides?.record(position)
    if (newest === null || comparePositions(position, newest) > 0) {
      newest = position
      moved = true
    }
    // Noted in any case, so that what is remembered is complete for everything that was read.
    const known = seen?.known(position, record) ?? false
    return known || isAppended(position) ? 'known' : 'new'
  }

  /** What a backfill appends must lie before what its ledger can say to be done; the sync reads what comes after. */
  function isAfterStart(position: Position): boolean {
    const cut = read.kind === 'range' && options.once && cursor.kind === 'time'
    return cut && comparePositions(position, horizon.at()) >= 0
  }

  /** A record without a cursor lies in no range of it, so a sync's own reads alone bring it. */
  function judgeMissing(record: JsonRecord): Verdict {
    if (!moves) return 'missing'
    missing++
    if (config.on_missing === 'fail') throw missingCursor(endpoint, config.cursor_path)
    if (config.on_missing === 'skip') return 'missing'
    return seen?.known(null, record) ? 'known' : 'new'
  }

  function noticeFilter(side: 'lower' | 'upper', position: Position, bound: Position): void {
    if (filterFailed[side]) return
    filterFailed = { ...filterFailed, [side]: true }
    const words = side === 'lower' ? 'was asked for' : 'was to be the end'
    warn(
      'FILTER_IGNORED',
      `the API returned ${config.cursor_path} ${String(position)} although ${String(bound)} ${words}; Sluice filters by itself from here on`,
    )
  }

  /** The furthest the bookmark may go: not past the start of the read, and never back. */
  function reached(): Position | null {
    if (!moves || cursor.kind !== 'time') return moves ? newest : bookmark
    // A window that ends was read to its end, whatever its newest record is.
    const furthest = to ?? newest
    if (furthest === null) return null
    const capped = earlier(furthest, horizon.at())
    return bookmark !== null && comparePositions(capped, bookmark) < 0 ? bookmark : capped
  }

  /** As {@link reached}, but no further than where records may have slid out of sight. */
  function reachedSafely(): Position | null {
    const position = reached()
    if (position === null || to !== null || !isAscending()) return position
    const safe = slides?.safe()
    if (safe === undefined || (safe !== null && comparePositions(safe, position) >= 0))
      return position
    const last = safe !== null && bookmark !== null ? later(safe, bookmark) : (safe ?? bookmark)
    warn(
      'LIST_SHIFTED',
      `records changed while the list was read by page numbers, and others may have moved to a page before: the next run reads on from ${String(last ?? 'the beginning')}`,
    )
    return last
  }

  /**
   * Whether no later page of this read can bring a record again. Where pages are not sorted, one with a key may come
   * twice, when the list shifts; one without is held apart by its place in the list.
   */
  function comesOnce(): boolean {
    return options.primaryKey.length === 0 || isAscending()
  }

  function isAscending(): boolean {
    return config.order === 'asc' && order.holds()
  }

  function stateAt(position: Position | null, gaps: readonly Window[]): IncrementalState | null {
    const others = [gaps, Object.keys(seen?.state() ?? {}), Object.keys(readAt())]
    if (position === null && others.every(({ length }) => length === 0)) return null
    const known = position === null ? null : floorAfter(cursor, config, position)
    return {
      cursor: position,
      ...(options.since === null ? {} : { since: options.since }),
      ...readAt(),
      ...(gaps.length > 0 ? { gaps: spellGaps(gaps) } : {}),
      ...(seen ? { seen: seen.state() } : {}),
      ...(seen && known !== null ? { seen_from: known } : {}),
    }
  }

  /** A list that shows nothing new is read all the same, and that tells whether the API can have dropped anything since. */
  function readAt(): { readonly read_at?: string } {
    if (config.retention === undefined || cursor.kind !== 'time') return {}
    const before = typeof state?.read_at === 'string' ? { read_at: state.read_at } : {}
    return isDone && moves && to === null ? { read_at: horizon.at() } : before
  }

  /** The gaps that a complete read leaves of those there were. */
  function gapsLeft(position: Position | null): readonly Window[] {
    const before = readGaps(cursor, state)
    if (before.length === 0 || read.kind === 'range') return before
    const begin = exact ? from : asked
    return subtractWindow(before, { from: begin, to: to ?? position ?? begin })
  }

  /** The bookmark as it was before the read. */
  function stateBefore(): IncrementalState {
    const since = options.since === null ? {} : { since: options.since }
    return { cursor: null, ...since, ...state }
  }

  return {
    accept(records, { serverTime, byNumber }) {
      horizon.note(serverTime)
      moved = false
      unreadable = []
      const verdicts = records.map(judge)
      const [invalid] = unreadable
      if (invalid && unreadable.length === records.length) {
        throw new SluiceError('CURSOR_INVALID', `${endpoint}: ${invalid.message}`, {
          cause: invalid,
          hint: invalid.hint,
        })
      }
      const position = reached()
      slides?.page(verdicts.length > 0 ? newest : null, { serverTime, byNumber })
      if (position !== null && !slides?.possible()) {
        seen?.prune(floorAfter(cursor, config, position), { mayReturn: !comesOnce() })
      }
      const all = (wanted: Verdict) =>
        verdicts.length > 0 && verdicts.every((verdict) => verdict === wanted)
      return {
        records: records.filter((_, i) => verdicts[i] === 'new'),
        exhausted:
          order.isProven() &&
          ((config.order === 'desc' && all('old')) || (config.order === 'asc' && all('beyond'))),
      }
    },
    progress() {
      if (to !== null || !moves || slides?.possible()) return null
      if (!isAscending()) {
        // The bookmark has passed records that are still to come. What was appended can't be taken back.
        if (!progressed || seen) return null
        progressed = false
        return stateBefore()
      }
      if (!moved && !seen) return null
      progressed = true
      return stateAt(reached(), readGaps(cursor, state))
    },
    final() {
      isDone = true
      const position = reachedSafely()
      // Where records may have slid, nothing was forgotten before.
      if (position !== null) seen?.prune(floorAfter(cursor, config, position))
      return stateAt(position, gapsLeft(position))
    },
    isAscending,
    missing: () => missing,
  }
}

function missingCursor(endpoint: string, path: string): SluiceError {
  return new SluiceError('CURSOR_MISSING', `${endpoint}: a record has no ${path}`, {
    hint: 'set incremental.on_missing to load or skip to read such records anyway',
  })
}
