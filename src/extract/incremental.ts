import { SluiceError } from '../core/errors.ts'
import type { JsonRecord, JsonValue } from '../core/json.ts'
import { compileGet } from '../core/path.ts'
import type { IncrementalConfig } from './config.ts'
import { comparePositions, createCursor, type Cursor, type Position } from './cursor.ts'
import { createSeen, type SeenState } from './seen.ts'

/** The bookmark of an incremental endpoint: plain JSON, so that a person can read and set it. */
export type IncrementalState = {
  /** Everything up to here has been read and committed; null when no record had a cursor yet. */
  readonly cursor: string | number | bigint | null
  /** Where the first run started: an earlier `start_date` later on leaves a gap that must be said. */
  readonly since?: string | number | bigint
  /** Only with `append`: records at the bookmark that the next run must not append again. */
  readonly seen?: SeenState
}

export interface IncrementalOptions {
  readonly endpoint: string
  readonly config: IncrementalConfig
  readonly state: JsonRecord | null
  /** The pipeline's `start_date`. */
  readonly startDate: string | null
  /** When the walk began, as a canonical timestamp: the bookmark never moves past it. */
  readonly startedAt: string
  /** Whether a record may be written only once, so that those at the bookmark must be recognised. */
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
  /** The position the run starts from before lookback, as it is shown to people; null without one. */
  readonly from: Position | null
  /** Where this pipeline should have started but never did, when `start_date` was moved back. */
  readonly gapFrom: Position | null
  /** Filters one page and notes how far it reaches. `serverTime` is the server's clock in epoch ms, if known. */
  accept(records: readonly JsonRecord[], serverTime: number | null): AcceptedPage
  /** The bookmark that may be committed with the page just accepted, before the read is complete. */
  progress(): IncrementalState | null
  /** The bookmark after a complete read; null when there is nothing to remember yet. */
  final(): IncrementalState | null
  /** Records without the cursor field, and what became of them. */
  readonly missing: () => number
}

/** Starts one incremental read. Throws CURSOR_INVALID when the stored or configured start can't be read. */
export function createIncremental(options: IncrementalOptions): Incremental {
  const { config, state } = options
  const cursor = createCursor(config.format)
  const get = compileGet(config.cursor_path)
  const bookmark = readBookmark(cursor, state, options.endpoint)
  const initial = readInitial(cursor, options)
  const from = bookmark ?? initial
  const lower = lowerBound(cursor, config, bookmark, initial)
  const sent = lower === null ? null : exclusive(config) ? cursor.before(lower) : lower
  // What the API was really asked for is coarser than the bookmark when its format is.
  const floor = lower === null ? null : cursor.floor(sent ?? lower)
  const seen = options.once ? createSeen(readSeen(state), options.primaryKey) : null

  let newest: Position | null = bookmark
  let newestBefore: Position | null = bookmark
  let startedAt: Position = options.startedAt
  let inOrder = config.order !== 'none'
  let last: Position | null = null
  let filterFailed = !options.filtered || config.client_side
  let missing = 0
  let unreadable: SluiceError | null = null
  const since = readSince(cursor, state) ?? initial

  /** The position of a record; one whose cursor can't be read is treated as one without it. */
  function positionOf(record: JsonRecord): Position | null {
    try {
      return cursor.position(get(record))
    } catch (error) {
      unreadable ??= error as SluiceError
      return null
    }
  }

  function checkOrder(position: Position): void {
    if (inOrder && last !== null) {
      const step = comparePositions(position, last)
      if (config.order === 'asc' ? step < 0 : step > 0) {
        inOrder = false
        options.warn(
          'ORDER_BROKEN',
          `the API does not sort by ${config.cursor_path} ${config.order}: ${String(position)} comes after ${String(last)}; everything is read and the bookmark moves at the end`,
        )
      }
    }
    last = position
  }

  function isWanted(record: JsonRecord): { wanted: boolean; old: boolean } {
    const position = positionOf(record)
    if (position === null) {
      missing++
      if (config.on_missing === 'fail') throw missingCursor(options.endpoint, config.cursor_path)
      const repeated = seen?.known('', record) ?? false
      return { wanted: config.on_missing === 'load' && !repeated, old: false }
    }
    checkOrder(position)
    if (floor !== null && comparePositions(position, floor) < 0) {
      if (!filterFailed) {
        filterFailed = true
        options.warn(
          'FILTER_IGNORED',
          `the API returned ${config.cursor_path} ${String(position)} although ${String(floor)} was asked for; Sluice filters by itself from here on`,
        )
      }
      return { wanted: false, old: true }
    }
    if (newest === null || comparePositions(position, newest) > 0) newest = position
    return { wanted: !(seen?.known(String(position), record) ?? false), old: false }
  }

  function stateAt(position: Position | null): IncrementalState | null {
    const capped = position === null ? null : cap(cursor, position, startedAt, bookmark)
    const remembered = seen?.state((at) => {
      if (at === '' || capped === null) return true
      const parsed = cursor.position(at)
      return parsed !== null && comparePositions(parsed, cursor.minus(capped, config.lookback)) >= 0
    })
    if (capped === null && Object.keys(remembered ?? {}).length === 0) return null
    return {
      cursor: capped,
      ...(since === null ? {} : { since }),
      ...(remembered ? { seen: remembered } : {}),
    }
  }

  return {
    start: sent === null ? undefined : cursor.format(sent, 'lower'),
    from,
    gapFrom:
      bookmark !== null &&
      initial !== null &&
      since !== null &&
      comparePositions(initial, since) < 0
        ? initial
        : null,
    accept(records, serverTime) {
      // A server whose clock is behind ours stamps records "later" than our start with earlier times.
      if (serverTime !== null && cursor.kind === 'time') {
        const server = cursor.position(new Date(serverTime).toISOString())!
        if (comparePositions(server, startedAt) < 0) startedAt = server
      }
      newestBefore = newest
      let old = 0
      const missingBefore = missing
      const wanted = records.filter((record) => {
        const verdict = isWanted(record)
        if (verdict.old) old++
        return verdict.wanted
      })
      if (unreadable && missing - missingBefore === records.length) {
        throw new SluiceError('CURSOR_INVALID', `${options.endpoint}: ${unreadable.message}`, {
          cause: unreadable,
          hint: unreadable.hint,
        })
      }
      const exhausted = config.order === 'desc' && inOrder && old > 0 && old === records.length
      return { records: wanted, exhausted }
    },
    progress() {
      if (config.order !== 'asc' || !inOrder) return null
      return newest === newestBefore && !seen ? null : stateAt(newest)
    },
    final: () => stateAt(newest),
    missing: () => missing,
  }
}

function readBookmark(cursor: Cursor, state: JsonRecord | null, endpoint: string): Position | null {
  if (state === null || state.cursor === undefined) return null
  try {
    return cursor.position(state.cursor)
  } catch (cause) {
    throw new SluiceError(
      'CURSOR_INVALID',
      `${endpoint}: the stored bookmark ${JSON.stringify(state.cursor)} does not fit incremental.format`,
      {
        cause,
        hint: `set it with "sluice state set", or start over with "sluice sync -e ${endpoint} --full-refresh"`,
      },
    )
  }
}

function readSince(cursor: Cursor, state: JsonRecord | null): Position | null {
  return state?.since === undefined ? null : cursor.position(state.since)
}

function readInitial(cursor: Cursor, { config, startDate }: IncrementalOptions): Position | null {
  const configured = config.initial_value ?? (cursor.kind === 'time' ? startDate : null)
  return configured === null || typeof configured === 'boolean' ? null : cursor.position(configured)
}

function lowerBound(
  cursor: Cursor,
  config: IncrementalConfig,
  bookmark: Position | null,
  initial: Position | null,
): Position | null {
  if (bookmark === null) return initial
  const reread = cursor.minus(bookmark, config.lookback)
  return initial !== null && comparePositions(reread, initial) < 0
    ? minPosition(initial, bookmark)
    : reread
}

function minPosition(a: Position, b: Position): Position {
  return comparePositions(a, b) < 0 ? a : b
}

/** The furthest a bookmark may go: not past the start of the read, and never back. */
function cap(
  cursor: Cursor,
  position: Position,
  startedAt: Position,
  bookmark: Position | null,
): Position {
  if (cursor.kind !== 'time') return position
  const capped = minPosition(position, startedAt)
  return bookmark !== null && comparePositions(capped, bookmark) < 0 ? bookmark : capped
}

/** Whether the API leaves out records at the lower bound itself, by the parameter's suffix unless configured. */
function exclusive({ inclusive, param_name: name }: IncrementalConfig): boolean {
  if (inclusive !== undefined) return !inclusive
  if (name === undefined || /(?:gte|>=)\]?$/.test(name)) return false
  return /(?:gt|>)\]?$/.test(name)
}

function readSeen(state: JsonRecord | null): SeenState {
  return (state?.seen ?? {}) as SeenState
}

function missingCursor(endpoint: string, path: string): SluiceError {
  return new SluiceError('CURSOR_MISSING', `${endpoint}: a record has no ${path}`, {
    hint: 'set incremental.on_missing to load or skip to read such records anyway',
  })
}
