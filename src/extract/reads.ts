import { isRecord, type JsonRecord } from '../core/json.ts'
import { earlier, floorAfter, lowerBound, readBookmark, type Bounds } from './bounds.ts'
import type { IncrementalConfig } from './config.ts'
import { comparePositions, type Cursor, type Position } from './cursor.ts'
import { mergeWindows, subtractWindow, windowEnd, type Window } from './windows.ts'

/**
 * One range of the cursor that is read as a unit.
 *
 * - `first`: from the bookmark on; older records that the API's rounding brings are taken too, they may be late ones
 * - `next`: follows on another, so it is taken exactly
 * - `gap`: what an earlier run could not read; the bookmark stays where it is
 * - `range`: of a backfill, which has no bookmark
 */
export interface Read extends Window {
  readonly kind: 'first' | 'next' | 'gap' | 'range'
}

/** The reads of one list, in the order in which they are to be made. */
export interface ReadQueue {
  /** The next read; null when there is none left. */
  take(): Read | null
  /** The reads that would be taken next, at most `count`. */
  peek(count: number): readonly Read[]
  /** Puts the parts of a read that was too large before all others. */
  putBack(parts: readonly Read[]): void
  /** How many are left, as far as planned. */
  left(): number
}

export interface ReadPlan {
  readonly cursor: Cursor
  readonly config: IncrementalConfig
  readonly bounds: Bounds
  readonly state: JsonRecord | null
  /** When the run began: no window ends later. */
  readonly until: Position
}

/**
 * Plans the reads of a sync, oldest first: the gaps of earlier runs, then from the bookmark on, in windows where
 * they are configured. The last read is open: records dated in the future are taken as well.
 */
export function planReads(plan: ReadPlan): ReadQueue {
  const { cursor, config, bounds, until } = plan
  const queue = gapsToRead(plan).map((gap): Read => ({ ...gap, kind: 'gap' }))
  let from = bounds.lower
  let kind: Read['kind'] | null = 'first'

  function nextWindow(): Read | null {
    if (kind === null) return null
    const size = config.window?.size
    const to = size === undefined || from === null ? null : windowEnd(cursor, from, size)
    const read: Read = {
      kind,
      from,
      to: to !== null && comparePositions(to, until) < 0 ? to : null,
    }
    from = read.to
    kind = read.to === null ? null : 'next'
    return read
  }

  return {
    take: () => queue.shift() ?? nextWindow(),
    peek(count) {
      while (queue.length < count) {
        const read = nextWindow()
        if (!read) break
        queue.push(read)
      }
      return queue.slice(0, count)
    },
    putBack: (parts) => void queue.unshift(...parts),
    left: () => queue.length + (kind === null ? 0 : countWindows(from, until, config.window?.size)),
  }
}

/** The reads of a backfill: windows that are planned already. */
export function queueReads(windows: readonly Window[]): ReadQueue {
  const queue = windows.map((window): Read => ({ ...window, kind: 'range' }))
  return {
    take: () => queue.shift() ?? null,
    peek: (count) => queue.slice(0, count),
    putBack: (parts) => void queue.unshift(...parts),
    left: () => queue.length,
  }
}

/** The gaps of a stored bookmark. */
export function readGaps(cursor: Cursor, state: JsonRecord | null): readonly Window[] {
  const gaps = Array.isArray(state?.gaps) ? state.gaps.filter(isRecord) : []
  return mergeWindows(
    gaps.map(({ from, to }) => ({ from: cursor.position(from), to: cursor.position(to) })),
  )
}

/** What of the gaps is not read anyway, because it lies before the bookmark and what is read again with it. */
function gapsToRead({ cursor, config, bounds, state }: ReadPlan): readonly Window[] {
  const gaps = readGaps(cursor, state)
  if (gaps.length === 0 || bounds.lower === null) return gaps
  const asked = cursor.floor(lowerBound(cursor, config, bounds.lower))
  // Before this, an appending endpoint takes everything for known that is no gap.
  const known = state?.seen_from === undefined ? null : cursor.position(state.seen_from)
  const from = known !== null && comparePositions(known, asked) > 0 ? known : asked
  return subtractWindow(gaps, { from, to: null })
}

/** What the bookmark says once a window could not be read: it goes on behind it and remembers the gap. */
export function skipWindow(
  { cursor, config, state }: Pick<ReadPlan, 'cursor' | 'config' | 'state'>,
  window: Window & { readonly to: Position },
  list: { readonly endpoint: string; readonly horizon: Position; readonly once: boolean },
): JsonRecord {
  const bookmark = readBookmark(cursor, state, list.endpoint)
  const reached = earlier(window.to, list.horizon)
  const moved = bookmark === null || comparePositions(bookmark, reached) < 0 ? reached : bookmark
  return {
    ...(list.once ? { seen: {} } : {}),
    ...state,
    ...(list.once ? { seen_from: floorAfter(cursor, config, moved) } : {}),
    cursor: moved,
    gaps: spellGaps(mergeWindows([...readGaps(cursor, state), window])),
  }
}

export function spellGaps(gaps: readonly Window[]): JsonRecord[] {
  return gaps.map(({ from, to }) => ({ from, to }))
}

function countWindows(from: Position | null, until: Position, size: number | undefined): number {
  if (size === undefined || from === null || size <= 0) return 1
  const span = Date.parse(until as string) - Date.parse(from as string)
  return Math.max(1, Math.ceil(span / size))
}
