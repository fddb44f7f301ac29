import { randomUUID } from 'node:crypto'
import { followAbort } from '../core/abort.ts'
import { systemClock, type Clock } from '../core/clock.ts'
import { asSluiceError, messageOf } from '../core/errors.ts'
import type { Emit } from '../core/events.ts'
import { silentLogger, type Logger } from '../core/log.ts'
import { createPageBudget } from '../extract/page-budget.ts'
import { millisToTimestamp } from '../core/time.ts'
import type { Config, ResolvedPipeline } from '../config/resolved.ts'
import type { Dataset, RunRecord } from '../state/dataset.ts'
import { createLoadIds, type RunContext } from './context.ts'
import { settleLabelViews } from './label-views.ts'
import { openForRun } from './open.ts'
import { beginRecord, endRecord } from './record.ts'
import { finishEndpoints, readEndpoints } from './endpoints.ts'
import type { Outcomes, RunJob } from './run-endpoint.ts'
import { createSession, type Session } from './session.ts'
import { createTableNames } from './table-names.ts'
import { createTally, statusOf, summarizeError, type RunSummary, type Tally } from './summary.ts'

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

/**
 * Does a job under the dataset's lock, and records how it went. A failed endpoint does not stop
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
  const tally = createTally(clock)
  const signal = options.signal ?? new AbortController().signal
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
  const stop = followAbort(signal)
  try {
    await dataset.lock({ runId, pipeline: pipeline.name })
    const schemas = new Map((await dataset.schemas()).map((schema) => [schema.endpoint, schema]))
    const { endpoints } = pipeline.source
    const context: RunContext = {
      runId,
      pipeline,
      dataset,
      client: session.client,
      clock,
      log,
      emit: session.emit,
      redact: (text) => session.redact(text),
      signal: stop.signal,
      startedAt: millisToTimestamp(clock.now()),
      nextLoadId: createLoadIds(clock, await dataset.newestLoad(null)),
      schemas,
      tableNames: createTableNames(schemas.values(), endpoints, dataset.maxIdentifierBytes),
      loaded: new Set(
        job.planned.filter((step) => step.loaded).map(({ endpoint }) => endpoint.name),
      ),
      fullRefresh: job.fullRefresh,
      allowDeletes: job.allowDeletes,
      ahead: { budget: createPageBudget(), depth: pipeline.source.rate_limit.concurrency },
      maxPages: job.maxPages,
    }
    const record = beginRecord(context, job.command, options.trigger ?? 'library')
    await dataset.startRun(record)
    const summary = await runEndpoints(job, context, { session, tally, signal, stop })
    await finish(dataset, record, summary, log)
    return summary
  } finally {
    stop.abort()
    await closeAll(dataset, session, log)
  }
}

interface RunParts {
  readonly session: Session
  readonly tally: Tally
  /** Aborted by who started the run. */
  readonly signal: AbortSignal
  /** Aborts everything that is under way, for whatever reason. */
  readonly stop: AbortController
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
  { session, tally, signal, stop }: RunParts,
): Promise<RunSummary> {
  const { emit, runId, pipeline } = context
  const names = job.planned.map(({ endpoint }) => endpoint.name)
  emit({ type: 'run_started', runId, pipeline: pipeline.name, endpoints: names })
  const outcomes: Outcomes = new Map()
  const ended = await readEndpoints(job, context, { outcomes, session, tally, stop })
  if (!ended && !signal.aborted) {
    await finishEndpoints(job, context, { outcomes, session, tally })
    await completeIndexes(context)
    await settleLabelViews(context, outcomes)
  }
  const endpoints = names.flatMap((name) => {
    const outcome = outcomes.get(name)
    return outcome ? [tally.endpoint(name, outcome)] : []
  })
  const interruption = signal.aborted ? asSluiceError(signal.reason) : null
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

/** A lock that can't be given back loses nothing: the next run takes it over. */
async function closeAll(dataset: Dataset, session: Session, log: Logger): Promise<void> {
  try {
    await dataset.unlock()
  } catch (error) {
    log.warn(`the dataset's lock was not given back: ${messageOf(error)}`)
  }
  await Promise.allSettled([session.close(), dataset.close()])
}
