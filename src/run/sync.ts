import type { Config } from '../config/resolved.ts'
import type { RunContext } from './context.ts'
import { followDeletes } from './feed-deletes.ts'
import { performRun, type RunOptions } from './perform-run.ts'
import type { RunJob } from './run-endpoint.ts'
import { pipelineOf, planEndpoints, type PlannedEndpoint } from './plan.ts'
import type { EndpointOutcome, RunSummary } from './summary.ts'
import { followRereads } from './reread.ts'
import { takeSnapshot } from './snapshot.ts'
import { syncEndpoint } from './sync-endpoint.ts'

export interface SyncOptions extends RunOptions {
  /** Endpoints to read; default: those of the pipeline. */
  readonly endpoints?: readonly string[] | undefined
  /** Forget bookmarks and read everything again. Default false. */
  readonly fullRefresh?: boolean
  /** Delete what is gone at the source, however much it is: `max_delete_ratio` is not asked. Default false. */
  readonly allowDeletes?: boolean
  /** Pages each endpoint may read; default: as many as there are. */
  readonly maxPages?: number | undefined
}

/**
 * Brings one pipeline's dataset up to date: everything since its bookmarks, or everything the first time.
 * A failed endpoint does not stop the others; its error is in the summary.
 *
 * @throws SluiceError when the run can't start: USAGE, DESTINATION_UNAVAILABLE, DATASET_TOO_NEW, RUN_LOCKED
 */
export async function sync(
  config: Config,
  pipelineName: string,
  options: SyncOptions = {},
): Promise<RunSummary> {
  const { endpoints = null, fullRefresh = false, allowDeletes = false } = options
  const pipeline = pipelineOf(config, pipelineName)
  const job: RunJob = {
    command: 'sync',
    planned: planEndpoints(pipeline, endpoints),
    fullRefresh,
    allowDeletes,
    maxPages: options.maxPages ?? Infinity,
    read: syncEndpoint,
    after: bringInLine,
  }
  return performRun(config, pipeline, job, options)
}

/** Does for one endpoint what its own list does not: finds what is gone, and reads again what events name. */
async function bringInLine(
  step: PlannedEndpoint,
  context: RunContext,
  { status, complete }: EndpointOutcome,
): Promise<void> {
  const { deletes, reread } = step.endpoint
  if (!step.loaded) return
  if (deletes && deletes.from.length > 0) await followDeletes(step, context)
  // A list that can't be asked for can't be asked for records of it either, and a limit of pages holds for these too.
  if (status !== 'ok' || context.maxPages !== Infinity) return
  // After the deletes: what is there again after it was gone is read again here.
  if (reread.some(({ from }) => from !== 'snapshot')) await followRereads(step, context)
  // What could not be read would look as if it were missing.
  if (deletes?.snapshot && complete) await takeSnapshot(step, context)
}
