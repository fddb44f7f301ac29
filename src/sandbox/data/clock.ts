import type { Random } from './random.ts'

/** The time in the made-up organization, in milliseconds. It only moves forward. */
export interface WorldClock {
  now(): number
  /** Moves on to the time of the next change, later than any before it. */
  tick(): number
}

/**
 * Without `now` the clock stands still between changes, and each moves it by up to five seconds: the same changes
 * happen at the same times in every run. With `now` they happen when they happen.
 */
export function createWorldClock(
  start: number,
  random: Random,
  now: (() => number) | undefined,
): WorldClock {
  let last = start
  return {
    now: () => (now ? Math.max(last, now()) : last),
    tick: () => (last = now ? Math.max(last + 1, now()) : last + 1 + random.int(5000)),
  }
}
