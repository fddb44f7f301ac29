import type { FaultKind } from './fault-kinds.ts'

/** One request that was answered. */
export interface LoggedRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** Everything after `?`, as sent. */
  readonly rawQuery: string
  /** Decoded; of a repeated parameter the last value. */
  readonly query: Readonly<Record<string, string>>
  /** The body of a search; null for everything else, for other bodies may hold secrets. */
  readonly body: string | null
  /** 0 where the connection was reset before an answer. */
  readonly status: number
  /** What went wrong on purpose: `503`, `reset`. */
  readonly fault?: FaultKind
  /** When it came in, in milliseconds since the epoch. */
  readonly at: number
}

/** What was asked, in the order of the answers. */
export interface RequestLog {
  /** The newest requests, at most 10,000. */
  readonly entries: readonly LoggedRequest[]
  /** All requests since the start or the last `clear`. */
  readonly total: number
  clear(): void
}

const MOST_ENTRIES = 10_000

export function createRequestLog(): RequestLog & { add(request: LoggedRequest): void } {
  let entries: LoggedRequest[] = []
  let total = 0
  return {
    get entries() {
      return entries.slice(-MOST_ENTRIES)
    },
    get total() {
      return total
    },
    clear: () => {
      entries = []
      total = 0
    },
    add: (request) => {
      entries.push(request)
      total++
      // Cut now and then, not each time: cutting copies.
      if (entries.length > 2 * MOST_ENTRIES) entries = entries.slice(-MOST_ENTRIES)
    },
  }
}
