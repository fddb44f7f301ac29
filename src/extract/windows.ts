import { microsToTimestamp, nearestTimestamp, timestampToMicros } from '../core/time.ts'
import { comparePositions, type Cursor, type Position } from './cursor.ts'

/** A half-open range `[from, to)` of the cursor; null is open to that side. */
export interface Window {
  readonly from: Position | null
  readonly to: Position | null
}

/** Where a window that has no beginning is taken to begin when it has to be split: few records are older. */
const BEGINNING = '1970-01-01T00:00:00.000000Z'

/** The end of the window of `sizeMs` that begins at `from`, on a value that the format can spell exactly. */
export function windowEnd(cursor: Cursor, from: Position, sizeMs: number): Position {
  const end = cursor.floor(nearestTimestamp(micros(from) + millisToMicros(sizeMs)))
  return comparePositions(end, from) > 0 ? end : cursor.ceil(plusOne(from))
}

/**
 * A window in two halves; null when they would be shorter than `minMs`, or than the format can tell apart.
 *
 * @param until where a window that is open at the end is taken to end
 */
export function splitWindow(
  cursor: Cursor,
  { from, to }: Window,
  { minMs, until }: { readonly minMs: number; readonly until: Position },
): readonly [Window, Window] | null {
  const [begin, end] = [micros(from ?? BEGINNING), micros(to ?? until)]
  const [length, least] = [end - begin, millisToMicros(minMs)]
  if (length <= least) return null
  const half = length / 2n > least ? length / 2n : least
  const middle = cursor.floor(microsToTimestamp(begin + half))
  if (micros(middle) <= begin || micros(middle) >= end) return null
  return [
    { from, to: middle },
    { from: middle, to },
  ]
}

/** Windows in order, those that overlap or touch made one. */
export function mergeWindows(windows: readonly Window[]): Window[] {
  const merged: Window[] = []
  const inOrder = windows.filter(isNotEmpty).sort((a, b) => compareBegins(a.from, b.from))
  for (const window of inOrder) {
    const last = merged.at(-1)
    if (last && (last.to === null || compareBegins(window.from, last.to) <= 0)) {
      merged[merged.length - 1] = { from: last.from, to: laterEnd(last.to, window.to) }
    } else {
      merged.push(window)
    }
  }
  return merged
}

/** What is left of windows when a range is taken away from them. */
export function subtractWindow(windows: readonly Window[], taken: Window): Window[] {
  return windows
    .flatMap(({ from, to }) => [
      ...(taken.from === null ? [] : [{ from, to: earlierEnd(to, taken.from) }]),
      ...(taken.to === null ? [] : [{ from: laterBegin(from, taken.to), to }]),
    ])
    .filter(isNotEmpty)
}

/** Whether a position lies in the window. */
export function isWithin(position: Position, { from, to }: Window): boolean {
  return (
    (from === null || comparePositions(position, from) >= 0) &&
    (to === null || comparePositions(position, to) < 0)
  )
}

function isNotEmpty({ from, to }: Window): boolean {
  return from === null || to === null || comparePositions(from, to) < 0
}

function compareBegins(a: Position | null, b: Position | null): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null)
  return comparePositions(a, b)
}

function laterBegin(begin: Position | null, other: Position): Position {
  return begin === null || comparePositions(other, begin) > 0 ? other : begin
}

function laterEnd(a: Position | null, b: Position | null): Position | null {
  if (a === null || b === null) return null
  return comparePositions(a, b) > 0 ? a : b
}

function earlierEnd(end: Position | null, other: Position): Position {
  return end === null || comparePositions(other, end) < 0 ? other : end
}

function micros(position: Position): bigint {
  return timestampToMicros(position as string)
}

function plusOne(position: Position): Position {
  return nearestTimestamp(micros(position) + 1n)
}

function millisToMicros(millis: number): bigint {
  return BigInt(Math.round(millis * 1000))
}
