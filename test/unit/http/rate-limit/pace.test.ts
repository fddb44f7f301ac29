import { describe, expect, it } from 'vitest'
import { createPace, type Pace } from '../../../../src/http/rate-limit/pace.ts'

/** When each of `count` requests starts that are all there at `from`. */
function starts(pace: Pace, count: number, from = 0): number[] {
  return Array.from({ length: count }, () => {
    const at = Math.max(from, pace.opensAt())
    pace.book(at, 0)
    return at
  })
}

describe('a pace', () => {
  it('is even, and a pause earns nothing', () => {
    const pace = createPace({ requests_per_second: 10 })
    expect(starts(pace, 3)).toEqual([0, 100, 200])
    expect(starts(pace, 3, 5000)).toEqual([5000, 5100, 5200])
  })

  it('allows a burst at first and after a pause, which fills up as slowly as it was spent', () => {
    const pace = createPace({ requests_per_second: 10, burst: 3 })
    expect(starts(pace, 5)).toEqual([0, 0, 0, 100, 200])
    expect(starts(pace, 3, 410)).toEqual([410, 410, 500])
    expect(starts(pace, 4, 5000)).toEqual([5000, 5000, 5000, 5100])
  })

  it('says when a request starts that is behind others', () => {
    const pace = createPace({ requests_per_second: 10, burst: 2 })
    starts(pace, 2, 1000)
    expect([0, 1, 5].map((ahead) => pace.opensAt(ahead))).toEqual([1100, 1200, 1600])
  })

  it('is not slowed by a start that came late', () => {
    const pace = createPace({ requests_per_second: 10 })
    pace.book(0, 0)
    pace.book(107, 7)
    expect(pace.opensAt()).toBe(200)
    pace.book(350, 50)
    expect(pace.opensAt()).toBe(400)
  })

  it('is none where there is no limit', () => {
    const pace = createPace({})
    expect(starts(pace, 3, 7)).toEqual([7, 7, 7])
    expect(pace.stepMs).toBe(0)
  })
})
