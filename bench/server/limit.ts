/** So many requests per second, of which `burst` may come at once after a pause. */
export interface Limit {
  readonly per_second: number
  readonly burst: number
}

/** A token bucket: each request takes one of at most `burst` tokens, `per_second` of which come back. */
export interface Bucket {
  /** Takes a token; returns the seconds until there is one where there is none. */
  take(): number
}

export function createBucket({ per_second, burst }: Limit): Bucket {
  let tokens = burst
  let filledAt = performance.now()
  return {
    take() {
      const now = performance.now()
      tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * per_second)
      filledAt = now
      if (tokens < 1) return (1 - tokens) / per_second
      tokens--
      return 0
    },
  }
}
