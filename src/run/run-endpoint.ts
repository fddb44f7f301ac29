import type { SluiceError } from '../core/errors.ts'
import type { RunRecord } from '../state/dataset.ts'
import type { RunContext } from './context.ts'
import { parentFailed, sourceFailed, sourceFailure } from './not-read.ts'
import type { ReadParent } from './parent-rows.ts'
import type { PlannedEndpoint } from './plan.ts'
import type { Session } from './session.ts'
import type { EndpointOutcome, Tally } from './summary.ts'

/** What reading one endpoint came to. */
export interface EndpointRead {
  readonly complete: boolean
  /** Whether, besides, nothing suggests that the API left something out. */
  readonly whole: boolean
  /** Positions of an endpoint with a single bookmark; null otherwise. */
  readonly before: string | null
  readonly after: string | null
  /** Why something was left out while the rest was read; null when nothing was. */
  readonly error: SluiceError | null
}

/** What a command does with the endpoints of a pipeline. */
export interface RunJob {
  readonly command: RunRecord['command']
  /** Parents before their children. */
  readonly planned: readonly PlannedEndpoint[]
  readonly fullRefresh: boolean
  readonly allowDeletes: boolean
  readonly maxPages: number
  /** Reads one endpoint; `parent` is null for one without. */
  readonly read: (
    step: PlannedEndpoint,
    context: RunContext,
    parent: ReadParent | null,
  ) => Promise<EndpointRead>
  /** What is left to do for an endpoint once all have been read; not for one that was skipped. */
  readonly after?: (
    step: PlannedEndpoint,
    context: RunContext,
    outcome: EndpointOutcome,
  ) => Promise<void>
}

export type Outcomes = Map<string, EndpointOutcome>

/** A run as far as it has come. */
export interface SoFar {
  readonly outcomes: Outcomes
  readonly session: Session
  readonly tally: Tally
}

/** Reads one endpoint, unless what was read before says that it can't be; a failure is its outcome. */
export async function runEndpoint(
  job: RunJob,
  step: PlannedEndpoint,
  context: RunContext,
  { outcomes, session, tally }: SoFar,
): Promise<EndpointOutcome> {
  const none = { before: null, after: null }
  const skipped = (error: SluiceError): EndpointOutcome => ({
    status: 'skipped',
    bookmark: none,
    error,
    complete: false,
    whole: false,
  })
  const failure = sourceFailure(outcomes.values(), tally.answered)
  if (failure) return skipped(sourceFailed(step.endpoint, failure))
  const parent = parentOf(job, step, context)
  const parentOutcome = parent && outcomes.get(parent.endpoint.name)
  if (parentOutcome && parentOutcome.status !== 'ok') return skipped(parentFailed(step.endpoint))
  try {
    // A parent that this job does not read is as it stands in the dataset.
    const { complete: all = true, whole: sure = true } = parentOutcome ?? {}
    const read = parent && { planned: parent, complete: all, whole: sure }
    const { complete, whole, before, after, error } = await job.read(step, context, read)
    const bookmark = { before, after }
    if (error) return failed(step, context, { session, thrown: error, bookmark })
    return { status: 'ok', bookmark, error: null, complete, whole }
  } catch (thrown) {
    return failed(step, context, { session, thrown, bookmark: none })
  }
}

/** The outcome of an endpoint that failed. */
export function failed(
  { endpoint }: PlannedEndpoint,
  { log }: RunContext,
  failure: {
    readonly session: Session
    readonly thrown: unknown
    readonly bookmark: EndpointOutcome['bookmark']
  },
): EndpointOutcome {
  const error = failure.session.redactThrown(failure.thrown)
  if (error.code !== 'INTERRUPTED') {
    log.error(error.message, { code: error.code, endpoint: endpoint.name })
  }
  return { status: 'failed', bookmark: failure.bookmark, error, complete: false, whole: false }
}

function parentOf(
  { planned }: RunJob,
  { endpoint }: PlannedEndpoint,
  { pipeline }: RunContext,
): PlannedEndpoint | null {
  const name = endpoint.depends_on?.endpoint
  if (name === undefined) return null
  const inJob = planned.find((step) => step.endpoint.name === name)
  if (inJob) return inJob
  const inSource = pipeline.source.endpoints.find((other) => other.name === name)
  return inSource ? { endpoint: inSource, loaded: true } : null
}
