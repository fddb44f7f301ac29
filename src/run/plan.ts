import { SluiceError } from '../core/errors.ts'
import { didYouMean } from '../config/suggest.ts'
import type { Config, ResolvedEndpoint, ResolvedPipeline } from '../config/resolved.ts'

/** One endpoint of a run. */
export interface PlannedEndpoint {
  readonly endpoint: ResolvedEndpoint
  /** False for a parent that is only read so that its children can be asked for. */
  readonly loaded: boolean
}

/**
 * The endpoints a run reads, parents before their children and event feeds before what they are about, otherwise in
 * the order of the source file.
 * An endpoint that is not the pipeline's is read, but not loaded, when a child needs it.
 *
 * @param named the endpoints asked for on the command line; null means those of the pipeline
 * @throws SluiceError USAGE for a name that the source doesn't have
 */
export function planEndpoints(
  pipeline: ResolvedPipeline,
  named: readonly string[] | null = null,
): readonly PlannedEndpoint[] {
  const { endpoints } = pipeline.source
  const byName = new Map(endpoints.map((endpoint) => [endpoint.name, endpoint]))
  for (const name of named ?? []) {
    if (byName.has(name)) continue
    throw new SluiceError(
      'USAGE',
      `pipeline ${pipeline.name} has no endpoint "${name}"${didYouMean(name, [...byName.keys()])}`,
      {
        hint: `endpoints of ${pipeline.source.name}: ${[...byName.keys()].join(', ')}`,
      },
    )
  }
  const ofPipeline = new Set(pipeline.endpointNames ?? selected(endpoints))
  const wanted = named === null ? ofPipeline : new Set(named)
  const planned = new Map<string, PlannedEndpoint>()
  const visit = (endpoint: ResolvedEndpoint) => {
    if (planned.has(endpoint.name)) return
    const parent = endpoint.depends_on && byName.get(endpoint.depends_on.endpoint)
    if (parent) visit(parent)
    // A record that is read after its events need not be read again for them.
    for (const feed of feedsOf(endpoint)) if (wanted.has(feed)) visit(byName.get(feed)!)
    planned.set(endpoint.name, {
      endpoint,
      loaded: wanted.has(endpoint.name) || ofPipeline.has(endpoint.name),
    })
  }
  for (const endpoint of endpoints) if (wanted.has(endpoint.name)) visit(endpoint)
  return [...planned.values()]
}

/** The endpoints whose events tell what has happened to an endpoint's records. */
export function feedsOf({ deletes, reread }: ResolvedEndpoint): string[] {
  const feeds = [...(deletes?.from ?? []), ...reread.map(({ from }) => from)]
  return feeds.flatMap((feed) => (feed === 'snapshot' ? [] : [feed.endpoint]))
}

function selected(endpoints: readonly ResolvedEndpoint[]): string[] {
  return endpoints.filter((endpoint) => endpoint.selected).map((endpoint) => endpoint.name)
}

/** @throws SluiceError USAGE for a name that pipelines.yaml doesn't have */
export function pipelineOf(config: Config, name: string): ResolvedPipeline {
  const pipeline = config.pipelines.find((candidate) => candidate.name === name)
  if (pipeline) return pipeline
  throw new SluiceError('USAGE', `there is no pipeline "${name}" in ${config.file}`, {
    hint: `pipelines: ${config.pipelineNames.join(', ')}`,
  })
}
