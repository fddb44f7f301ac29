import { paginators } from '../http/pagination/index.ts'
import { retryConfig } from '../http/retry.ts'
import { rateLimitConfig } from '../http/rate-budget.ts'
import { endpointConfig, incrementalWithFormat } from './endpoint.ts'
import { closest } from './suggest.ts'
import { pipelineConfig, pipelinesFile, sourceFile } from './schema.ts'

/** Where each key may stand; the first home of a key is the one that is named. */
const HOMES: readonly (readonly [home: string, keys: readonly string[]])[] = [
  ['the source itself, not indented below another key', Object.keys(sourceFile.shape)],
  ['an endpoint, or in defaults', Object.keys(endpointConfig.shape)],
  ['incremental', Object.keys(incrementalWithFormat.shape)],
  ['pagination', paginators.variants.flatMap(({ config }) => Object.keys(config.shape))],
  ['retry', Object.keys(retryConfig.shape)],
  ['rate_limit', Object.keys(rateLimitConfig.shape)],
  ['a pipeline in pipelines.yaml', Object.keys(pipelineConfig.shape)],
  ['pipelines.yaml itself', Object.keys(pipelinesFile.shape)],
]

export interface KeyHome {
  readonly key: string
  readonly home: string
}

/** Where a key belongs that is unknown where it stands: its own place, or that of the key it resembles. */
export function homeOfKey(key: string): KeyHome | undefined {
  for (const [home, keys] of HOMES) if (keys.includes(key)) return { key, home }
  const meant = closest(
    key,
    HOMES.flatMap(([, keys]) => keys),
  )
  return meant === undefined ? undefined : homeOfKey(meant)
}
