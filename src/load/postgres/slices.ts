import type { Cell } from '../../normalize/types.ts'
import type { RowsForTable } from '../destination.ts'

/** Statements that go out together carry at most so many rows and, roughly, characters, and each of these three times. */
const MAX_ROWS = 5000
const MAX_CHARACTERS = 8_000_000

/** Rows `from` to `to` of the batch at a position. */
export interface Slice {
  readonly position: number
  readonly from: number
  readonly to: number
}

/** The rows of all batches, as many at a time as may go out together. */
export function* slicesOf(batches: readonly Pick<RowsForTable, 'rows'>[]): Generator<Slice[]> {
  let slices: Slice[] = []
  let count = 0
  let characters = 0
  for (const [position, { rows }] of batches.entries()) {
    let from = 0
    for (const [i, row] of rows.entries()) {
      count++
      characters += sizeOf(row)
      if (count < MAX_ROWS && characters < MAX_CHARACTERS) continue
      yield [...slices, { position, from, to: i + 1 }]
      slices = []
      from = i + 1
      count = 0
      characters = 0
    }
    if (from < rows.length) slices.push({ position, from, to: rows.length })
  }
  if (slices.length > 0) yield slices
}

function sizeOf(row: readonly Cell[]): number {
  let characters = 0
  for (const cell of row) characters += typeof cell === 'string' ? cell.length : 8
  return characters
}
