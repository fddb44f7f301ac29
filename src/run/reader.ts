import { dirname } from 'node:path'
import type { Logger } from '../core/log.ts'
import { createSelector, detectSelector, type RecordSelector } from '../extract/select.ts'
import { createTransform, type Transform } from '../extract/transform.ts'
import type { ResolvedEndpoint, ResolvedPipeline } from '../config/resolved.ts'

/** What all walks of one endpoint share. */
export interface Reader {
  readonly endpoint: ResolvedEndpoint
  readonly select: RecordSelector
  readonly transform: Transform
  /** Statuses that end a walk without records. */
  readonly skipStatuses: ReadonlySet<number>
}

/** @throws SluiceError TRANSFORM_FAILED when a transform module can't be loaded */
export async function createReader(
  endpoint: ResolvedEndpoint,
  { pipeline, log }: { readonly pipeline: ResolvedPipeline; readonly log: Logger },
): Promise<Reader> {
  const options = {
    endpoint: endpoint.name,
    path: endpoint.path,
    missing: endpoint.selector_missing,
    onDetected: (selector: string) => log.info(`${endpoint.name}: records are at ${selector}`),
  }
  const skipped = Object.entries(endpoint.on_status).filter(([, action]) => action === 'skip')
  return {
    endpoint,
    select:
      endpoint.data_selector === undefined
        ? detectSelector(options)
        : createSelector(endpoint.data_selector, options),
    transform: await createTransform(endpoint.transform, {
      endpoint: endpoint.name,
      folder: dirname(pipeline.sourceFile),
    }),
    skipStatuses: new Set(skipped.map(([status]) => Number(status))),
  }
}
