/** What a server tells about the budget of one key in one group of endpoints. */
export interface Budget {
  readonly allowed: boolean
  readonly limit: number
  readonly remaining: number
  /** Seconds, with a fraction, until there is more: never a point in time. */
  readonly resetSeconds: number
}

export interface RateLimiter {
  /** Takes one request from the budget of a key and group, if there is any. */
  take(key: string, group: string): Budget
}

/** Told to clients where nothing is enforced. */
const GENEROUS_LIMIT = 100_000

/**
 * A token bucket per key and group: `rps` tokens flow in per second, and as many can gather (at least one).
 * Without `rps` nothing is refused, and the budget told is one that no client can spend.
 */
export function createRateLimiter(rps: number | undefined, now: () => number): RateLimiter {
  if (rps === undefined) {
    return {
      take: () => ({
        allowed: true,
        limit: GENEROUS_LIMIT,
        remaining: GENEROUS_LIMIT - 1,
        resetSeconds: 1 - (now() % 1000) / 1000,
      }),
    }
  }
  const capacity = Math.max(1, rps)
  const buckets = new Map<string, { tokens: number; at: number }>()
  return {
    take: (key, group) => {
      const at = now()
      const id = `${key} ${group}`
      const bucket = buckets.get(id) ?? { tokens: capacity, at }
      const flowed = (Math.max(0, at - bucket.at) / 1000) * rps
      const tokens = Math.min(capacity, bucket.tokens + flowed)
      const allowed = tokens >= 1
      const left = allowed ? tokens - 1 : tokens
      buckets.set(id, { tokens: left, at })
      const missing = left >= 1 ? capacity - left : 1 - left
      return {
        allowed,
        limit: Math.floor(capacity),
        remaining: Math.floor(left),
        resetSeconds: Math.max(0.000001, missing / rps),
      }
    },
  }
}

/** Seconds as Close writes them: `0.870663`, never an exponent. */
export function formatSeconds(seconds: number): string {
  return seconds.toFixed(6).replace(/\.?0+$/, '')
}
