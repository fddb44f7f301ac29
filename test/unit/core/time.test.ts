import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  dateOrTimestamp,
  isDate,
  microsToTimestamp,
  millisToTimestamp,
  parseDuration,
  timestampToMicros,
  toTimestamp,
} from '../../../src/core/time.ts'

describe('toTimestamp', () => {
  it.each([
    ['2012-09-04T20:57:52.851000+00:00', '2012-09-04T20:57:52.851000Z'],
    ['2026-06-19T09:22:10.931820', '2026-06-19T09:22:10.931820Z'],
    ['2026-06-19T09:22:10.931820Z', '2026-06-19T09:22:10.931820Z'],
    ['2024-01-02T03:04:05Z', '2024-01-02T03:04:05.000000Z'],
    ['2024-01-02T03:04:05.1Z', '2024-01-02T03:04:05.100000Z'],
    ['2024-01-02T03:04:05z', '2024-01-02T03:04:05.000000Z'],
    ['2025-06-01 10:00:05', '2025-06-01T10:00:05.000000Z'],
    ['2025-06-01 10:00:05.25', '2025-06-01T10:00:05.250000Z'],
    ['2024-01-02 03:04', '2024-01-02T03:04:00.000000Z'],
    ['2024-01-02T03:04+02:00', '2024-01-02T01:04:00.000000Z'],
    ['2024-01-02T03:04:05+0530', '2024-01-01T21:34:05.000000Z'],
    ['2024-01-02T03:04:05-08', '2024-01-02T11:04:05.000000Z'],
    ['2024-12-31T23:30:00.123456-01:00', '2025-01-01T00:30:00.123456Z'],
    ['2024-03-01T00:30:00+01:00', '2024-02-29T23:30:00.000000Z'],
    ['2024-01-02T03:04:05.1234567Z', '2024-01-02T03:04:05.123456Z'],
    ['2024-01-02T03:04:05.999999999+00:00', '2024-01-02T03:04:05.999999Z'],
    ['2024-01-02T03:04:05,5Z', '2024-01-02T03:04:05.500000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000000Z'],
    ['9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999999Z'],
  ])('%s is %s', (text, timestamp) => {
    expect(toTimestamp(text)).toBe(timestamp)
  })

  it.each([
    '2024-01-02',
    '2024-01',
    '2024',
    '10:36',
    'now',
    '1717236010',
    '20240102T030405Z',
    '2024/01/02 03:04:05',
    '2024-W01-1T00:00:00',
    '1/2/2024 03:04:05',
    'Tue, 02 Jan 2024 03:04:05 GMT',
    '2024-01-02T24:00:00Z',
    '2024-01-02T03:60:00Z',
    '2024-01-02T03:04:60Z',
    '2024-13-02T03:04:05Z',
    '2024-00-02T03:04:05Z',
    '2024-02-30T03:04:05Z',
    '2023-02-29T03:04:05.000000+00:00',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '2024-01-02T03:04:05.Z',
    '2024-01-02T03:04:05.+00:00',
    '2024-01-02T03:04:05+00:00Z',
    '2024-01-02T03:04:05+24:00',
    '2024-01-02T03:04:05+01:60',
    '2024-01-02T03:04:05 EST',
    '2024-01-02T03:04:05.12a456+00:00',
    '2024-01-02T03-04-05.123456+00:00',
    '2024-01-02x03:04:05Z',
    ' 2024-01-02T03:04:05Z',
    '2024-01-02T03:04:05Z\n',
    '2024-0x-02T03:04:05Z',
    '-2024-01-02T03:04:05Z',
    '２０２４-01-02T03:04:05Z',
    '+4930 901820 ext. 12345678',
  ])('%s is none', (text) => {
    expect(toTimestamp(text)).toBeNull()
  })

  it('spells one instant alike, however it is written, and sorts as time does', () => {
    const instant = fc.date({
      min: new Date('0002-01-01T00:00:00Z'),
      max: new Date('9998-12-31T00:00:00Z'),
      noInvalidDate: true,
    })
    const minutes = fc.integer({ min: -14 * 60, max: 14 * 60 })
    fc.assert(
      fc.property(instant, instant, minutes, (a, b, offset) => {
        const canonical = toTimestamp(a.toISOString())!
        expect(canonical).toBe(`${a.toISOString().slice(0, -1)}000Z`)
        const local = new Date(a.getTime() + offset * 60_000).toISOString().slice(0, -1)
        const hours = String(Math.floor(Math.abs(offset) / 60)).padStart(2, '0')
        const rest = String(Math.abs(offset) % 60).padStart(2, '0')
        expect(toTimestamp(`${local}${offset < 0 ? '-' : '+'}${hours}:${rest}`)).toBe(canonical)
        expect(canonical < toTimestamp(b.toISOString())!).toBe(a < b)
      }),
    )
  })
})

describe('isDate', () => {
  it.each(['2024-02-29', '2000-02-29', '0001-01-01', '9999-12-31'])('%s is one', (text) => {
    expect(isDate(text)).toBe(true)
  })

  it.each([
    '2023-02-29',
    '1900-02-29',
    '2024-04-31',
    '2024-00-10',
    '2024-1-1',
    '12-25',
    '2024',
    '2024-01-02T',
    '2024/01/02',
    '65e1-12-34',
    '0000-01-01',
    '',
  ])('%s is none', (text) => {
    expect(isDate(text)).toBe(false)
  })
})

describe('dateOrTimestamp', () => {
  it('takes a date for its midnight UTC', () => {
    expect(dateOrTimestamp('2024-02-29')).toBe('2024-02-29T00:00:00.000000Z')
    expect(dateOrTimestamp('2024-02-29T01:00:00+01:00')).toBe('2024-02-29T00:00:00.000000Z')
    expect(dateOrTimestamp('yesterday')).toBeNull()
  })
})

describe('microseconds', () => {
  it('survive the way there and back', () => {
    const first = timestampToMicros('0001-01-01T00:00:00.000000Z')
    const last = timestampToMicros('9999-12-31T23:59:59.999999Z')
    fc.assert(
      fc.property(fc.bigInt({ min: first, max: last }), (micros) => {
        const timestamp = microsToTimestamp(micros)
        expect(timestampToMicros(timestamp)).toBe(micros)
        expect(toTimestamp(timestamp)).toBe(timestamp)
      }),
    )
  })

  it('count down before the epoch', () => {
    expect(microsToTimestamp(-1n)).toBe('1969-12-31T23:59:59.999999Z')
    expect(timestampToMicros('1969-12-31T23:59:59.999999Z')).toBe(-1n)
  })

  it.each([253402300800000000n, -62135596800000001n])('%s is beyond the calendar', (micros) => {
    expect(() => microsToTimestamp(micros)).toThrow(RangeError)
  })

  it('come from milliseconds', () => {
    expect(millisToTimestamp(1346792272851)).toBe('2012-09-04T20:57:52.851000Z')
    expect(millisToTimestamp(0.9)).toBe('1970-01-01T00:00:00.000000Z')
    expect(millisToTimestamp(-0.5)).toBe('1969-12-31T23:59:59.999000Z')
  })
})

describe('parseDuration', () => {
  it.each([
    ['0', 0],
    ['250ms', 250],
    ['30s', 30_000],
    ['1.1s', 1100],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
    ['1w', 604_800_000],
    ['P1D', 86_400_000],
    ['P2W', 1_209_600_000],
    ['PT5M', 300_000],
    ['PT0.1S', 100],
    ['P1DT2H3M4.5S', 93_784_500],
  ])('%s is %d ms', (text, millis) => {
    expect(parseDuration(text)).toBe(millis)
  })

  it.each(['', '5', '5 m', '-5m', 'm', 'P', 'PT', 'P1DT', 'P1M', 'P1Y', '1mo', '5M', 'PT1D'])(
    '"%s" is none',
    (text) => {
      expect(parseDuration(text)).toBeNull()
    },
  )
})
