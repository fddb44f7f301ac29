import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { plainDecimal } from '../../../../src/load/sqlite/plain-decimal.ts'

it.each([
  [0.1, '0.1'],
  [-12.5, '-12.5'],
  [100, '100'],
  [1e21, '1000000000000000000000'],
  [-1.25e22, '-12500000000000000000000'],
  [1e-7, '0.0000001'],
  [-1.5e-7, '-0.00000015'],
  [null, null],
])('writes %s as %s', (value, digits) => {
  expect(plainDecimal(value)).toBe(digits)
})

it('writes every double so that it reads back as itself, without an exponent', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const digits = plainDecimal(value)!
      expect(digits).toMatch(/^-?\d+(\.\d+)?$/)
      expect(Number(digits) + 0).toBe(value + 0)
    }),
  )
})
