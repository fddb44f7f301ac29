import type { Clock } from '../../core/clock.ts'

/** The time by a clock, for what is waited for: where the clock is set back, it goes on. */
export function steadyTime(clock: Clock): () => number {
  let newest = clock.now()
  let setBack = 0
  return () => {
    const time = clock.now()
    if (time < newest) setBack += newest - time
    newest = time
    return time + setBack
  }
}
