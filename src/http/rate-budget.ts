import * as z from 'zod'
import type { Clock } from '../core/clock.ts'
import type { Emit } from '../core/events.ts'
import { NEVER, createAlarm } from './rate-limit/alarm.ts'
import { createGrouping, rateGroupConfig, shareConfig, uniqueNames } from './rate-limit/grouping.ts'
import { createLanes, type Lane } from './rate-limit/lanes.ts'
import { createPace } from './rate-limit/pace.ts'
import { createRateGroup, type Hold, type RateGroup } from './rate-limit/rate-group.ts'
import { steadyTime } from './rate-limit/steady-time.ts'
import { createWaitAnnouncer, waitTooLong } from './rate-limit/waits.ts'
import type { RateLimitFacts } from './reset-headers.ts'
import { MAX_JITTER_MS } from './retry.ts'

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
      'What a rate limit of the API covers: `source`, every request; `path`, each method and path on its own. For what is in none of `groups`.',
    ),
  per_group: shareConfig
    .default({})
    .describe(
      'What each group may spend of that: `requests_per_second`, `burst` and `concurrency`. A group may have its own.',
    ),
  groups: z
    .array(rateGroupConfig)
    .superRefine(uniqueNames)
    .default([])
    .describe(
      'Requests that share a limit of the API, as described below. A request is in the first that fits.',
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
   * Waits for a slot. Endpoints take turns, and each one's requests start as they came; a group that is held up does
   * not hold up the others.
   *
   * @throws SluiceError RATE_LIMIT_WAIT when the group is closed for longer than `maxWaitMs`
   */
  acquire(ask: { group: string; endpoint: string; signal?: AbortSignal | undefined }): Promise<Slot>
  /** Starts nothing in this group for the next `ms` milliseconds: the API has refused a request. */
  pause(group: string, ms: number): void
}

export interface RateBudgetOptions {
  readonly config: RateLimitConfig
  readonly maxWaitMs: number
  readonly clock: Clock
  readonly random: () => number
  readonly emit: Emit
}

interface Waiter {
  readonly start: (slot: Slot) => void
  readonly fail: (reason: unknown) => void
}

/**
 * A start that comes late, because a timer or the process was, is made up for; by no more than this, and so that the next
 * one never comes at the same time.
 */
const MADE_UP_MS = 50
const MADE_UP_STEPS = 0.5

export function createRateBudget(options: RateBudgetOptions): RateBudget {
  const { config, maxWaitMs, clock, random, emit } = options
  const now = steadyTime(clock)
  const grouping = createGrouping(config)
  const pace = createPace(config)
  const groups = new Map<string, RateGroup>()
  const lanes = createLanes<Waiter>()
  const alarm = createAlarm(clock, now, pump)
  const announce = createWaitAnnouncer(emit)
  let underWay = 0

  function groupNamed(name: string): RateGroup {
    let group = groups.get(name)
    if (!group) {
      const { concurrency = config.concurrency, ...share } = grouping.shareOf(name)
      const own = createPace(share)
      const stepMs = Math.max(pace.stepMs, own.stepMs)
      group = createRateGroup({ concurrency, pace: own, stepMs, random })
      groups.set(name, group)
    }
    return group
  }

  /** Starts what may start, and sees to it that what may start later does. */
  function pump(): void {
    const at = now()
    const late = Math.min(MADE_UP_MS, MADE_UP_STEPS * pace.stepMs, alarm.overdue(at))
    while (underWay < config.concurrency && pace.opensAt() <= at) {
      const lane = firstOpen(at)
      if (!lane) break
      lanes.take(lane).start(openSlot(lane.group, at, late))
    }
    // At the limit of concurrency it is the end of a request that lets the next one start.
    const next = underWay < config.concurrency ? holdRest(at) : NEVER
    // Whoever hears of a wait may give up.
    alarm.set(lanes.isEmpty ? NEVER : next)
  }

  function firstOpen(at: number): Lane | undefined {
    for (const lane of lanes.inTurn()) if (!groupNamed(lane.group).hold(at)) return lane
    return undefined
  }

  /** Says what everyone waits for, and fails whoever would wait too long; when the first of them can start. */
  function holdRest(at: number): number {
    const turns = new Map<string, number>()
    let first = NEVER
    let inSource = 0
    for (const lane of lanes.inTurn()) {
      const inGroup = turns.get(lane.group) ?? 0
      const hold = holdOf(lane, at, { inGroup, inSource })
      const isLimit = hold.by === 'refusal' || hold.by === 'nothing left'
      if (isLimit && hold.until > at + maxWaitMs + MAX_JITTER_MS) {
        const error = waitTooLong(lane, hold.until - at, maxWaitMs)
        for (const waiter of lanes.clear(lane)) waiter.fail(error)
        continue
      }
      if (hold.by === 'source pace') inSource++
      if (hold.by === 'source pace' || hold.by === 'group pace') turns.set(lane.group, inGroup + 1)
      announce(lane, hold, at)
      first = Math.min(first, hold.until)
    }
    return first
  }

  /** What holds a lane up, after so many others of its group and of the source have had their turns. */
  function holdOf(
    { group }: Lane,
    at: number,
    ahead: { readonly inGroup: number; readonly inSource: number },
  ): Hold {
    const own = groupNamed(group).hold(at, ahead.inGroup)
    const opens = pace.opensAt(ahead.inSource)
    const isOwn = own !== null && (own.by !== 'group pace' || own.until >= opens)
    return isOwn ? own : { until: opens, by: 'source pace' }
  }

  function openSlot(name: string, at: number, late: number): Slot {
    const group = groupNamed(name)
    const request = group.start(at, late)
    pace.book(at, late)
    underWay++
    let open = true
    return {
      release: (facts) => {
        if (!open) return
        open = false
        underWay--
        group.end(request, now(), facts)
        pump()
      },
    }
  }

  return {
    groupOf: (method, path) => grouping.groupOf(method, path),
    acquire: ({ group, endpoint, signal }) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const lane = { group, endpoint }
        const waiter: Waiter = {
          start: (slot) => {
            signal?.removeEventListener('abort', onAbort)
            resolve(slot)
          },
          fail: (error) => {
            signal?.removeEventListener('abort', onAbort)
            reject(error)
          },
        }
        const onAbort = (): void => {
          lanes.leave(lane, waiter)
          reject(signal!.reason)
          pump()
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        lanes.join(lane, waiter)
        pump()
      }),
    pause: (group, ms) => {
      const at = now()
      groupNamed(group).refuse(at, at + ms)
      pump()
    },
  }
}
