import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inferType, promote, type Kind, type Scalar } from '../../../src/normalize/infer.ts'
import { DATA_TYPES } from '../../../src/normalize/types.ts'

describe('inferType', () => {
  it.each<[Scalar, string]>([
    ['', 'text'],
    ['2024', 'text'],
    ['12-25', 'text'],
    ['0012', 'text'],
    ['65e1234567890abcd', 'text'],
    ['+4930901820', 'text'],
    ['true', 'text'],
    ['10:36', 'text'],
    ['2023-02-29', 'text'],
    ['2024-02-29', 'date'],
    ['2012-09-04T20:57:52.851000+00:00', 'timestamp'],
    ['2025-06-01 10:00:05', 'timestamp'],
    [0, 'bigint'],
    [-(2 ** 53) + 1, 'bigint'],
    [2 ** 60, 'bigint'],
    [2n ** 63n - 1n, 'bigint'],
    [-(2n ** 63n), 'bigint'],
    [2n ** 63n, 'decimal'],
    [1e30, 'decimal'],
    [0.5, 'double'],
    [Number.NaN, 'text'],
    [Number.POSITIVE_INFINITY, 'text'],
    [true, 'bool'],
  ])('%s is %s', (value, type) => {
    expect(inferType(value)).toBe(type)
  })
})

describe('promote', () => {
  const kind: fc.Arbitrary<Kind> = fc.oneof(
    fc.constantFrom(...DATA_TYPES).map((type) => ({ type, exact: false })),
    fc.constant<Kind>({ type: 'bigint', exact: true }),
  )
  const promoteAll = (kinds: readonly Kind[]): Kind | null =>
    kinds.reduce<Kind | null>((all, kind) => all && promote(all, kind), kinds[0]!)

  const small = { type: 'bigint', exact: false } as const
  const large = { type: 'bigint', exact: true } as const
  const double = { type: 'double', exact: false } as const
  const decimal = { type: 'decimal', exact: false } as const

  it.each<[Kind, Kind, Kind | null]>([
    [small, small, small],
    [small, large, large],
    [small, double, double],
    [large, double, decimal],
    [small, decimal, decimal],
    [large, decimal, decimal],
    [double, decimal, decimal],
    [small, { type: 'bool', exact: false }, null],
    [double, { type: 'text', exact: false }, null],
    [{ type: 'date', exact: false }, { type: 'timestamp', exact: false }, null],
    [{ type: 'json', exact: false }, { type: 'text', exact: false }, null],
  ])('%j and %j make %j', (a, b, both) => {
    expect(promote(a, b)).toEqual(both)
  })

  it('does not depend on the order of values', () => {
    fc.assert(
      fc.property(kind, kind, kind, (a, b, c) => {
        expect(promote(a, b)).toEqual(promote(b, a))
        expect(promoteAll([a, b, c])).toEqual(promoteAll([c, a, b]))
        expect(promoteAll([a, b, c])).toEqual(promoteAll([b, c, a]))
        expect(promote(a, a)).toEqual(a)
      }),
    )
  })
})
