import type { Emit } from '../core/events.ts'
import type { Cli } from './cli.ts'
import { createProgressState, type EndpointProgress, type ProgressState } from './progress-state.ts'
import {
  WAIT_WORTH_SAYING_MS,
  createWaitFilter,
  describeWait,
  type WaitEvent,
} from './progress-waits.ts'
import { createLiveLines, type LiveLines } from './live-lines.ts'
import { formatMillis } from './units.ts'
import { withoutSubject } from './without-subject.ts'

/** Shows what a run does while it does it, on stderr. */
export interface Progress {
  readonly onEvent: Emit
  /** Writes a line above whatever is live. */
  readonly line: (text: string) => void
  /** Leaves the terminal as it was found. */
  stop(): void
}

/**
 * - `bar`: one live line per endpoint at work, on a terminal
 * - `log`: a line per endpoint when it ends, per warning and per long wait
 * - `none`: nothing
 * - `auto`: `bar` on a terminal, else `log`; `none` with `-q`
 */
export async function openProgress({ effects, options }: Cli, pipeline: string): Promise<Progress> {
  const { stderr, clock } = effects
  const terminal = stderr.isTTY === true
  const write = (text: string) => void stderr.write(`${text}\n`)
  if (options.quiet === true || options.progress === 'none') {
    return { onEvent: () => {}, line: write, stop: () => {} }
  }
  const state = createProgressState(() => clock.now())
  // Off a terminal there is nothing to redraw.
  if (!terminal || options.progress === 'log') {
    const isWorthSaying = createWaitFilter(() => clock.now())
    const onEvent = logEvents(state, { write, pipeline, isWorthSaying })
    return { onEvent, line: write, stop: () => {} }
  }
  const live = await createLiveLines(stderr)
  return { onEvent: drawEvents(state, live), line: live.above, stop: live.stop }
}

interface LogOptions {
  readonly write: (text: string) => void
  readonly pipeline: string
  readonly isWorthSaying: (wait: WaitEvent) => boolean
}

function logEvents(state: ProgressState, { write, pipeline, isWorthSaying }: LogOptions): Emit {
  return (event) => {
    const endpoint = state.add(event)
    if (event.type === 'warning') {
      write(
        `warning: ${pipeline}.${event.endpoint}: ${withoutSubject(event.message, event.endpoint)}`,
      )
    } else if (event.type === 'wait') {
      if (isWorthSaying(event)) {
        write(`${pipeline}.${event.endpoint}: ${describeWait(event.ms, event)}`)
      }
    } else if (event.type === 'retry' && event.waitMs > WAIT_WORTH_SAYING_MS) {
      write(
        `${pipeline}.${event.endpoint}: trying again in ${formatMillis(event.waitMs)}: ${withoutSubject(event.reason, event.endpoint)}`,
      )
    } else if (event.type === 'endpoint_finished' && endpoint) {
      write(`${pipeline}.${finished(endpoint, event.status)}`)
    }
  }
}

function drawEvents(state: ProgressState, live: LiveLines): Emit {
  return (event) => {
    const endpoint = state.add(event)
    if (!endpoint) return
    if (event.type === 'endpoint_started') {
      live.add(endpoint.name, () => endpoint.describe())
    } else if (event.type === 'endpoint_finished') {
      live.remove(endpoint.name, finished(endpoint, event.status))
    }
  }
}

function finished(endpoint: EndpointProgress, status: string): string {
  return `${endpoint.name}: ${status}${status === 'skipped' ? '' : `, ${endpoint.total()}`}`
}
