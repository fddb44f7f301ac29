import { expect, it } from 'vitest'
import { compareCells } from '../../../../src/load/sql/compare-cells.ts'
import type { Cell, DataType } from '../../../../src/normalize/types.ts'

it.each<[type: DataType, ascending: Cell[]]>([
  [
    'bigint',
    [-9223372036854775808n, -1, 0, 9007199254740991, 9007199254740992n, 9007199254740993n],
  ],
  ['decimal', ['-10.5', '-9.99', '-0.5', '0', '0.05', '0.5', '9', '10', '18446744073709551616.1']],
  ['double', [-1e300, -0.5, 0, 0.1, 2, 10, 1e300]],
  [
    'timestamp',
    ['0999-01-01T00:00:00.000000Z', '2024-01-01T00:00:00.000001Z', '2024-01-01T00:00:00.000010Z'],
  ],
  ['date', ['0001-01-01', '2023-12-31', '2024-01-01']],
  ['text', ['', '10', '9', 'Z', 'a', 'é']],
])('orders %s cells by what they stand for', (type, ascending) => {
  for (const [i, a] of ascending.entries()) {
    for (const [j, b] of ascending.entries()) {
      expect([a, b, Math.sign(compareCells(type, a, b))]).toEqual([a, b, Math.sign(i - j)])
    }
  }
})

it('takes decimals that differ in trailing zeros for equal', () => {
  expect(compareCells('decimal', '1.50', '1.5')).toBe(0)
})
