import type { RunEvent } from '../core/events.ts'
import { WAIT_WORTH_SAYING_MS, describeWait } from './progress-waits.ts'
import { formatCount, formatMillis, plural } from './units.ts'
import { withoutSubject } from './without-subject.ts'

/** How far one endpoint is. */
export interface EndpointProgress {
  readonly name: string
  /** Where it is now: `leads  3 pages  1,200 rows  400 rows/s  60%  2.0 s left`. */
  describe(): string
  /** What it took in all: `3 pages, 300 records, 1,200 rows in 2.0 s`. */
  total(): string
}

/** Keeps count of a run's events, by endpoint. */
export interface ProgressState {
  /** Counts an event; the endpoint it is about, if it is about one. */
  add(event: RunEvent): EndpointProgress | undefined
}

interface Counts {
  readonly startedAt: number
  pages: number
  records: number
  rows: number
  /** Records of the whole list, where the API says so; null where it does not. */
  expected: number | null
  /** The wait that ends last. */
  waiting: { readonly until: number; readonly describe: (ms: number) => string } | null
  windowsDone: number
  windowsLeft: number | null
}

export function createProgressState(now: () => number): ProgressState {
  const byEndpoint = new Map<string, { counts: Counts; progress: EndpointProgress }>()

  function of(name: string) {
    let known = byEndpoint.get(name)
    if (!known) {
      const counts: Counts = {
        startedAt: now(),
        pages: 0,
        records: 0,
        rows: 0,
        expected: null,
        waiting: null,
        windowsDone: 0,
        windowsLeft: null,
      }
      const progress: EndpointProgress = {
        name,
        describe: () => describe(name, counts, now()),
        total: () => total(counts, now()),
      }
      known = { counts, progress }
      byEndpoint.set(name, known)
    }
    return known
  }

  return {
    add(event) {
      if (!('endpoint' in event)) return undefined
      const { counts, progress } = of(event.endpoint)
      count(event, counts, now())
      return progress
    },
  }
}

function count(event: RunEvent, counts: Counts, now: number): void {
  switch (event.type) {
    case 'page':
      counts.pages++
      counts.records += event.records
      counts.expected = event.total
      break
    case 'load':
      for (const rows of Object.values(event.rows)) counts.rows += rows
      break
    case 'window':
      if (event.outcome === 'done') counts.windowsDone++
      counts.windowsLeft = event.left
      break
    case 'wait':
      noteWait(counts, now, event.ms, (ms) => describeWait(ms, event))
      break
    case 'retry': {
      const reason = withoutSubject(event.reason, event.endpoint)
      noteWait(counts, now, event.waitMs, (ms) => `waiting ${formatMillis(ms)}: ${reason}`)
      break
    }
    default:
      break
  }
}

/** Some requests of an endpoint may wait while others bring pages; what is shown is the wait that ends last. */
function noteWait(counts: Counts, now: number, ms: number, describe: (ms: number) => string): void {
  const until = now + ms
  if (ms <= WAIT_WORTH_SAYING_MS || until <= (counts.waiting?.until ?? 0)) return
  counts.waiting = { until, describe }
}

function describe(name: string, counts: Counts, now: number): string {
  const { pages, rows, waiting, startedAt, windowsDone, windowsLeft } = counts
  const seconds = (now - startedAt) / 1000
  const parts = [name, plural(pages, 'page'), plural(rows, 'row')]
  if (seconds >= 1 && rows > 0) parts.push(`${formatCount(Math.round(rows / seconds))} rows/s`)
  const done = shareDone(counts)
  if (windowsLeft !== null)
    parts.push(`${windowsDone} of ${plural(windowsDone + windowsLeft, 'window')}`)
  if (done !== null) {
    parts.push(`${Math.floor(done * 100)}%`)
    if (seconds >= 1 && done > 0 && done < 1) {
      parts.push(`${formatMillis((now - startedAt) * (1 / done - 1))} left`)
    }
  }
  if (waiting && waiting.until > now) parts.push(waiting.describe(waiting.until - now))
  return parts.join('  ')
}

/** How much is done, where that is known: by windows, or by the records that the API counts. */
function shareDone({ records, expected, windowsDone, windowsLeft }: Counts): number | null {
  if (windowsLeft !== null) return windowsDone / Math.max(1, windowsDone + windowsLeft)
  return expected !== null && expected > 0 ? Math.min(1, records / expected) : null
}

function total({ pages, records, rows, startedAt }: Counts, now: number): string {
  const counted = [plural(pages, 'page'), plural(records, 'record'), plural(rows, 'row')]
  return `${counted.join(', ')} in ${formatMillis(now - startedAt)}`
}
