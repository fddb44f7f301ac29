import { randomUUID } from 'node:crypto'
import { systemClock, type Clock } from '../core/clock.ts'
import { asSluiceError, messageOf, type SluiceError } from '../core/errors.ts'
import type { Emit } from '../core/events.ts'
import { silentLogger, type Logger } from '../core/log.ts'
import { millisToTimestamp } from '../core/time.ts'
import type { Config, ResolvedPipeline } from '../config/resolved.ts'
import type { Dataset, RunRecord } from '../state/dataset.ts'
import { createLoadIds, type RunContext } from './context.ts'
import { endsRun, parentFailed, sourceFailed, sourceFailure } from './not-read.ts'
import { openForRun } from './open.ts'
import type { ReadParent } from './parent-rows.ts'
import type { PlannedEndpoint } from './plan.ts'
import { beginRecord, endRecord } from './record.ts'
import { createSession, type Session } from './session.ts'
import {
  createTally,
  statusOf,
  summarizeError,
  type EndpointOutcome,
  type RunSummary,
  type Tally,
} from './summary.ts'

export interface RunOptions {
  /** Read and normalize, write nothing. Default false. */
  readonly dryRun?: boolean
  /** Stops the run: what is complete is committed, the rest is read by the next run. */
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: Emit | undefined
  readonly log?: Logger | undefined
  readonly clock?: Clock | undefined
  /** What started the run, for `_sluice_runs`. Default `library`. */
  readonly trigger?: string | undefined
}

/** What reading one endpoint came to. */
export interface EndpointRead {
  readonly complete: boolean
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
  readonly maxPages: number
  /** Reads one endpoint; `parent` is null for one without. */
  readonly read: (
    step: PlannedEndpoint,
    context: RunContext,
    parent: ReadParent | null,
  ) => Promise<EndpointRead>
}

/**
 * Does a job under the dataset's lock, endpoint by endpoint, and records how it went. A failed endpoint does not stop
 * the others; its error is in the summary.
 *
 * @throws SluiceError when the run can't start: DESTINATION_UNAVAILABLE, DATASET_TOO_NEW, RUN_LOCKED
 */
export async function performRun(
  config: Config,
  pipeline: ResolvedPipeline,
  job: RunJob,
  options: RunOptions,
): Promise<RunSummary> {
  const clock = options.clock ?? systemClock
  const log = options.log ?? silentLogger
  const runId = randomUUID()
  const tally = createTally()
  const write = !options.dryRun
  const dataset = await openForRun(config, pipeline, { clock, log, write })
  const session = createSession(config, pipeline, {
    dataset: write ? dataset : null,
    clock,
    log,
    emit(event) {
      tally.add(event)
      options.onEvent?.(event)
    },
  })
  try {
    await dataset.lock({ runId, pipeline: pipeline.name })
    const context: RunContext = {
      runId,
      pipeline,
      dataset,
      client: session.client,
      clock,
      log,
      emit: session.emit,
      signal: options.signal ?? new AbortController().signal,
      startedAt: millisToTimestamp(clock.now()),
      nextLoadId: createLoadIds(clock, await dataset.newestLoad(null)),
      schemas: new Map((await dataset.schemas()).map((schema) => [schema.endpoint, schema])),
      fullRefresh: job.fullRefresh,
      maxPages: job.maxPages,
    }
    const record = beginRecord(context, job.command, options.trigger ?? 'library')
    await dataset.startRun(record)
    const summary = await runEndpoints(job, context, { session, tally })
    await finish(dataset, record, summary, log)
    return summary
  } finally {
    await closeAll(dataset, session)
  }
}

/** A run that the dataset itself has ended can't be recorded there; its summary still says what happened. */
async function finish(
  dataset: Dataset,
  record: RunRecord,
  summary: RunSummary,
  log: Logger,
): Promise<void> {
  try {
    await dataset.finishRun(...endRecord(record, summary))
  } catch (error) {
    if (summary.error === null) throw error
    log.warn(`the end of run ${record.runId} was not recorded: ${messageOf(error)}`)
  }
}

async function runEndpoints(
  job: RunJob,
  context: RunContext,
  { session, tally }: { readonly session: Session; readonly tally: Tally },
): Promise<RunSummary> {
  const { emit, runId, pipeline } = context
  emit({
    type: 'run_started',
    runId,
    pipeline: pipeline.name,
    endpoints: job.planned.map(({ endpoint }) => endpoint.name),
  })
  const outcomes = new Map<string, EndpointOutcome>()
  let ended: SluiceError | null = null
  for (const step of job.planned) {
    const { name } = step.endpoint
    emit({ type: 'endpoint_started', endpoint: name })
    const outcome = await runEndpoint(job, step, context, { outcomes, session, tally })
    outcomes.set(name, outcome)
    emit({ type: 'endpoint_finished', endpoint: name, status: outcome.status })
    if (endsRun(outcome)) ended = outcome.error
    if (ended || context.signal.aborted) break
  }
  if (!ended && !context.signal.aborted) await completeIndexes(context)
  const endpoints = [...outcomes].map(([name, outcome]) => tally.endpoint(name, outcome))
  const interruption = context.signal.aborted ? asSluiceError(context.signal.reason) : null
  const stopped = interruption ?? ended
  const status = interruption ? 'interrupted' : statusOf(endpoints)
  emit({ type: 'run_finished', runId, status })
  return {
    run_id: runId,
    pipeline: pipeline.name,
    command: job.command,
    status,
    started_at: context.startedAt,
    finished_at: millisToTimestamp(context.clock.now()),
    endpoints,
    schema_changes: tally.schemaChanges,
    warnings: tally.warnings,
    error: stopped && summarizeError(stopped),
  }
}

/** New tables get their indexes once they are filled; one that can't be made is said, the rows are safe. */
async function completeIndexes({ dataset, emit }: RunContext): Promise<void> {
  for (const { endpoint, message } of await dataset.completeIndexes()) {
    emit({ type: 'warning', endpoint, code: 'INDEX_FAILED', message })
  }
}

interface SoFar {
  readonly outcomes: ReadonlyMap<string, EndpointOutcome>
  readonly session: Session
  readonly tally: Tally
}

async function runEndpoint(
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
  })
  const failure = sourceFailure(outcomes.values(), tally.answered)
  if (failure) return skipped(sourceFailed(step.endpoint, failure))
  const parent = parentOf(job, step, context)
  const parentOutcome = parent && outcomes.get(parent.endpoint.name)
  if (parentOutcome && parentOutcome.status !== 'ok') return skipped(parentFailed(step.endpoint))
  try {
    // A parent that this job does not read is as it stands in the dataset.
    const read = parent && { planned: parent, complete: parentOutcome?.complete ?? true }
    const { complete, before, after, error } = await job.read(step, context, read)
    const bookmark = { before, after }
    return error ? failed(error, bookmark) : { status: 'ok', bookmark, error: null, complete }
  } catch (thrown) {
    return failed(thrown, none)
  }

  function failed(thrown: unknown, bookmark: EndpointOutcome['bookmark']): EndpointOutcome {
    const error = session.redactThrown(thrown)
    if (error.code !== 'INTERRUPTED') {
      context.log.error(error.message, { code: error.code, endpoint: step.endpoint.name })
    }
    return { status: 'failed', bookmark, error, complete: false }
  }
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

async function closeAll(dataset: Dataset, session: Session): Promise<void> {
  try {
    await dataset.unlock()
  } finally {
    await Promise.allSettled([session.close(), dataset.close()])
  }
}
