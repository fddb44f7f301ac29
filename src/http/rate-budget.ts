import * as z from 'zod'
import type { Clock } from '../core/clock.ts'
import { SluiceError } from '../core/errors.ts'
import type { Emit } from '../core/events.ts'
import type { RateLimitFacts } from './reset-headers.ts'
import { MAX_JITTER_MS, seconds, serverWait } from './retry.ts'

export const rateLimitConfig = z.strictObject({
  requests_per_second: z
    .number()
    .positive()
    .optional()
    .describe(
      'Requests per second over all endpoints of the source. Default: as fast as it answers.',
    ),
  burst: z
    .int()
    .min(1)
    .default(1)
    .describe('Requests that may start at once after a pause, beyond the even pace.'),
  concurrency: z.int().min(1).default(8).describe('Requests under way at the same time.'),
  group_by: z
    .enum(['path', 'source'])
    .default('source')
    .describe(
      'What a rate limit of the API covers: `source`, every request; `path`, each method and path on its own.',
    ),
})

export type RateLimitConfig = z.output<typeof rateLimitConfig>

/** Leave to send one request. */
export interface Slot {
  /** Hands the slot back, with what the response said about the limit. Later calls do nothing. */
  release(facts?: RateLimitFacts): void
}

/** The budget of requests that all endpoints of a source share. */
export interface RateBudget {
  /** The rate group of a request to this path template. */
  groupOf(method: string, path: string): string
  /**
   * Waits for a slot: first come, first served within a group; a closed group does not hold up the others.
   *
   * @throws SluiceError RATE_LIMIT_WAIT when the group is closed for longer than `maxWaitMs`
   */
  acquire(ask: { group: string; endpoint: string; signal?: AbortSignal | undefined }): Promise<Slot>
  /** Starts nothing in this group for the next `ms` milliseconds. */
  pause(group: string, ms: number): void
}

export interface RateBudgetOptions {
  readonly config: RateLimitConfig
  readonly maxWaitMs: number
  readonly clock: Clock
  readonly random: () => number
  readonly emit: Emit
}

interface Group {
  inFlight: number
  pausedUntil: number
  /** What the newest request to be answered left, until `windowEnds`. */
  remaining: number
  windowEnds: number
  /** Number of that request: an older answer that arrives later is out of date. */
  toldBy: number
}

interface Waiter {
  readonly group: string
  readonly endpoint: string
  readonly start: () => void
  readonly fail: (reason: unknown) => void
  /** The end of the wait that was last announced. */
  announced: number
}

export function createRateBudget(options: RateBudgetOptions): RateBudget {
  const { config, maxWaitMs, clock, random, emit } = options
  const perMs = (config.requests_per_second ?? Number.POSITIVE_INFINITY) / 1000
  const groups = new Map<string, Group>()
  const queue: Waiter[] = []
  let active = 0
  let started = 0
  let tokens: number = config.burst
  let filledAt = clock.now()
  let wake: { readonly at: number; readonly timer: AbortController } | undefined

  function groupNamed(name: string): Group {
    let group = groups.get(name)
    if (!group) {
      group = { inFlight: 0, pausedUntil: 0, remaining: 0, windowEnds: 0, toldBy: 0 }
      groups.set(name, group)
    }
    return group
  }

  /** When the group lets its next request start; requests under way may have used up what is left. */
  function opensAt(group: Group, now: number): number {
    const spent = group.windowEnds > now && group.remaining <= group.inFlight
    return Math.max(group.pausedUntil, spent ? group.windowEnds : 0)
  }

  function pump(): void {
    const now = clock.now()
    if (perMs !== Number.POSITIVE_INFINITY) {
      tokens = Math.min(config.burst, tokens + Math.max(0, now - filledAt) * perMs)
    }
    filledAt = now
    let wakeAt = Number.POSITIVE_INFINITY
    for (const waiter of queue.slice()) {
      if (active >= config.concurrency) break
      const group = groupNamed(waiter.group)
      const opens = opensAt(group, now)
      if (opens > now) {
        if (group.inFlight === 0 || group.pausedUntil > now) hold(waiter, opens, now)
        wakeAt = Math.min(wakeAt, opens)
      } else if (tokens < 1 - 1e-9) {
        const paced = now + Math.ceil((1 - tokens) / perMs)
        announce(waiter, paced, now, 'rate_limit.requests_per_second')
        wakeAt = Math.min(wakeAt, paced)
        break
      } else {
        if (perMs !== Number.POSITIVE_INFINITY) tokens -= 1
        queue.splice(queue.indexOf(waiter), 1)
        waiter.start()
      }
    }
    sleepUntil(queue.length === 0 ? Number.POSITIVE_INFINITY : wakeAt, now)
  }

  function hold(waiter: Waiter, opens: number, now: number): void {
    if (opens - now <= maxWaitMs + MAX_JITTER_MS) {
      announce(waiter, opens, now, 'rate limit: no requests left')
      return
    }
    queue.splice(queue.indexOf(waiter), 1)
    const message = `${waiter.endpoint}: no requests left for ${seconds(opens - now)}, longer than retry.max_wait (${seconds(maxWaitMs)})`
    waiter.fail(
      new SluiceError('RATE_LIMIT_WAIT', message, {
        hint: 'what was committed is kept; run again later, or raise retry.max_wait',
        details: { endpoint: waiter.endpoint, group: waiter.group, wait_ms: opens - now },
      }),
    )
  }

  function announce(waiter: Waiter, until: number, now: number, reason: string): void {
    if (waiter.announced >= until) return
    waiter.announced = until
    emit({ type: 'wait', endpoint: waiter.endpoint, ms: until - now, reason, group: waiter.group })
  }

  function sleepUntil(at: number, now: number): void {
    if (wake?.at === at) return
    wake?.timer.abort()
    wake = undefined
    if (at === Number.POSITIVE_INFINITY) return
    const timer = new AbortController()
    wake = { at, timer }
    void wakeAfter(at - now, timer)
  }

  async function wakeAfter(ms: number, timer: AbortController): Promise<void> {
    try {
      await clock.sleep(ms, timer.signal)
    } catch {
      return
    }
    if (wake?.timer !== timer) return
    wake = undefined
    pump()
  }

  function openSlot(name: string): Slot {
    const group = groupNamed(name)
    const number = ++started
    let open = true
    active++
    group.inFlight++
    return {
      release: (facts) => {
        if (!open) return
        open = false
        active--
        group.inFlight--
        if (facts && facts.remaining !== null && facts.resetMs !== null && number > group.toldBy) {
          group.toldBy = number
          group.remaining = facts.remaining
          group.windowEnds = clock.now() + serverWait(facts.resetMs, random)
        }
        pump()
      },
    }
  }

  return {
    groupOf: (method, path) => (config.group_by === 'path' ? `${method} ${path}` : 'source'),
    acquire: ({ group, endpoint, signal }) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason)
          return
        }
        const waiter: Waiter = {
          group,
          endpoint,
          start: () => {
            signal?.removeEventListener('abort', onAbort)
            resolve(openSlot(group))
          },
          fail: (reason) => {
            signal?.removeEventListener('abort', onAbort)
            reject(reason)
          },
          announced: 0,
        }
        const onAbort = (): void => {
          queue.splice(queue.indexOf(waiter), 1)
          reject(signal!.reason)
          pump()
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        queue.push(waiter)
        pump()
      }),
    pause: (name, ms) => {
      const group = groupNamed(name)
      group.pausedUntil = Math.max(group.pausedUntil, clock.now() + ms)
      pump()
    },
  }
}
