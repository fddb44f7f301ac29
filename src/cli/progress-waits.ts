import type { RunEvent } from '../core/events.ts'
import { formatMillis } from './units.ts'

/** The rate group that all requests are in where a source has no others. */
const WHOLE_SOURCE = 'source'

export type WaitEvent = Extract<RunEvent, { type: 'wait' }>

/** Shorter waits are part of working within a rate limit, and not worth a word. */
export const WAIT_WORTH_SAYING_MS = 1000

/** A wait like one that was said is not said again for so long, unless it takes longer than that itself. */
const SAID_FOR_MS = 60_000

/**
 * Whether a wait is worth a line of a log: one that is long, once for all requests of a rate group that wait for the same,
 * and not each of those that follow one another.
 */
export function createWaitFilter(now: () => number): (wait: WaitEvent) => boolean {
  const said = new Map<string, { readonly at: number; readonly until: number }>()
  return ({ ms, reason, group }) => {
    if (ms <= WAIT_WORTH_SAYING_MS) return false
    const key = `${group}\n${reason}`
    const at = now()
    const until = at + ms
    const last = said.get(key)
    if (last) {
      if (until <= last.until + WAIT_WORTH_SAYING_MS) return false
      if (at < last.at + SAID_FOR_MS && ms < SAID_FOR_MS) return false
    }
    said.set(key, { at, until })
    return true
  }
}

/** `waiting 12 s: rate limit (429)`; a limit of a part of the source is named: `waiting 12 s (search): ...`. */
export function describeWait(ms: number, { group, reason }: Omit<WaitEvent, 'ms'>): string {
  const which = group === WHOLE_SOURCE ? '' : ` (${group})`
  return `waiting ${formatMillis(ms)}${which}: ${reason}`
}
