import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { convert, decimalText, toCell } from '../../../src/normalize/coerce.ts'
import type { Scalar } from '../../../src/normalize/infer.ts'
import type { Cell, DataType } from '../../../src/normalize/types.ts'

describe('decimalText', () => {
  it.each([
    ['0', '0'],
    ['-0', '0'],
    ['-0.00', '0.00'],
    ['12.50', '12.50'],
    [' +007.50 ', '7.50'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['-.5e1', '-5'],
    ['1e21', '1000000000000000000000'],
    ['1.5e+3', '1500'],
    ['1.25e1', '12.5'],
    ['1e-7', '0.0000001'],
    ['-12.5e-2', '-0.125'],
    ['5e-324', `0.${'0'.repeat(323)}5`],
    ['123456789012345678901234567890.5', '123456789012345678901234567890.5'],
  ])('%s is %s', (text, plain) => {
    expect(decimalText(text)).toBe(plain)
  })

  it.each([
    '',
    ' ',
    '.',
    '-',
    'e5',
    '1e',
    '1,000',
    '0xff',
    'N/A',
    'NaN',
    'Infinity',
    '1e401',
    '1 2',
  ])('"%s" is none', (text) => {
    expect(decimalText(text)).toBeUndefined()
  })

  it('spells every double so that it reads back the same, without an exponent', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const plain = decimalText(String(value))!
        expect(plain).toMatch(/^-?\d+(\.\d+)?$/)
        expect(Number(plain)).toBe(value + 0)
      }),
    )
  })
})

describe('toCell', () => {
  it.each<[Scalar, DataType, Cell]>([
    [5, 'bigint', 5],
    [-0, 'bigint', 0],
    [2 ** 60, 'bigint', 2n ** 60n],
    [2n ** 60n, 'bigint', 2n ** 60n],
    [5, 'double', 5],
    [5, 'decimal', '5'],
    [0.1, 'decimal', '0.1'],
    [1e-7, 'decimal', '0.0000001'],
    [2n ** 64n, 'decimal', '18446744073709551616'],
    [1e30, 'decimal', '1000000000000000000000000000000'],
    ['2024-01-02T03:04:05+01:00', 'timestamp', '2024-01-02T02:04:05.000000Z'],
    ['2024-01-02', 'date', '2024-01-02'],
    [Number.POSITIVE_INFINITY, 'text', 'Infinity'],
    [false, 'bool', false],
    [2n ** 64n, 'json', '18446744073709551616'],
  ])('%s as %s', (value, type, cell) => {
    expect(toCell(value, type)).toBe(cell)
  })
})

describe('convert', () => {
  it.each<[Scalar, DataType, Cell | undefined]>([
    [5, 'text', '5'],
    [true, 'text', 'true'],
    [' -1726 ', 'bigint', -1726],
    ['+5', 'bigint', 5],
    ['9223372036854775807', 'bigint', 9223372036854775807n],
    ['9223372036854775808', 'bigint', undefined],
    [762162.1, 'bigint', undefined],
    ['762162.1', 'bigint', undefined],
    ['', 'bigint', undefined],
    ['0xff', 'bigint', undefined],
    [true, 'bigint', undefined],
    [7n, 'bigint', 7],
    ['0.1', 'double', 0.1],
    ['1e3', 'double', 1000],
    ['1e399', 'double', undefined],
    ['STR', 'double', undefined],
    ['', 'double', undefined],
    [false, 'double', undefined],
    [2n ** 60n, 'double', 2 ** 60],
    ['12.50', 'decimal', '12.50'],
    [12.5, 'decimal', '12.5'],
    ['N/A', 'decimal', undefined],
    [true, 'decimal', undefined],
    [Number.NaN, 'decimal', undefined],
    [1, 'bool', true],
    [0, 'bool', false],
    ['TRUE', 'bool', true],
    [' no ', 'bool', false],
    ['', 'bool', undefined],
    [2, 'bool', undefined],
    ['2024-01-02', 'timestamp', '2024-01-02T00:00:00.000000Z'],
    ['2024-01-02 03:04:05', 'timestamp', '2024-01-02T03:04:05.000000Z'],
    [1717236010, 'timestamp', undefined],
    ['1717236010', 'timestamp', undefined],
    ['2024-01-02T23:30:00-01:00', 'date', '2024-01-03'],
    ['2024-01-02', 'date', '2024-01-02'],
    ['tomorrow', 'date', undefined],
    ['{"a": 1e2, "b": 12345678901234567890}', 'json', '{"a":100,"b":12345678901234567890}'],
    [String.raw`"\u0000"`, 'json', '""'],
    ['[oops', 'json', '"[oops"'],
    ['plain', 'json', '"plain"'],
    [5, 'json', '5'],
    [true, 'json', 'true'],
  ])('%s to %s', (value, type, cell) => {
    expect(convert(value, type)).toBe(cell)
  })
})
