import type { Clock } from '../core/clock.ts'
import { messageOf } from '../core/errors.ts'
import type { Logger } from '../core/log.ts'
import type { Destination } from '../load/destination.ts'

/** How long a run waits for a database that answered a moment ago. */
const PATIENCE_MS = 60_000
const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 2_000

/** Runs work on the database, again and again while it is busy, restarting or cut off. */
export type Patience = <T>(work: (attempt: number) => Promise<T>) => Promise<T>

/** The work is repeated from its beginning, so that doing it twice must come to the same as doing it once. */
export function createPatience(
  { judge, where }: Pick<Destination, 'judge' | 'where'>,
  clock: Clock,
  log: Logger,
): Patience {
  // One for all that is tried: a database that was waited for in vain is not waited for again until it answers.
  let deadline: number | null = null
  return async (work) => {
    for (let attempt = 0; ; attempt++) {
      try {
        const result = await work(attempt)
        deadline = null
        return result
      } catch (error) {
        if (judge(error) !== 'passing') throw error
        if (deadline === null) {
          deadline = clock.now() + PATIENCE_MS
          log.warn(`${where}: ${messageOf(error)}; trying again for ${PATIENCE_MS / 1000} s`)
        }
        if (clock.now() >= deadline) throw error
        await clock.sleep(Math.min(FIRST_DELAY_MS * 2 ** attempt, LONGEST_DELAY_MS))
      }
    }
  }
}
