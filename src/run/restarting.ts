import { SluiceError } from '../core/errors.ts'

/** How often in a row a read whose cursor expired is made again from its beginning. */
export const MAX_RESTARTS = 2

/**
 * Does work that reads a list again from its beginning, where the API forgets the cursor meanwhile.
 *
 * @param onRestart takes back what the work has done so far
 */
export async function restarting<T>(
  work: () => Promise<T>,
  onRestart: () => Promise<void> = async () => {},
): Promise<T> {
  for (let restarts = 0; ; restarts++) {
    try {
      return await work()
    } catch (error) {
      const isExpired = error instanceof SluiceError && error.code === 'PAGINATION_EXPIRED'
      if (!isExpired || restarts >= MAX_RESTARTS) throw error
      await onRestart()
    }
  }
}
