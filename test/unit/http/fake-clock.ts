import type { Clock } from '../../../src/core/clock.ts'

/** A clock whose sleeps take no time: they move `now` on and are recorded. */
export interface FakeClock extends Clock {
  readonly sleeps: readonly number[]
  advance(ms: number): void
}

export function fakeClock(start = Date.parse('2025-01-01T00:00:00Z')): FakeClock {
  let now = start
  const sleeps: number[] = []
  return {
    sleeps,
    now: () => now,
    advance: (ms) => {
      now += ms
    },
    sleep: async (ms, signal) => {
      signal?.throwIfAborted()
      sleeps.push(ms)
      const wakeAt = now + ms
      // Whatever can go on without waiting does so before time moves.
      await new Promise((resolve) => setImmediate(resolve))
      signal?.throwIfAborted()
      now = Math.max(now, wakeAt)
    },
  }
}
