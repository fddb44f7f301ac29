import type { RateLimitFacts } from '../reset-headers.ts'
import { serverWait } from '../retry.ts'
import { NEVER } from './alarm.ts'
import type { Pace } from './pace.ts'
import { createRoom } from './room.ts'

/** What keeps the requests of a group from starting. */
export interface Hold {
  /** They may start then, or when a request under way is answered. */
  readonly until: number
  /** `answers`: requests are under way, and what becomes of them decides. */
  readonly by: 'refusal' | 'nothing left' | 'group pace' | 'source pace' | 'answers'
}

/** Requests that share one limit of the API: when the next may start, by what the configuration and the answers say. */
export interface RateGroup {
  /** Null where the next request may start now; by the pace, after `ahead` others. */
  hold(now: number, ahead?: number): Hold | null
  /** Counts a request as under way, which was due `late` milliseconds ago; its number. */
  start(now: number, late: number): number
  /** Without facts, nobody has answered. */
  end(request: number, now: number, facts?: RateLimitFacts): void
  /** The API has refused a request, and wants none before then. */
  refuse(now: number, until: number): void
}

export interface RateGroupOptions {
  readonly concurrency: number
  readonly pace: Pace
  /** Milliseconds from one start to the next at the pace of the group or the source, whichever is slower. */
  readonly stepMs: number
  /** 0 to 1, as Math.random. */
  readonly random: () => number
}

/** Facts that say both how much is left and until when. */
interface Told {
  readonly remaining: number
  readonly resetMs: number
}

function isTold(facts: RateLimitFacts): facts is Told {
  return facts.remaining !== null && facts.resetMs !== null
}

/** A step of the pace is not exact on its way to the server. */
const STEPS_TO_SPARE = 1.5
/** Two answers that name the same reset do so within this, whatever their ways took. */
const SAME_PERIOD_MS = 500

export function createRateGroup(options: RateGroupOptions): RateGroup {
  const { concurrency, pace, stepMs, random } = options
  const room = createRoom(concurrency, { isPaced: stepMs > 0 })
  let started = 0
  let underWay = 0
  let refusedUntil = 0
  /** What the newest request to be answered has left, until when; and when the API said that there is more. */
  let told = { by: 0, remaining: 0, until: 0, resetsAt: 0 }
  /** Answers to requests up to this one say nothing about how many the API bears now. */
  let probedAfter = 0

  /** Whether requests under way may have used up what is left. */
  const isSpent = (now: number): boolean => told.until > now && told.remaining <= underWay

  function probe(): void {
    probedAfter = started
    room.probe()
  }

  function learn(request: number, now: number, { remaining, resetMs }: Told): void {
    const resetsAt = now + resetMs
    if (request < told.by) {
      // Requests may overtake each other on their way: the least that was left is what is left.
      const isSamePeriod = Math.abs(resetsAt - told.resetsAt) < SAME_PERIOD_MS
      if (isSamePeriod) told = { ...told, remaining: Math.min(told.remaining, remaining) }
      return
    }
    // At this pace, what is left lasts until there is more.
    const lasts = resetMs < (remaining + STEPS_TO_SPARE) * stepMs
    const until = lasts ? 0 : now + serverWait(resetMs, random)
    told = { by: request, remaining, until, resetsAt }
    if (!lasts && remaining === 0) probe()
  }

  return {
    hold(now, ahead = 0) {
      if (refusedUntil > now) return { until: refusedUntil, by: 'refusal' }
      if (isSpent(now)) return { until: told.until, by: underWay > 0 ? 'answers' : 'nothing left' }
      if (underWay >= room.size) return { until: NEVER, by: 'answers' }
      const opens = pace.opensAt(ahead)
      return opens > now ? { until: opens, by: 'group pace' } : null
    },
    start(now, late) {
      pace.book(now, late)
      underWay++
      return ++started
    },
    end(request, now, facts) {
      underWay--
      if (!facts) return
      const tells = isTold(facts)
      if (tells) learn(request, now, facts)
      if (request > probedAfter) room.answered(tells ? 'known' : 'unknown')
    },
    refuse(now, until) {
      // Requests that were under way together are refused together.
      if (refusedUntil <= now) {
        // Where the API says what is left, that is known better than by trying.
        if (!(told.until > now && told.remaining === 0)) room.halve()
        probe()
      }
      refusedUntil = Math.max(refusedUntil, until)
    },
  }
}
