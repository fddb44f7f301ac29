import type { Clock } from '../core/clock.ts'
import type { Logger } from '../core/log.ts'
import type { Config, ResolvedPipeline } from '../config/resolved.ts'
import { openDataset, type Dataset } from '../state/dataset.ts'
import { createDryDataset } from './dry-dataset.ts'
import { labelViewsOf } from './label-views.ts'

/** Identifiers of a dataset that does not exist yet are kept as short as Postgres wants them. */
const SHORTEST_IDENTIFIER_BYTES = 63

/** The dataset of a pipeline for a run; without `write` one that counts what would be loaded. */
export async function openForRun(
  config: Config,
  pipeline: ResolvedPipeline,
  { clock, log, write }: { readonly clock: Clock; readonly log: Logger; readonly write: boolean },
): Promise<Dataset> {
  const dataset = await openDataset({
    destination: pipeline.destination.config,
    dataset: pipeline.dataset,
    mode: write ? 'write' : 'read',
    folder: config.folder,
    labelViews: labelViewsOf(pipeline.source),
    clock,
    log,
  })
  return write && dataset ? dataset : createDryDataset(dataset, SHORTEST_IDENTIFIER_BYTES)
}
