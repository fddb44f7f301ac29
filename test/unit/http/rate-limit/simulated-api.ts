import type { RateLimitFacts } from '../../../../src/http/reset-headers.ts'

/** How an API answers a request that reaches it at `now`: whether it refuses it, and what it tells of its limit. */
export type LimitOfApi = (now: number) => {
  readonly refused: boolean
  readonly facts: RateLimitFacts
}

/** `all`: what is left, with every answer; `refusals`: with a 429, when to come back. */
export type Tells = 'all' | 'refusals'

/** A token bucket. */
export function bucketApi(rps: number, capacity: number, tells: Tells): LimitOfApi {
  let tokens = capacity
  let filledAt = Number.NEGATIVE_INFINITY
  return (now) => {
    tokens = Math.min(capacity, tokens + ((now - filledAt) * rps) / 1000)
    filledAt = now
    const refused = tokens < 1
    if (!refused) tokens -= 1
    const missing = tokens >= 1 ? capacity - tokens : 1 - tokens
    const resetMs = Math.ceil((missing / rps) * 1000)
    return { refused, facts: tell(tells, refused, Math.floor(tokens), resetMs) }
  }
}

/** So many requests in each period, as the API's clock divides them. */
export function periodApi(limit: number, periodMs: number, tells: Tells): LimitOfApi {
  let period = -1
  let taken = 0
  return (now) => {
    const current = Math.floor(now / periodMs)
    if (current !== period) taken = 0
    period = current
    const refused = taken >= limit
    if (!refused) taken++
    const resetMs = (current + 1) * periodMs - now
    return { refused, facts: tell(tells, refused, limit - taken, resetMs) }
  }
}

function tell(tells: Tells, refused: boolean, remaining: number, resetMs: number): RateLimitFacts {
  return {
    remaining: tells === 'all' ? remaining : null,
    resetMs: tells === 'all' || refused ? resetMs : null,
  }
}
