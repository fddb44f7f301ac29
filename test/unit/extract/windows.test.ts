import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCursor } from '../../../src/extract/cursor.ts'
import {
  isWithin,
  mergeWindows,
  splitWindow,
  subtractWindow,
  windowEnd,
  type Window,
} from '../../../src/extract/windows.ts'

const iso = createCursor('iso')
const at = (n: number) => `2025-01-${String(n).padStart(2, '0')}T00:00:00.000000Z`
const window = (from: number | null, to: number | null): Window => ({
  from: from === null ? null : at(from),
  to: to === null ? null : at(to),
})
const HOUR = 3_600_000
const DAY = 24 * HOUR

describe('the end of a window', () => {
  it('is its length after its beginning, on a value that the format can spell', () => {
    expect(windowEnd(iso, at(1), DAY)).toBe(at(2))
    expect(windowEnd(createCursor('date'), '2025-01-01T13:00:00.000000Z', 2 * DAY)).toBe(at(3))
    expect(windowEnd(createCursor('epoch'), '2025-01-01T00:00:00.500000Z', HOUR)).toBe(
      '2025-01-01T01:00:00.000000Z',
    )
  })

  it('is never its beginning, however short the window', () => {
    expect(windowEnd(createCursor('date'), at(1), HOUR)).toBe(at(2))
    expect(windowEnd(createCursor('date'), '2025-01-01T13:00:00.000000Z', HOUR)).toBe(at(2))
  })

  it('is no later than the last time there is', () => {
    const last = '9999-12-31T23:59:59.999999Z'
    expect(windowEnd(iso, '9999-12-31T00:00:00.000000Z', 2 * DAY)).toBe(last)
    expect(windowEnd(createCursor('date'), '9999-12-31T00:00:00.000000Z', DAY)).toBe(last)
  })
})

describe('a window in halves', () => {
  const rules = { minMs: 1000, until: at(9) }

  it('is halved on a value that the format can spell', () => {
    expect(splitWindow(iso, window(1, 3), rules)).toEqual([window(1, 2), window(2, 3)])
    expect(splitWindow(createCursor('date'), window(1, 4), rules)).toEqual([
      window(1, 2),
      window(2, 4),
    ])
  })

  it('ends at the start of the run where it is open, and begins in 1970', () => {
    expect(splitWindow(iso, window(1, null), rules)).toEqual([window(1, 5), window(5, null)])
    const [first, second] = splitWindow(iso, window(null, 9), rules)!
    expect(first).toEqual({ from: null, to: '1997-07-06T12:00:00.000000Z' })
    expect(second).toEqual({ from: first.to, to: at(9) })
  })

  it('is not made shorter than the least', () => {
    const split = (minMs: number) => splitWindow(iso, window(1, 2), { ...rules, minMs })
    expect(split(DAY)).toBeNull()
    expect(split(2 * DAY)).toBeNull()
    // A window between one and two of the least is split into the least and what is left.
    expect(split(18 * HOUR)?.[0].to).toBe('2025-01-01T18:00:00.000000Z')
    expect(splitWindow(createCursor('date'), window(1, 2), rules)).toBeNull()
    expect(splitWindow(iso, window(9, null), rules)).toBeNull()
  })

  it('is covered by its halves, none longer than the least', () => {
    const position = fc.integer({ min: 0, max: 10_000 }).map((n) => iso.minus(at(9), n * 977))
    fc.assert(
      fc.property(
        position,
        position,
        fc.integer({ min: 100_000, max: 5_000_000 }),
        (a, b, minMs) => {
          const whole = { from: a < b ? a : b, to: a < b ? b : a }
          const queue: Window[] = [whole]
          const parts: Window[] = []
          for (let next = queue.pop(); next; next = queue.pop()) {
            const halves = splitWindow(iso, next, { minMs, until: at(9) })
            if (halves) queue.push(...halves)
            else parts.push(next)
          }
          const length = ({ from, to }: Window) => Date.parse(String(to)) - Date.parse(String(from))
          expect(Math.max(...parts.map(length))).toBeLessThanOrEqual(minMs)
          expect(mergeWindows(parts)).toEqual(mergeWindows([whole]))
        },
      ),
    )
  })
})

describe('ranges', () => {
  const day = fc.option(fc.integer({ min: 1, max: 28 }), { nil: null, freq: 6 })
  const anyWindow = fc.tuple(day, day).map(([from, to]) => window(from, to))
  const anyWindows = fc.array(anyWindow, { maxLength: 6 })
  const probes = Array.from({ length: 28 }, (_, i) => at(i + 1))
  const covers = (windows: readonly Window[]) =>
    probes.filter((probe) => windows.some((each) => isWithin(probe, each)))

  it('that overlap or touch are one, in order', () => {
    expect(mergeWindows([window(5, 7), window(1, 2), window(2, 3), window(6, 9)])).toEqual([
      window(1, 3),
      window(5, 9),
    ])
    expect(mergeWindows([window(3, null), window(null, 4), window(2, 2)])).toEqual([
      window(null, null),
    ])
  })

  it('are merged without changing what they cover', () => {
    fc.assert(
      fc.property(anyWindows, (windows) => {
        const merged = mergeWindows(windows)
        expect(covers(merged)).toEqual(covers(windows))
        const apart = merged.every(
          ({ from }, i) => i === 0 || String(from) > String(merged[i - 1]!.to),
        )
        expect(apart).toBe(true)
      }),
    )
  })

  it('lose exactly what is taken away', () => {
    fc.assert(
      fc.property(anyWindows, anyWindow, (windows, taken) => {
        const gone = new Set(covers([taken]))
        const left = covers(windows).filter((probe) => !gone.has(probe))
        expect(covers(subtractWindow(windows, taken))).toEqual(left)
      }),
    )
  })
})
