import { systemClock } from '../core/clock.ts'
import { silentLogger } from '../core/log.ts'
import { millisToTimestamp } from '../core/time.ts'
import type { Config, ResolvedEndpoint, ResolvedPipeline } from '../config/resolved.ts'
import { createNormalizer } from '../normalize/normalizer.ts'
import type { EndpointSchema, TableBatch } from '../normalize/types.ts'
import { normalizerOptions } from './normalizer-options.ts'
import { pipelineOf, planEndpoints } from './plan.ts'
import { sampleRecords } from './sample.ts'
import { createSession } from './session.ts'
import type { RunOptions } from './perform-run.ts'
import type { ReadContext } from './open-pages.ts'

/** The first records of an endpoint as rows, and the tables they would get. */
export interface Preview {
  readonly endpoint: string
  readonly records: number
  readonly schema: EndpointSchema
  readonly batches: readonly TableBatch[]
}

export type ReadOptions = Pick<RunOptions, 'signal' | 'onEvent' | 'log' | 'clock'>

/**
 * Reads the first records of an endpoint and shows what a sync would make of them; writes nothing.
 *
 * @throws SluiceError what a sync of the endpoint would fail with
 */
export async function preview(
  config: Config,
  pipelineName: string,
  {
    endpoint: name,
    limit = 20,
    ...options
  }: ReadOptions & { readonly endpoint: string; readonly limit?: number },
): Promise<Preview> {
  const pipeline = pipelineOf(config, pipelineName)
  const { endpoint } = planEndpoints(pipeline, [name]).find((step) => step.endpoint.name === name)!
  return withSession(config, pipeline, options, async (context) => {
    const records = await sampleRecords(endpoint, context, limit)
    const normalizer = createNormalizer(normalizerOptions(endpoint))
    const { batches } = normalizer.normalize(records, { loadId: 'preview', position: 0 })
    return { endpoint: name, records: records.length, schema: normalizer.schema, batches }
  })
}

/** How one endpoint answered one request. */
export interface EndpointCheck {
  readonly endpoint: string
  readonly records: number
}

/**
 * Reads the first page of an endpoint.
 *
 * @throws SluiceError what a sync of the endpoint would fail with
 */
export async function checkEndpoint(
  config: Config,
  pipeline: ResolvedPipeline,
  { endpoint, ...options }: ReadOptions & { readonly endpoint: ResolvedEndpoint },
): Promise<EndpointCheck> {
  return withSession(config, pipeline, options, async (context) => {
    const records = await sampleRecords(endpoint, context, 1)
    return { endpoint: endpoint.name, records: records.length }
  })
}

async function withSession<T>(
  config: Config,
  pipeline: ResolvedPipeline,
  options: ReadOptions,
  work: (context: ReadContext) => Promise<T>,
): Promise<T> {
  const clock = options.clock ?? systemClock
  const log = options.log ?? silentLogger
  const session = createSession(config, pipeline, {
    dataset: null,
    clock,
    log,
    emit: options.onEvent ?? (() => {}),
  })
  try {
    return await work({
      pipeline,
      client: session.client,
      log,
      emit: session.emit,
      signal: options.signal ?? new AbortController().signal,
      startedAt: millisToTimestamp(clock.now()),
      ahead: null,
    })
  } catch (error) {
    throw session.redactThrown(error)
  } finally {
    await session.close()
  }
}
