import { systemClock, type Clock } from '../core/clock.ts'
import type { RowCounts, RunEvent, SchemaChange } from '../core/events.ts'
import type { SluiceError } from '../core/errors.ts'
import { createWaitTime, type WaitTime } from './wait-time.ts'

export type RunStatus = 'ok' | 'partial' | 'failed' | 'interrupted'
export type EndpointStatus = 'ok' | 'failed' | 'skipped'

/** An error as `--json` prints it: what failed and what to do next, never a stack. */
export interface ErrorSummary {
  readonly code: string
  readonly message: string
  readonly hint: string | null
}

/** What one run did to one endpoint; times are milliseconds. */
export interface EndpointSummary {
  readonly endpoint: string
  readonly status: EndpointStatus
  readonly requests: number
  readonly pages: number
  readonly records: number
  readonly rows: RowCounts
  readonly rejected: number
  readonly deleted: number
  readonly retries: number
  /** For how long its requests waited for a rate limit; what they waited for at the same time counts once. */
  readonly waited_ms: number
  /** Null values for an endpoint without a cursor, or with one bookmark per parent. */
  readonly bookmark: { readonly before: string | null; readonly after: string | null }
  /** Windows read, and left to be read; null where nothing was read in windows. */
  readonly windows: { readonly done: number; readonly left: number } | null
  readonly error: ErrorSummary | null
}

/** What one run did: the object that `--json` prints. */
export interface RunSummary {
  readonly run_id: string
  readonly pipeline: string
  readonly command: 'sync' | 'backfill'
  readonly status: RunStatus
  readonly started_at: string
  readonly finished_at: string
  readonly endpoints: readonly EndpointSummary[]
  readonly schema_changes: readonly SchemaChange[]
  readonly warnings: readonly {
    readonly endpoint: string
    readonly code: string
    readonly message: string
  }[]
  /** What stopped the run before or between endpoints; null when only endpoints failed. */
  readonly error: ErrorSummary | null
}

/** How one endpoint ended; everything else in its summary is counted from events. */
export interface EndpointOutcome {
  readonly status: EndpointStatus
  readonly bookmark: { readonly before: string | null; readonly after: string | null }
  readonly error: SluiceError | null
  /** Whether everything there is to read was read; children of an incomplete parent are incomplete too. */
  readonly complete: boolean
  /** Whether, besides, nothing suggests that the API left something out: children of what is missing are not gone. */
  readonly whole: boolean
}

interface Counts {
  requests: number
  pages: number
  records: number
  rejected: number
  deleted: number
  retries: number
  readonly waited: WaitTime
  windowsDone: number
  windowsLeft: number | null
  readonly rows: Record<string, number>
}

/** Counts what a run's events say; the only maker of summaries. */
export interface Tally {
  add(event: RunEvent): void
  endpoint(endpoint: string, outcome: EndpointOutcome): EndpointSummary
  /** Whether any request was answered with a success. */
  readonly answered: boolean
  /** Resolves once a page of records was read: the source can be reached, and takes the key. */
  readonly firstPage: Promise<void>
  /** Whether one was. */
  readonly hasPage: boolean
  readonly schemaChanges: readonly SchemaChange[]
  readonly warnings: RunSummary['warnings']
}

export function createTally(clock: Clock = systemClock): Tally {
  const byEndpoint = new Map<string, Counts>()
  const schemaChanges: SchemaChange[] = []
  const warnings: { endpoint: string; code: string; message: string }[] = []
  /** What each of many lists has to say is said once. */
  const said = new Set<string>()
  const warn = (endpoint: string, code: string, message: string) => {
    const warning = { endpoint, code, message }
    const key = JSON.stringify(warning)
    if (!said.has(key)) warnings.push(warning)
    said.add(key)
  }
  const counts = (endpoint: string): Counts => {
    let own = byEndpoint.get(endpoint)
    if (!own) {
      own = {
        requests: 0,
        pages: 0,
        records: 0,
        rejected: 0,
        deleted: 0,
        retries: 0,
        waited: createWaitTime(() => clock.now()),
        windowsDone: 0,
        windowsLeft: null,
        rows: {},
      }
      byEndpoint.set(endpoint, own)
    }
    return own
  }
  let answered = false
  let hasPage = false
  let notePage = (): void => {}
  const firstPage = new Promise<void>((resolve) => (notePage = resolve))
  return {
    get answered() {
      return answered
    },
    firstPage,
    get hasPage() {
      return hasPage
    },
    schemaChanges,
    warnings,
    add(event) {
      switch (event.type) {
        case 'request':
          counts(event.endpoint).requests++
          answered ||= event.status < 400
          break
        case 'page':
          counts(event.endpoint).pages++
          counts(event.endpoint).records += event.records
          hasPage = true
          notePage()
          break
        case 'load': {
          const own = counts(event.endpoint)
          own.rejected += event.rejected
          own.deleted += event.deleted
          for (const [table, rows] of Object.entries(event.rows)) {
            own.rows[table] = (own.rows[table] ?? 0) + rows
          }
          break
        }
        case 'retry':
          counts(event.endpoint).retries++
          break
        case 'wait':
          counts(event.endpoint).waited.add(event.ms)
          break
        case 'window':
          if (event.outcome === 'done') counts(event.endpoint).windowsDone++
          counts(event.endpoint).windowsLeft = event.left
          break
        case 'schema_change':
          schemaChanges.push(event.change)
          break
        case 'warning':
          warn(event.endpoint, event.code, event.message)
          break
        default:
          break
      }
    },
    endpoint(endpoint, { status, bookmark, error }) {
      const own = counts(endpoint)
      return {
        endpoint,
        status,
        requests: own.requests,
        pages: own.pages,
        records: own.records,
        rows: own.rows,
        rejected: own.rejected,
        deleted: own.deleted,
        retries: own.retries,
        waited_ms: Math.round(own.waited.total()),
        bookmark,
        windows: own.windowsLeft === null ? null : { done: own.windowsDone, left: own.windowsLeft },
        error: error && summarizeError(error),
      }
    },
  }
}

export function summarizeError(error: SluiceError): ErrorSummary {
  return { code: error.code, message: error.message, hint: error.hint ?? null }
}

/** The run's status from its endpoints': some failed and some did not is `partial`. */
export function statusOf(endpoints: readonly { readonly status: EndpointStatus }[]): RunStatus {
  const failed = endpoints.filter(({ status }) => status !== 'ok').length
  if (failed === 0) return 'ok'
  return failed === endpoints.length ? 'failed' : 'partial'
}
