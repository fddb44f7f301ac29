import type { Config } from '../config/resolved.ts'
import { performRun, type RunOptions } from './perform-run.ts'
import { pipelineOf, planEndpoints } from './plan.ts'
import type { RunSummary } from './summary.ts'
import { syncEndpoint } from './sync-endpoint.ts'

export interface SyncOptions extends RunOptions {
  /** Endpoints to read; default: those of the pipeline. */
  readonly endpoints?: readonly string[] | undefined
  /** Forget bookmarks and read everything again. Default false. */
  readonly fullRefresh?: boolean
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
  { endpoints, fullRefresh = false, maxPages = Infinity, ...options }: SyncOptions = {},
): Promise<RunSummary> {
  const pipeline = pipelineOf(config, pipelineName)
  const planned = planEndpoints(pipeline, endpoints ?? null)
  const job = { command: 'sync', planned, fullRefresh, maxPages, read: syncEndpoint } as const
  return performRun(config, pipeline, job, options)
}
