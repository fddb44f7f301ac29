import { expect, it } from 'vitest'
import { type Slice, slicesOf } from '../../../../src/load/postgres/slices.ts'
import type { Cell } from '../../../../src/normalize/types.ts'

const batch = (count: number, cell: Cell = 1) => ({
  rows: Array.from({ length: count }, (): Cell[] => [cell]),
})

/** `position: from-to` of each slice. */
function slicesIn(...batches: { rows: Cell[][] }[]): string[][] {
  const text = ({ position, from, to }: Slice) => `${position}: ${from}-${to}`
  return [...slicesOf(batches)].map((slices) => slices.map(text))
}

it('lets small batches go together, but for empty ones', () => {
  expect(slicesIn(batch(100), batch(0), batch(200))).toEqual([['0: 0-100', '2: 0-200']])
  expect(slicesIn(batch(0))).toEqual([])
})

it('takes 5,000 rows at a time, of whatever batches', () => {
  expect(slicesIn(batch(3000), batch(9000), batch(1))).toEqual([
    ['0: 0-3000', '1: 0-2000'],
    ['1: 2000-7000'],
    ['1: 7000-9000', '2: 0-1'],
  ])
  expect(slicesIn(batch(5000))).toEqual([['0: 0-5000']])
})

it('takes fewer when they are long', () => {
  const long = 'x'.repeat(3_000_000)
  expect(slicesIn(batch(4, long), batch(2, long))).toEqual([['0: 0-3'], ['0: 3-4', '1: 0-2']])
})
