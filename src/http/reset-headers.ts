import { isRecord, type JsonValue } from '../core/json.ts'
import { timestampToMicros, toTimestamp } from '../core/time.ts'

/** What a response says about the rate limit; null where it says nothing that can be read. */
export interface RateLimitFacts {
  /** Milliseconds from now until more requests are allowed. */
  readonly resetMs: number | null
  /** Requests left until then. */
  readonly remaining: number | null
}

export interface RateLimitInput {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: JsonValue
  /** Epoch milliseconds here. */
  readonly now: number
  /** The server's clock; dates are measured against it, so that a skewed clock here does no harm. */
  readonly serverTime: number | null
  /** `retry.reset_header`: one more header that holds a reset. */
  readonly resetHeader?: string | undefined
}

const EPOCH_SECONDS_FROM = 1e9
const EPOCH_MS_FROM = 1e12
const NUMBER = /^\d+(?:\.\d+)?$/
const HTTP_DATE = /^[a-z]{3,9},? .*\d\d:\d\d:\d\d/i

/**
 * Reads every known form of rate limit header. A 429 means the greatest of all resets it names; on any other status
 * a limit with more left than the tightest one does not hold anything up, and its reset is not counted.
 *
 * ```
 * RateLimit: limit=100, remaining=50, reset=0.87      RateLimit: "default";r=50;t=5
 * RateLimit-Reset: 1      X-RateLimit-Reset: 1781871150      X-Rate-Limit-Reset: 14.68976
 * X-RateLimit-Remaining: 59      Retry-After: 1      {"error": {"rate_reset": "0.595956"}}
 * ```
 */
export function readRateLimit(input: RateLimitInput): RateLimitFacts {
  const reference = input.serverTime ?? input.now
  const limits = [
    ...structured(input.headers['ratelimit'], reference),
    ...['ratelimit', 'x-ratelimit', 'x-rate-limit'].map((prefix) => ({
      reset: delayOf(input.headers[`${prefix}-reset`], reference),
      remaining: smallest(numbers(input.headers[`${prefix}-remaining`])),
    })),
    ...[
      input.headers['retry-after'],
      input.resetHeader && input.headers[input.resetHeader.toLowerCase()],
      ...bodyResets(input.body),
    ].map((reset) => ({ reset: delayOf(reset, reference), remaining: null })),
  ]
  const remaining = smallest(present(limits.map((limit) => limit.remaining)))
  const binding =
    input.status === 429
      ? limits
      : limits.filter((limit) => limit.remaining === null || limit.remaining === remaining)
  return {
    resetMs: greatest(present(binding.map((limit) => limit.reset))),
    remaining,
  }
}

/** The delay a `Retry-After` header asks for, in milliseconds; null when there is none to read. */
export function readRetryAfter(
  header: string | undefined,
  now: number,
  serverTime: number | null,
): number | null {
  return delayOf(header, serverTime ?? now)
}

interface OneLimit {
  readonly reset: number | null
  readonly remaining: number | null
}

/** The `RateLimit` header: one limit in the `limit=, remaining=, reset=` form, or a list of named ones. */
function structured(header: string | undefined, reference: number): OneLimit[] {
  if (header === undefined) return []
  const items = /\b(?:limit|remaining|reset)\s*=/i.test(header) ? [header] : header.split(',')
  return items.map((item) => ({
    reset: delayOf(parameter(item, 'reset|t'), reference),
    remaining: smallest(numbers(parameter(item, 'remaining|r'))),
  }))
}

function parameter(item: string, name: string): string | undefined {
  return new RegExp(`(?:^|[;,\\s])(?:${name})\\s*=\\s*"?([^";,\\s]*)`, 'i').exec(item)?.[1]
}

function bodyResets(body: JsonValue): string[] {
  if (!isRecord(body)) return []
  const holders = [body, body.error].filter((holder) => holder !== undefined).filter(isRecord)
  return holders.map(({ rate_reset: reset }) =>
    typeof reset === 'number' || typeof reset === 'string' ? String(reset) : '',
  )
}

/** Milliseconds until what a header names: seconds from now, epoch seconds, epoch milliseconds or a date. */
function delayOf(text: string | undefined, reference: number): number | null {
  if (text === undefined) return null
  const date = dateOf(text.trim())
  if (date !== null) return Math.max(0, date - reference)
  return greatest(
    numbers(text).map((value) => {
      if (value > EPOCH_MS_FROM) return Math.max(0, Math.ceil(value - reference))
      if (value > EPOCH_SECONDS_FROM) return Math.max(0, Math.ceil(value * 1000 - reference))
      return Math.ceil(value * 1000)
    }),
  )
}

function dateOf(text: string): number | null {
  const iso = toTimestamp(text)
  if (iso !== null) return Number(timestampToMicros(iso) / 1000n)
  if (!HTTP_DATE.test(text)) return null
  // The asctime form has no zone, and Date.parse would take it for local time.
  const millis = Date.parse(/(?:GMT|UTC|[+-]\d{4})$/i.test(text) ? text : `${text} GMT`)
  return Number.isNaN(millis) ? null : millis
}

/** The numbers of a list such as `60, 60;w=1, 100;w=1`; what is not a number is left out. */
function numbers(text: string | undefined): number[] {
  if (text === undefined) return []
  return text
    .split(',')
    .map((item) => item.split(';')[0]!.trim())
    .filter((item) => NUMBER.test(item))
    .map(Number)
    .filter(Number.isFinite)
}

function present(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null)
}

function smallest(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.min(...values)
}

function greatest(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.max(...values)
}
