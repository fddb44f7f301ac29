import { comparePositions, type Cursor, type Position } from './cursor.ts'
import { mergeWindows, subtractWindow, windowEnd, type Window } from './windows.ts'

/** A window that is bounded on both sides. */
export interface Range extends Window {
  readonly from: Position
  readonly to: Position
}

/** What the ledger of one list says before a backfill. */
export interface Ledger {
  readonly done: readonly Range[]
  readonly planned: readonly Range[]
}

export interface LedgerPlan {
  /** What is to be read, oldest first. */
  readonly windows: readonly Range[]
  /** What has to be changed in the ledger so that these, and none that overlaps them, are planned. */
  readonly updates: readonly (Range & { readonly status: 'planned' | 'removed' })[]
}

/**
 * Plans the windows of a range that are not done yet. What an earlier backfill planned within the range stays as it is:
 * it may have been split already.
 *
 * @param sizeMs length of a window; null for one that is as long as what is left
 */
export function planLedger(
  cursor: Cursor,
  range: Range,
  { done, planned }: Ledger,
  sizeMs: number | null,
): LedgerPlan {
  const kept = planned.filter((window) => isInside(window, range))
  const cut = planned.filter((window) => !isInside(window, range) && overlaps(window, range))
  const outside = cut.flatMap((window) => subtractWindow([window], range)) as Range[]
  const open = [...done, ...kept].reduce<readonly Window[]>(subtractWindow, [range]) as Range[]
  const added = open.flatMap((window) => chop(cursor, window, sizeMs))
  return {
    windows: [...kept, ...added].sort((a, b) => comparePositions(a.from, b.from)),
    updates: [
      ...cut.map((window) => ({ ...window, status: 'removed' as const })),
      ...[...outside, ...added].map((window) => ({ ...window, status: 'planned' as const })),
    ],
  }
}

/** Everything that is done, as few ranges. */
export function doneRanges({ done }: Ledger): readonly Window[] {
  return mergeWindows(done)
}

function chop(cursor: Cursor, { from, to }: Range, sizeMs: number | null): Range[] {
  const windows: Range[] = []
  for (let begin = from; comparePositions(begin, to) < 0;) {
    const next = sizeMs === null ? to : windowEnd(cursor, begin, sizeMs)
    const end = comparePositions(next, to) < 0 ? next : to
    windows.push({ from: begin, to: end })
    begin = end
  }
  return windows
}

function isInside(window: Range, range: Range): boolean {
  return (
    comparePositions(window.from, range.from) >= 0 && comparePositions(window.to, range.to) <= 0
  )
}

function overlaps(window: Range, range: Range): boolean {
  return comparePositions(window.from, range.to) < 0 && comparePositions(window.to, range.from) > 0
}
