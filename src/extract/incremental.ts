import { SluiceError } from '../core/errors.ts'
import type { JsonRecord, JsonValue } from '../core/json.ts'
import { compileGet } from '../core/path.ts'
import { earlier, floorAfter, planBounds } from './bounds.ts'
import type { IncrementalConfig } from './config.ts'
import { comparePositions, createCursor, type Position } from './cursor.ts'
import { createOrderCheck } from './order-check.ts'
import { createSeen, type SeenState } from './seen.ts'

/** The bookmark of an incremental endpoint: plain JSON, so that a person can read and set it. */
export type IncrementalState = {
  /** Everything up to here has been read and committed; null when no record had a cursor yet. */
  readonly cursor: string | number | bigint | null
  /** Where the first run started: an earlier `start_date` later on leaves a gap that must be said. */
  readonly since?: string | number | bigint
  /** Only with `append`: what the next run must not append again. */
  readonly seen?: SeenState
  /** Only with `append`: `seen` is complete from here on; everything before has been appended. */
  readonly seen_from?: string | number | bigint
}

export interface IncrementalOptions {
  readonly endpoint: string
  readonly config: IncrementalConfig
  readonly state: JsonRecord | null
  /** The pipeline's `start_date`. */
  readonly startDate: string | null
  /** When the walk began, as a canonical timestamp: the bookmark never moves past it. */
  readonly startedAt: string
  /** Whether a record may be written only once, so that those read again must be recognised. */
  readonly once: boolean
  readonly primaryKey: readonly string[]
  /** Whether a request carries the lower bound; otherwise Sluice does all the filtering. */
  readonly filtered: boolean
  readonly warn: (code: string, message: string) => void
}

/** What is left of one page. */
export interface AcceptedPage {
  readonly records: readonly JsonRecord[]
  /** The list is newest first and this page holds nothing new: no later page can. */
  readonly exhausted: boolean
}

/**
 * One incremental read of an endpoint or partition: the bounds to ask for, which records of each page are
 * wanted, and the bookmark that may be committed with them.
 */
export interface Incremental {
  /** The lower bound as the API wants it, or undefined on a first run without one. */
  readonly start: JsonValue | undefined
  /** Where this pipeline should have started but never did, when `start_date` was moved back. */
  readonly gapFrom: Position | null
  /** Filters one page and notes how far it reaches. `serverTime` is the server's clock in epoch ms, if known. */
  accept(records: readonly JsonRecord[], serverTime: number | null): AcceptedPage
  /** The bookmark that may be committed with the page just accepted, before the read is complete. */
  progress(): IncrementalState | null
  /** The bookmark after a complete read; null when there is nothing to remember yet. */
  final(): IncrementalState | null
  /** How many records had no cursor field, or one that can't be read. */
  readonly missing: () => number
}

type Verdict = 'new' | 'known' | 'old' | 'missing'

/** Starts one incremental read. Throws CURSOR_INVALID when the stored or configured start can't be read. */
export function createIncremental(options: IncrementalOptions): Incremental {
  const { config, state, endpoint, warn } = options
  const cursor = createCursor(config.format)
  const get = compileGet(config.cursor_path)
  const { bookmark, sent, floor, since, gapFrom } = planBounds(cursor, config, options)
  const seenBefore = (state?.seen ?? {}) as SeenState
  const seen = options.once
    ? createSeen(seenBefore, options.primaryKey, (text) => cursor.position(text))
    : null
  const isAppended = appendedBefore()
  const order = createOrderCheck(config.order, (position, before) =>
    warn(
      'ORDER_BROKEN',
      `the API does not sort by ${config.cursor_path} ${config.order}: ${String(position)} comes after ${String(before)}; everything is read and the bookmark moves at the end`,
    ),
  )

  let newest: Position | null = bookmark
  let moved = false
  let startedAt: Position = options.startedAt
  let filterFailed = !options.filtered || config.client_side
  let missing = 0
  let pages = 0
  let unreadable: SluiceError[] = []

  /** Whether a position lies before everything that `seen` knows: such records have all been appended. */
  function appendedBefore(): (position: Position) => boolean {
    if (!seen || bookmark === null) return () => false
    const from = state?.seen_from === undefined ? null : cursor.position(state.seen_from)
    // A bookmark without this knowledge comes from another write disposition, or was set by hand.
    if (from === null) return (position) => comparePositions(position, bookmark) <= 0
    return (position) => comparePositions(position, from) < 0
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
    if (position === null) {
      missing++
      if (config.on_missing === 'fail') throw missingCursor(endpoint, config.cursor_path)
      if (config.on_missing === 'skip') return 'missing'
      return seen?.known(null, record) ? 'known' : 'new'
    }
    order.add(position)
    if (floor !== null && comparePositions(position, floor) < 0) {
      noticeFilter(position, floor)
      return 'old'
    }
    if (newest === null || comparePositions(position, newest) > 0) {
      newest = position
      moved = true
    }
    // Noted in any case, so that what is remembered is complete for everything that was read.
    const known = seen?.known(position, record) ?? false
    return known || isAppended(position) ? 'known' : 'new'
  }

  function noticeFilter(position: Position, asked: Position): void {
    if (filterFailed) return
    filterFailed = true
    warn(
      'FILTER_IGNORED',
      `the API returned ${config.cursor_path} ${String(position)} although ${String(asked)} was asked for; Sluice filters by itself from here on`,
    )
  }

  /** The furthest the bookmark may go: not past the start of the read, and never back. */
  function reached(): Position | null {
    if (newest === null || cursor.kind !== 'time') return newest
    const capped = earlier(newest, startedAt)
    return bookmark !== null && comparePositions(capped, bookmark) < 0 ? bookmark : capped
  }

  function currentState(): IncrementalState | null {
    const position = reached()
    if (position === null && Object.keys(seen?.state() ?? {}).length === 0) return null
    const from = position === null ? null : floorAfter(cursor, config, position)
    return {
      cursor: position,
      ...(since === null ? {} : { since }),
      ...(seen ? { seen: seen.state() } : {}),
      ...(seen && from !== null ? { seen_from: from } : {}),
    }
  }

  return {
    start: sent === null ? undefined : cursor.format(sent, 'lower'),
    gapFrom,
    accept(records, serverTime) {
      // A server whose clock is behind ours stamps records "later" than our start with earlier times.
      if (pages++ === 0 && serverTime !== null && cursor.kind === 'time') {
        startedAt = earlier(cursor.position(new Date(serverTime).toISOString())!, startedAt)
      }
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
      if (seen && position !== null) seen.prune(floorAfter(cursor, config, position))
      const allOld = verdicts.length > 0 && verdicts.every((verdict) => verdict === 'old')
      return {
        records: records.filter((_, i) => verdicts[i] === 'new'),
        exhausted: config.order === 'desc' && order.isProven() && allOld,
      }
    },
    progress() {
      if (config.order !== 'asc' || !order.holds()) return null
      return moved || seen ? currentState() : null
    },
    final: currentState,
    missing: () => missing,
  }
}

function missingCursor(endpoint: string, path: string): SluiceError {
  return new SluiceError('CURSOR_MISSING', `${endpoint}: a record has no ${path}`, {
    hint: 'set incremental.on_missing to load or skip to read such records anyway',
  })
}
