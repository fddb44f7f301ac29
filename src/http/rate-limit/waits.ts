import { SluiceError } from '../../core/errors.ts'
import type { Emit } from '../../core/events.ts'
import { seconds } from '../retry.ts'
import { SOURCE_GROUP } from './grouping.ts'
import type { Lane } from './lanes.ts'
import type { Hold } from './rate-group.ts'

const PACE = 'rate_limit.requests_per_second'

const REASONS: Readonly<Record<Hold['by'], string | null>> = {
  refusal: 'rate limit (429)',
  'nothing left': 'rate limit: no requests left',
  'group pace': PACE,
  'source pace': PACE,
  // It is not known for how long.
  answers: null,
}

/** Says what the requests of a lane wait for: once, and again when it takes longer than was said. */
export type AnnounceWait = (lane: Lane, hold: Hold, now: number) => void

export function createWaitAnnouncer(emit: Emit): AnnounceWait {
  const saidUntil = new Map<string, number>()
  return ({ group, endpoint }, hold, now) => {
    const reason = REASONS[hold.by]
    const lane = `${group}\n${endpoint}`
    if (reason === null || hold.until < (saidUntil.get(lane) ?? now) + 1) return
    saidUntil.set(lane, hold.until)
    const ms = Math.ceil(hold.until - now)
    const limited = hold.by === 'source pace' ? SOURCE_GROUP : group
    emit({ type: 'wait', endpoint, ms, reason, group: limited })
  }
}

export function waitTooLong({ group, endpoint }: Lane, ms: number, maxMs: number): SluiceError {
  const wait = `longer than retry.max_wait (${seconds(maxMs)})`
  return new SluiceError(
    'RATE_LIMIT_WAIT',
    `${endpoint}: no requests left for ${seconds(ms)}, ${wait}`,
    {
      hint: 'what was committed is kept; run again later, or raise retry.max_wait',
      details: { endpoint, group, wait_ms: ms },
    },
  )
}
