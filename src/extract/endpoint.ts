import type { JsonValue } from '../core/json.ts'
import type { QueryStyle } from '../http/types.ts'
import type { DependsOn, IncrementalConfig, TransformStep } from './config.ts'

/** What reading an endpoint needs of its configuration; the key names are those of the YAML. */
export interface ExtractEndpoint {
  readonly name: string
  readonly path: string
  readonly method: 'GET' | 'POST'
  /** Null drops an inherited key. */
  readonly params: Readonly<Record<string, JsonValue>>
  readonly headers: Readonly<Record<string, string | null>>
  readonly json?: JsonValue | undefined
  readonly data_selector?: string | undefined
  readonly selector_missing: 'error' | 'empty'
  readonly success_path?: string | undefined
  readonly query_style: QueryStyle
  readonly primary_key?: readonly string[] | undefined
  readonly incremental?: IncrementalConfig | undefined
  readonly transform: readonly TransformStep[]
  /** By status, what an error status means for this endpoint; every other error status fails it. */
  readonly on_status: Readonly<Record<string, 'skip' | 'fail'>>
  readonly depends_on?: DependsOn | undefined
}
