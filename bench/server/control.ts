import type { Limit } from './limit.ts'

/** How the server is to behave from now on; what is left out is off. */
export interface Settings {
  /** Lists to make before it answers, so that no run waits for them: `leads/20000`. */
  readonly lists: readonly string[]
  /** The edit that every lead has seen. */
  readonly version?: number
  readonly latency_ms?: number
  readonly limit?: Limit
}

/** What came since the settings were changed. */
export interface Counts {
  readonly requests: number
  /** Requests beyond the limit, answered 429. */
  readonly refused: number
}
