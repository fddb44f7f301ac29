import { describe, expect, it } from 'vitest'
import { formatCount, formatMillis, plural } from '../../../src/cli/units.ts'

describe('formatMillis', () => {
  it.each([
    [0, '0.0 s'],
    [-5, '0.0 s'],
    [449, '0.4 s'],
    [9949, '9.9 s'],
    [9950, '10 s'],
    [59_499, '59 s'],
    [59_600, '1 min'],
    [125_000, '2 min 5 s'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 min'],
    [90_000_000, '1 d 1 h'],
  ])('%i ms is %s', (millis, text) => {
    expect(formatMillis(millis)).toBe(text)
  })
})

describe('formatCount', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [-12_345, '-12,345'],
    [1_234_567, '1,234,567'],
  ])('%i is %s', (count, text) => {
    expect(formatCount(count)).toBe(text)
  })
})

describe('plural', () => {
  it('counts one thing as one', () => {
    expect([plural(0, 'row'), plural(1, 'row'), plural(1234, 'row')]).toEqual([
      '0 rows',
      '1 row',
      '1,234 rows',
    ])
  })
})
