import { describe, expect, it } from 'vitest'
import { createRateLimiter, formatSeconds } from '../../../../src/sandbox/server/rate-limiter.ts'

describe('createRateLimiter', () => {
  it('refuses what exceeds the budget, until it has been refilled', () => {
    let now = 0
    const limiter = createRateLimiter(4, () => now)
    const take = () => limiter.take('key', 'GET /lead/')
    expect([take(), take(), take(), take()].map(({ remaining }) => remaining)).toEqual([3, 2, 1, 0])
    const refused = take()
    expect(refused).toMatchObject({ allowed: false, limit: 4, remaining: 0, resetSeconds: 0.25 })
    now += refused.resetSeconds * 1000
    expect(take().allowed).toBe(true)
    expect(take().allowed).toBe(false)
  })

  it('keeps keys and groups of endpoints apart', () => {
    const limiter = createRateLimiter(1, () => 0)
    expect(limiter.take('a', 'x').allowed).toBe(true)
    expect(limiter.take('a', 'x').allowed).toBe(false)
    expect(limiter.take('a', 'y').allowed).toBe(true)
    expect(limiter.take('b', 'x').allowed).toBe(true)
  })

  it('lets one through at less than one a second', () => {
    const limiter = createRateLimiter(0.5, () => 0)
    expect(limiter.take('a', 'x').allowed).toBe(true)
    expect(limiter.take('a', 'x')).toMatchObject({ allowed: false, limit: 1, resetSeconds: 2 })
  })

  it('tells of a budget nobody can spend where there is none', () => {
    const limiter = createRateLimiter(undefined, () => 250)
    for (let i = 0; i < 1000; i++) limiter.take('a', 'x')
    expect(limiter.take('a', 'x')).toMatchObject({ allowed: true, resetSeconds: 0.75 })
    expect(limiter.take('a', 'x').remaining).toBeGreaterThan(10_000)
  })
})

describe('formatSeconds', () => {
  it.each([
    [0.870663, '0.870663'],
    [5, '5'],
    [14.5, '14.5'],
    [0.000001, '0.000001'],
    [10, '10'],
  ])('writes %s as %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text)
  })
})
