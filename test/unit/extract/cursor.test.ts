import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { comparePositions, createCursor, formatProblem } from '../../../src/extract/cursor.ts'
import { microsToTimestamp } from '../../../src/core/time.ts'

describe('positions', () => {
  it.each([
    ['iso', '2012-09-04T20:57:52.851000+00:00', '2012-09-04T20:57:52.851000Z'],
    ['iso', '2019-01-15T12:48:23.395000', '2019-01-15T12:48:23.395000Z'],
    ['iso', '2025-06-01', '2025-06-01T00:00:00.000000Z'],
    ['epoch', 1_700_000_000, '2023-11-14T22:13:20.000000Z'],
    ['epoch', 1_700_000_000.25, '2023-11-14T22:13:20.250000Z'],
    ['epoch_ms', 1_700_000_000_123, '2023-11-14T22:13:20.123000Z'],
    ['iso', 1_700_000_000_123, '2023-11-14T22:13:20.123000Z'],
    ['yyyy-MM-dd HH:mm:ss', '2025-06-01 10:00:05', '2025-06-01T10:00:05.000000Z'],
    ['number', '42', 42],
    ['number', '9007199254740993', 9_007_199_254_740_993n],
    ['string', 'v42', 'v42'],
  ])('%s reads %o as %s', (format, value, position) => {
    expect(createCursor(format).position(value)).toEqual(position)
  })

  it.each(['iso', 'number', 'string'])('%s takes null, absent and empty as missing', (format) => {
    const cursor = createCursor(format)
    expect([null, undefined, ''].map((value) => cursor.position(value))).toEqual([null, null, null])
  })

  it('names a value that does not fit the format', () => {
    expect(() => createCursor('iso').position('yesterday')).toThrow(/"?yesterday"? is not a time/)
    expect(() => createCursor('number').position('a')).toThrow(/is not a number/)
    expect(() => createCursor('string').position(5)).toThrow(/is not text/)
  })

  it.each([
    ['epoch', 99_999_999_999_999],
    ['epoch', '99999999999999'],
    ['epoch_ms', -99_999_999_999_999],
    ['iso', 1e300],
  ])('%s takes %o, which no calendar has, for no time', (format, value) => {
    expect(() => createCursor(format).position(value)).toThrow(
      expect.objectContaining({ code: 'CURSOR_INVALID' }),
    )
  })

  it('sorts times as the instants they are, whatever offset they were written with', () => {
    const cursor = createCursor('iso')
    const earlier = cursor.position('2025-06-01T01:30:00+02:00')!
    const later = cursor.position('2025-05-31T23:30:00.000001Z')!
    expect(comparePositions(earlier, later)).toBe(-1)
  })
})

describe('bounds', () => {
  const at = '2025-06-01T10:00:05.000250Z'
  it.each([
    ['iso', '2025-06-01T10:00:05.000250Z', '2025-06-01T10:00:05.000250Z'],
    ['date', '2025-06-01', '2025-06-02'],
    ['epoch', 1_748_772_005, 1_748_772_006],
    ['epoch_ms', 1_748_772_005_000, 1_748_772_005_001],
    ['yyyy-MM-dd HH:mm:ss', '2025-06-01 10:00:05', '2025-06-01 10:00:06'],
    ["yyyy-MM-dd'T'HH:mm", '2025-06-01T10:00', '2025-06-01T10:01'],
    ['yyyy-MM-dd HH:mm:ss.SSS', '2025-06-01 10:00:05.000', '2025-06-01 10:00:05.001'],
  ])('%s rounds outwards', (format, lower, upper) => {
    const cursor = createCursor(format)
    expect(cursor.format(at, 'lower')).toBe(lower)
    expect(cursor.format(at, 'upper')).toBe(upper)
  })

  it('leaves a whole second without a fraction', () => {
    expect(createCursor('iso').format('2025-06-01T10:00:05.000000Z', 'lower')).toBe(
      '2025-06-01T10:00:05Z',
    )
  })

  it('steps one unit of the format back', () => {
    expect(createCursor('iso').before(at)).toBe('2025-06-01T10:00:05.000249Z')
    expect(createCursor('epoch').before(at)).toBe('2025-06-01T10:00:04.000250Z')
    expect(createCursor('date').before(at)).toBe('2025-05-31T10:00:05.000250Z')
    expect(createCursor('number').before(7)).toBe(6)
  })

  it('go no further than the first and the last time there are', () => {
    const [first, last] = ['0001-01-01T00:00:00.000000Z', '9999-12-31T23:59:59.999999Z']
    expect(createCursor('iso').before(first)).toBe(first)
    expect(createCursor('date').minus(first, 3_600_000)).toBe(first)
    expect(createCursor('date').ceil(last)).toBe(last)
  })

  it('never asks for less than there is: a lower bound is at or before, an upper at or after', () => {
    const micros = fc.bigInt({ min: 0n, max: 4_000_000_000_000_000n })
    const formats = fc.constantFrom(
      'iso',
      'date',
      'epoch',
      'epoch_ms',
      'yyyy-MM-dd HH:mm',
      'yyyy-MM-dd',
    )
    fc.assert(
      fc.property(micros, formats, (instant, format) => {
        const cursor = createCursor(format)
        const position = microsToTimestamp(instant)
        const back = (side: 'lower' | 'upper') => cursor.position(cursor.format(position, side))!
        expect(comparePositions(back('lower'), position)).toBeLessThanOrEqual(0)
        expect(comparePositions(back('upper'), position)).toBeGreaterThanOrEqual(0)
        expect(comparePositions(cursor.floor(position), back('lower'))).toBe(0)
      }),
    )
  })
})

describe('a format', () => {
  it.each([
    'iso',
    'epoch_ms',
    'yyyyMMdd',
    'yyyy-MM-ddTHH:mm:ss.SSSSSSZ',
    "yyyy-MM-dd'at'HH:mm",
    "yyyy''MM",
    'dd.MM.yyyy HH:mm:ss+00:00',
  ])('%s is fine', (format) => {
    expect(formatProblem(format)).toBeUndefined()
  })

  it.each([
    ['yyyy-MM-dd hh:mm', 'hh'],
    ['yyyy-MM-DD', 'DD'],
    ['yyyy-MMM-dd', 'MMM'],
    ['yyyy-MM-ddTHH:mm:ssXXX', 'XXX'],
    ['yyyy-MM-dd HH:mm:ss.SSSSSSS', 'SSSSSSS'],
    ['yyyy-MM-dd at HH', 'a'],
    ["yyyy-MM-dd 'at HH", 'a'],
    ["yyyy-MM-dd '", "'"],
  ])('%s is refused because of %s', (format, part) => {
    expect(formatProblem(format)).toBe(
      `"${part}" in the pattern "${format}" stands for nothing; a pattern is made of yyyy, MM, dd, HH, mm, ss, S to SSSSSS, T and Z, and other letters in single quotes`,
    )
  })

  it.each(['YYYY-MM-DD', 'unix', '', "'yyyy'"])('%j is neither a name nor a pattern', (format) => {
    expect(formatProblem(format)).toContain('is neither iso, date')
  })
})
