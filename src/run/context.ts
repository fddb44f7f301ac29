import type { Clock } from '../core/clock.ts'
import type { Emit } from '../core/events.ts'
import type { Logger } from '../core/log.ts'
import type { ResolvedPipeline } from '../config/resolved.ts'
import type { PageBudget } from '../extract/page-budget.ts'
import type { RestClient } from '../http/client.ts'
import type { EndpointSchema } from '../normalize/types.ts'
import type { Dataset } from '../state/dataset.ts'
import type { TableNames } from './table-names.ts'

/** How far a run fetches ahead of what it loads. */
export interface Ahead {
  readonly budget: PageBudget
  /** Most requests of a list, lists of an endpoint, and endpoints that are under way side by side. */
  readonly depth: number
}

/** What every endpoint of one run shares. */
export interface RunContext {
  readonly runId: string
  readonly pipeline: ResolvedPipeline
  readonly dataset: Dataset
  readonly client: RestClient
  readonly clock: Clock
  readonly log: Logger
  readonly emit: Emit
  /** A text with every secret in it replaced. */
  readonly redact: (text: string) => string
  /** Aborted, with the error to report as its reason, when the run is to stop. */
  readonly signal: AbortSignal
  /** When the run began, as a canonical timestamp. */
  readonly startedAt: string
  /** A load id greater than every one before it. */
  readonly nextLoadId: () => string
  /** Schemas as they are in the dataset, by endpoint; kept up to date by the writers. */
  readonly schemas: Map<string, EndpointSchema>
  readonly tableNames: TableNames
  /** The endpoints that this run loads. */
  readonly loaded: ReadonlySet<string>
  /** Forget bookmarks and read everything again. */
  readonly fullRefresh: boolean
  /** Delete what is gone however much it is. */
  readonly allowDeletes: boolean
  /** Null where no page may be asked for before it is wanted. */
  readonly ahead: Ahead | null
  /** Pages each endpoint may read in this run. */
  readonly maxPages: number
}

/**
 * Load ids are seconds since the epoch with six decimals, as text, so that they sort in the order of the
 * loads; two never share one, whatever the clock does.
 */
export function createLoadIds(clock: Clock, greatest: string | null): () => string {
  let last = greatest === null ? 0n : BigInt(greatest.replace('.', ''))
  return () => {
    const now = BigInt(clock.now()) * 1000n
    last = now > last ? now : last + 1n
    const digits = last.toString().padStart(7, '0')
    return `${digits.slice(0, -6)}.${digits.slice(-6)}`
  }
}
