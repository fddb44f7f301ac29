import { setTimeout as delay } from 'node:timers/promises'

/** The time and the waiting of a run; tests pass their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal ? { signal } : {})
    } catch (cause) {
      // node wraps the reason in an AbortError of its own; callers want the reason they gave.
      throw signal?.aborted ? signal.reason : cause
    }
  },
}
