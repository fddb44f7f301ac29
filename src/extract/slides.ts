import { millisToTimestamp } from '../core/time.ts'
import { earlier } from './bounds.ts'
import { comparePositions, type Position } from './cursor.ts'
import type { Horizon } from './horizon.ts'

/**
 * An ascending list by page number from which a record goes to the end when it is edited: those behind it each move
 * up by one, and the first of a page to the page before, which has been read. The total stays as it was. What tells is
 * the edited record itself, which is met at the end with a time later than the start of the read.
 */
export interface Slides {
  /** A record of the read. */
  record(position: Position): void
  /** A page, with the newest position so far. */
  page(
    newest: Position | null,
    answer: { readonly serverTime: number | null; readonly byNumber: boolean },
  ): void
  /** Whether pages have been read that such a record may be missing from. */
  possible(): boolean
  /** Up to where no record can be missing; undefined when nothing changed during the read. */
  safe(): Position | null | undefined
}

/** The server's clock is told in whole seconds. */
const CLOCK_STEP_MS = 1000

export function createSlides(horizon: Horizon): Slides {
  /** Up to where the pages had come that were answered before anything can have changed, by when they were. */
  const pages: { readonly newest: Position | null; readonly answered: Position | null }[] = []
  let possible = false
  let changed: Position | null = null

  return {
    record(position) {
      if (comparePositions(position, horizon.at()) < 0) return
      changed = changed === null ? position : earlier(changed, position)
    },
    page(newest, { serverTime, byNumber }) {
      possible ||= byNumber
      const answered = serverTime === null ? null : millisToTimestamp(serverTime + CLOCK_STEP_MS)
      pages.push({ newest, answered })
    },
    possible: () => possible,
    safe() {
      if (!possible || changed === null) return undefined
      const [first, ...others] = pages
      let safe = first?.newest ?? null
      for (const { newest, answered } of others) {
        if (answered === null || comparePositions(answered, changed) > 0) break
        safe = newest ?? safe
      }
      return safe
    },
  }
}
