import { SluiceError } from '../core/errors.ts'
import type { JsonRecord } from '../core/json.ts'
import type { IncrementalConfig } from './config.ts'
import { comparePositions, type Cursor, type Position } from './cursor.ts'

/** Where the incremental read of one list starts. All positions are null where there is none. */
export interface Bounds {
  /** The first record to be read: the bookmark less the lookback, or where the first run starts. */
  readonly lower: Position | null
  /** Where the first run started. */
  readonly since: Position | null
  /** Where this run would start by its configuration, when that is before {@link Bounds.since}. */
  readonly gapFrom: Position | null
}

/** @throws SluiceError CURSOR_INVALID when the stored or configured start can't be read */
export function planBounds(
  cursor: Cursor,
  config: IncrementalConfig,
  start: {
    readonly endpoint: string
    readonly state: JsonRecord | null
    readonly startDate: string | null
  },
): Bounds {
  const { state, startDate } = start
  const bookmark = readBookmark(cursor, state, start.endpoint)
  const configured = config.initial_value ?? (cursor.kind === 'time' ? startDate : null)
  const initial =
    configured === null || typeof configured === 'boolean' ? null : cursor.position(configured)
  const since = (state?.since === undefined ? null : cursor.position(state.since)) ?? initial
  const moved = bookmark !== null && initial !== null && since !== null
  return {
    lower: bookmark === null ? initial : reread(cursor, config, bookmark, initial),
    since,
    gapFrom: moved && comparePositions(initial, since) < 0 ? initial : null,
  }
}

/** What the API is asked for so that it returns everything from `lower` on. */
export function lowerBound(cursor: Cursor, config: IncrementalConfig, lower: Position): Position {
  return isExclusive(config) ? cursor.before(lower) : lower
}

/** The earliest record that a run asks for whose bookmark is at `position`. */
export function floorAfter(
  cursor: Cursor,
  config: IncrementalConfig,
  position: Position,
): Position {
  const lower = cursor.minus(position, config.lookback)
  return cursor.floor(lowerBound(cursor, config, lower))
}

/** Whether the API leaves out records at the lower bound itself, by the parameter's suffix unless configured. */
export function isExclusive({ inclusive, param_name: name }: IncrementalConfig): boolean {
  if (inclusive !== undefined) return !inclusive
  if (name === undefined || /(?:gte|>=)\]?$/.test(name)) return false
  return /(?:gt|>)\]?$/.test(name)
}

export function earlier(a: Position, b: Position): Position {
  return comparePositions(a, b) < 0 ? a : b
}

export function later(a: Position, b: Position): Position {
  return comparePositions(a, b) < 0 ? b : a
}

/** The bookmark less the lookback, but not before the first run's start. */
function reread(
  cursor: Cursor,
  config: IncrementalConfig,
  bookmark: Position,
  initial: Position | null,
): Position {
  const position = cursor.minus(bookmark, config.lookback)
  const tooEarly = initial !== null && comparePositions(position, initial) < 0
  return tooEarly ? earlier(initial, bookmark) : position
}

/** The position of a stored bookmark; null for none. Throws CURSOR_INVALID when it does not fit the format. */
export function readBookmark(
  cursor: Cursor,
  state: JsonRecord | null,
  endpoint: string,
): Position | null {
  if (state === null || state.cursor === undefined) return null
  try {
    return cursor.position(state.cursor)
  } catch (cause) {
    throw new SluiceError(
      'CURSOR_INVALID',
      `${endpoint}: the stored bookmark ${JSON.stringify(state.cursor)} does not fit incremental.format`,
      {
        cause,
        hint: `start over with "sluice sync <pipeline> -e ${endpoint} --full-refresh"`,
      },
    )
  }
}
