import type { Emit } from '../core/events.ts'
import type { Cli } from './cli.ts'
import { createProgressState, type EndpointProgress, type ProgressState } from './progress-state.ts'
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

/** Shorter waits are part of working within a rate limit, and not worth a line. */
const WAIT_WORTH_SAYING_MS = 1000

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
    return { onEvent: logEvents(state, write, pipeline), line: write, stop: () => {} }
  }
  const live = await createLiveLines(stderr)
  return { onEvent: drawEvents(state, live), line: live.above, stop: live.stop }
}

function logEvents(state: ProgressState, write: (text: string) => void, pipeline: string): Emit {
  return (event) => {
    const endpoint = state.add(event)
    if (event.type === 'warning') {
      write(
        `warning: ${pipeline}.${event.endpoint}: ${withoutSubject(event.message, event.endpoint)}`,
      )
    } else if (event.type === 'wait' && event.ms > WAIT_WORTH_SAYING_MS) {
      write(`${pipeline}.${event.endpoint}: waiting ${formatMillis(event.ms)}: ${event.reason}`)
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
