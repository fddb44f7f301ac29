import type { Clock } from '../../../../src/core/clock.ts'

/** A clock that many can sleep by at once: time goes from one end of a sleep to the next, in their order. */
export interface VirtualClock extends Clock {
  /** Lets time pass until nobody sleeps any more. */
  run(): Promise<void>
}

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/** @param late by how many milliseconds the next sleep ends too late; whole numbers, as a system clock's */
export function virtualClock(late: () => number = () => 0): VirtualClock {
  let now = 1_000_000
  const sleepers = new Set<Sleeper>()
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const end = (): void => {
          sleepers.delete(sleeper)
          signal?.removeEventListener('abort', onAbort)
        }
        const sleeper: Sleeper = {
          at: now + Math.max(0, ms) + late(),
          wake: () => {
            end()
            resolve()
          },
        }
        const onAbort = (): void => {
          end()
          reject(signal!.reason)
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        sleepers.add(sleeper)
      }),
    async run() {
      for (;;) {
        // Whatever can go on without waiting does so before time moves.
        await new Promise((resolve) => setImmediate(resolve))
        const [next] = [...sleepers].sort((a, b) => a.at - b.at)
        if (!next) return
        now = Math.max(now, next.at)
        next.wake()
      }
    },
  }
}
