import pRetry from 'p-retry'
import * as z from 'zod'
import type { Clock } from '../core/clock.ts'
import { duration } from '../core/duration.ts'
import { SluiceError, TransientError } from '../core/errors.ts'
import type { Emit } from '../core/events.ts'

export const retryConfig = z.strictObject({
  max_attempts: z
    .int()
    .min(1)
    .default(8)
    .describe(
      'Attempts per request, counting the first. Refusals by a rate limit are not counted.',
    ),
  max_wait: duration
    .default(300_000)
    .describe('Longest single wait; when the server asks for more, the endpoint stops, resumable.'),
  timeout: duration
    .refine((millis) => millis > 0, 'expected a duration above 0')
    .default(60_000)
    .describe('Time limit of one attempt, its body included.'),
  base_delay: duration
    .default(1000)
    .describe('The backoff before attempt n+1 is random between 0 and base_delay * 2^(n-1).'),
  statuses: z
    .array(z.int().min(400).max(599))
    .default([408, 425, 429, 500, 502, 503, 504])
    .describe('Statuses worth another attempt. 429 always is one.'),
  reset_header: z
    .string()
    .min(1)
    .optional()
    .describe('A header of this API that says when its rate limit resets.'),
})

export type RetryConfig = z.output<typeof retryConfig>

const SHORTEST_SERVER_WAIT_MS = 100
const JITTER_MS = { from: 50, to: 250 } as const
/** A server that refuses one request this often in spite of the waits it asked for will not serve it. */
const MAX_REFUSALS = 25

/** The longest jitter that {@link serverWait} adds. */
export const MAX_JITTER_MS = JITTER_MS.to

/** How long to wait when a server said `resetMs`: a little longer, so that requests don't return in one burst. */
export function serverWait(resetMs: number, random: () => number): number {
  const jitter = JITTER_MS.from + random() * (JITTER_MS.to - JITTER_MS.from)
  return Math.ceil(Math.max(SHORTEST_SERVER_WAIT_MS, resetMs) + jitter)
}

export interface RetryOptions {
  readonly config: RetryConfig
  readonly clock: Clock
  /** 0 to 1, as Math.random. */
  readonly random: () => number
  readonly emit: Emit
  readonly endpoint: string
  /** Name of the rate group, for events. */
  readonly group: string
  /** Called with the wait after every refusal by a rate limit, before the wait. */
  readonly onRefusal: (waitMs: number) => void
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs `attempt` until it succeeds, throws anything but a TransientError, or has used up its attempts.
 * Failures back off exponentially with full jitter; rate limits wait until the reset. Emits `retry` and `wait`.
 *
 * @throws SluiceError RATE_LIMIT_WAIT when the server asks for more than `max_wait`, or never stops refusing;
 *   the last attempt's error, with the number of attempts, when there are no more
 */
export function retrying<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { config, clock, random, emit, endpoint, group, signal } = options
  let failures = 0
  let refusals = 0

  async function waitOrThrow(error: TransientError, attempts: number): Promise<void> {
    const refused = error.kind === 'rate_limit'
    const count = refused ? ++refusals : ++failures
    const told = error.retryAfterMs
    const waitMs = told === undefined ? backoff(count, refused) : serverWait(told, random)
    if (refused) options.onRefusal(waitMs)
    if (!refused && failures >= config.max_attempts) throw exhausted(error, attempts)
    if (refusals > MAX_REFUSALS) throw refusedTooOften(error, refusals)
    if (told !== undefined && told > config.max_wait) throw tooLong(error, told, config.max_wait)
    if (refused) emit({ type: 'wait', endpoint, ms: waitMs, reason: 'rate limit (429)', group })
    else emit({ type: 'retry', endpoint, attempt: failures, waitMs, reason: error.message })
    await clock.sleep(waitMs, signal)
  }

  function backoff(count: number, refused: boolean): number {
    const ceiling = Math.min(config.max_wait, config.base_delay * 2 ** (count - 1))
    return Math.ceil(Math.max(refused ? SHORTEST_SERVER_WAIT_MS : 0, random() * ceiling))
  }

  return pRetry(attempt, {
    // Counted here, because p-retry gives up on a refusal that follows the last failure it allows.
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 0,
    factor: 1,
    signal,
    shouldRetry: async ({ error, attemptNumber }) => {
      if (!(error instanceof TransientError)) return false
      await waitOrThrow(error, attemptNumber)
      return true
    },
  })
}

function exhausted(error: TransientError, attempts: number): SluiceError {
  const times = attempts === 1 ? '1 attempt' : `${attempts} attempts`
  return new SluiceError(error.code, `${error.message} (${times})`, {
    cause: error.cause,
    hint: error.hint ?? 'what was committed is kept; the next run goes on from there',
    details: { ...error.details, attempts },
  })
}

function tooLong(error: TransientError, told: number, maxWait: number): SluiceError {
  const message = `${error.message}; it asks to wait ${seconds(told)}, longer than retry.max_wait (${seconds(maxWait)})`
  return new SluiceError('RATE_LIMIT_WAIT', message, {
    cause: error.cause,
    hint: 'what was committed is kept; run again later, or raise retry.max_wait',
    details: { ...error.details, wait_ms: told },
  })
}

function refusedTooOften(error: TransientError, refusals: number): SluiceError {
  return new SluiceError('RATE_LIMIT_WAIT', `${error.message}, ${refusals} times in a row`, {
    cause: error.cause,
    hint: 'something else uses up the limit; run again later, or lower rate_limit.requests_per_second',
    details: { ...error.details, attempts: refusals },
  })
}

/** A wait as people read it: `0.9 s`, `300 s`. */
export function seconds(millis: number): string {
  return `${millis < 10_000 ? Math.ceil(millis / 100) / 10 : Math.ceil(millis / 1000)} s`
}
