import { millisToTimestamp, type Timestamp } from '../core/time.ts'

/**
 * Up to when a list can have been read: the start of its reading, by the earlier of two clocks, ours and the server's.
 * A server whose clock is behind stamps records "later" than our start with earlier times.
 */
export interface Horizon {
  readonly at: () => Timestamp
  /** Takes up the server's clock (epoch milliseconds, or null) from the first answer; later ones say nothing new. */
  note(serverTime: number | null): void
}

/** @param startedAt when the run began by our clock */
export function createHorizon(startedAt: Timestamp): Horizon {
  let at = startedAt
  let noted = false
  return {
    at: () => at,
    note(serverTime) {
      if (noted) return
      noted = true
      if (serverTime === null) return
      const server = millisToTimestamp(serverTime)
      if (server < at) at = server
    },
  }
}
