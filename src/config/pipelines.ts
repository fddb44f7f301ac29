import { normalize } from 'node:path'
import * as z from 'zod'
import { destinations } from '../load/index.ts'
import { explain } from './explain.ts'
import { homeOfKey } from './key-homes.ts'
import { isRaw } from './merge.ts'
import type { Path, Problem } from './problem.ts'
import {
  pipelineConfig,
  pipelinesFile,
  type DestinationConfig,
  type PipelineConfig,
} from './schema.ts'
import { didYouMean } from './suggest.ts'
import { isTemplatePath } from './templates.ts'

/** What the source of a pipeline is read with. */
export type SourceReference = Pick<PipelineConfig, 'source' | 'vars' | 'endpoints'>

const sourceReference = z.object({
  source: pipelineConfig.shape.source,
  vars: pipelineConfig.shape.vars,
  endpoints: pipelineConfig.shape.endpoints,
})

/** What pipelines.yaml says; entries with mistakes are null. */
export interface PipelinesContent {
  readonly problems: readonly Problem[]
  readonly pipelines: ReadonlyMap<string, PipelineConfig | null>
  readonly destinations: ReadonlyMap<string, DestinationConfig | null>
  /** As far as it can be made out, so that a mistake in a pipeline does not hide those in its source. */
  readonly sources: ReadonlyMap<string, SourceReference | null>
}

/** Checks the content of pipelines.yaml, every pipeline in it, run or not. */
export function checkPipelines(
  content: unknown,
  isHidden: (path: Path) => boolean,
): PipelinesContent {
  const checked = pipelinesFile.safeParse(content)
  const say = { schema: pipelinesFile, value: content, isHidden, homeOf: homeOfKey }
  const problems = checked.success ? [] : explain(checked.error.issues, say)
  const all = isRaw(content) ? content : {}
  const destinationsByName = new Map(
    entries(all.destinations).map(([name, raw]) => [
      name,
      destinations.config.safeParse(raw).data ?? null,
    ]),
  )
  const pipelinesByName = new Map(
    entries(all.pipelines).map(([name, raw]) => [name, pipelineConfig.safeParse(raw).data ?? null]),
  )
  const sources = new Map(
    entries(all.pipelines).map(([name, raw]) => [
      name,
      sourceReference.safeParse(raw).data ?? null,
    ]),
  )
  const names = [...destinationsByName.keys()]
  for (const [name, pipeline] of pipelinesByName) {
    if (pipeline) problems.push(...checkDestination(name, pipeline, names))
  }
  return { problems, pipelines: pipelinesByName, destinations: destinationsByName, sources }
}

function entries(value: unknown): [string, unknown][] {
  return isRaw(value) ? Object.entries(value) : []
}

function checkDestination(
  name: string,
  pipeline: PipelineConfig,
  destinations: readonly string[],
): Problem[] {
  const { destination } = pipeline
  if (destination === undefined) {
    if (destinations.length < 2) return []
    const path = ['pipelines', name, 'destination']
    return [{ path, message: `"destination" is missing; one of ${destinations.join(', ')}` }]
  }
  if (destinations.includes(destination)) return []
  const known = destinations.length === 0 ? '' : `; expected ${destinations.join(' or ')}`
  return [
    {
      path: ['pipelines', name, 'destination'],
      message: `no destination is called "${destination}"${didYouMean(destination, destinations) || known}`,
    },
  ]
}

/** The name of the destination a pipeline writes to: its own, or the only one. */
export function destinationOf(
  pipeline: PipelineConfig,
  destinations: ReadonlyMap<string, DestinationConfig | null>,
): string | undefined {
  return pipeline.destination ?? [...destinations.keys()][0]
}

/** Pipelines of different sources that would write into the same tables. */
export function checkSharedDatasets({ pipelines, destinations }: PipelinesContent): Problem[] {
  const firstByPlace = new Map<string, { name: string; source: string }>()
  const problems: Problem[] = []
  for (const [name, pipeline] of pipelines) {
    const destination = pipeline && destinationOf(pipeline, destinations)
    if (!pipeline || destination == null) continue
    const dataset = pipeline.dataset ?? name
    // An SQLite file whose path does not name the dataset holds one only.
    const config = destinations.get(destination)
    const isOneFile = config?.type === 'sqlite' && !config.path.includes('{dataset}')
    const place = JSON.stringify([destination, isOneFile ? null : dataset])
    const first = firstByPlace.get(place)
    if (!first) {
      firstByPlace.set(place, { name, source: pipeline.source })
    } else if (normalize(first.source) !== normalize(pipeline.source)) {
      const where = isOneFile ? `the file ${config.path}` : `the dataset "${dataset}"`
      const remedy = isOneFile ? 'put {dataset} into its path' : 'give one of them another dataset'
      problems.push({
        path: ['pipelines', name, ...(pipeline.dataset === undefined ? [] : ['dataset'])],
        at: 'key',
        message: `"${name}" and "${first.name}" would both write ${where} of "${destination}"; ${remedy}`,
      })
    }
  }
  return problems
}

const PUBLIC_PIPELINE_KEYS: ReadonlySet<string | number | undefined> = new Set([
  'source',
  'destination',
  'dataset',
  'start_date',
  'endpoints',
  'schedule',
  'base_url',
])

/** Whether the value at a path of pipelines.yaml is shown even when it came from a variable. */
export function isPublicPath(path: Path): boolean {
  if (path[0] === 'pipelines') return PUBLIC_PIPELINE_KEYS.has(path[2])
  return path[0] === 'destinations' && path.length === 3 && path[2] === 'path'
}

/** Whether the string at a path of pipelines.yaml may hold templates: the overrides of a source do. */
export function isPipelinesTemplate(path: Path): boolean {
  return path[0] === 'pipelines' && isTemplatePath(path.slice(2))
}
