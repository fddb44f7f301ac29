import type { Clock } from '../../core/clock.ts'

/** Rings once at a point of time, the one that was set last. */
export interface Alarm {
  /** `NEVER` turns it off. */
  set(at: number): void
  /** For how many milliseconds it should have rung by now; 0 while it is off or its time is to come. */
  overdue(now: number): number
}

export const NEVER: number = Number.POSITIVE_INFINITY

/** @param now the time that `set` is about, in milliseconds */
export function createAlarm(clock: Clock, now: () => number, ring: () => void): Alarm {
  let at = NEVER
  let timer: AbortController | null = null

  async function wait(own: AbortController): Promise<void> {
    try {
      await clock.sleep(Math.ceil(at - now()), own.signal)
    } catch {
      return
    }
    if (timer !== own) return
    timer = null
    ring()
  }

  return {
    set(next) {
      if (timer && next === at) return
      timer?.abort()
      timer = null
      at = next
      if (next === NEVER) return
      timer = new AbortController()
      void wait(timer)
    },
    overdue: (time) => Math.max(0, time - at),
  }
}
