import type { DestinationConfig, SourceFile } from './schema.ts'
import type { DeleteRules } from './deletes.ts'
import type { EndpointConfig } from './endpoint.ts'
import type { Labels } from './labels.ts'
import type { Reread } from './reread.ts'

/** An endpoint with `defaults` merged, its dependency in `depends_on`, and every default filled in. */
export interface ResolvedEndpoint extends Omit<
  EndpointConfig,
  'write_disposition' | 'deletes' | 'max_delete_ratio' | 'reread' | 'labels'
> {
  readonly write_disposition: NonNullable<EndpointConfig['write_disposition']>
  /** Null when rows that are gone at the source are kept. */
  readonly deletes: DeleteRules | null
  readonly reread: readonly Reread[]
  readonly labels: readonly Labels[]
}

/** A source file as one pipeline uses it. */
export interface ResolvedSource {
  readonly name: string
  readonly base_url: string
  readonly auth: SourceFile['auth']
  readonly headers: SourceFile['headers']
  readonly params: SourceFile['params']
  readonly rate_limit: SourceFile['rate_limit']
  readonly retry: SourceFile['retry']
  readonly endpoints: readonly ResolvedEndpoint[]
}

/** One pipeline, ready to run. */
export interface ResolvedPipeline {
  readonly name: string
  readonly source: ResolvedSource
  readonly destination: { readonly name: string; readonly config: DestinationConfig }
  readonly dataset: string
  /** A day or a date-time as it was written, or null. */
  readonly startDate: string | null
  /** The endpoints named in pipelines.yaml, or null for every selected one. */
  readonly endpointNames: readonly string[] | null
  /** A cron line, or null. */
  readonly schedule: string | null
  readonly vars: Readonly<Record<string, string>>
  /** Absolute path; `transform` modules are relative to its folder. */
  readonly sourceFile: string
}

/** What pipelines.yaml and the source files of the pipelines asked for say. */
export interface Config {
  /** Absolute path of pipelines.yaml. */
  readonly file: string
  /** Its folder; relative paths in it start here. */
  readonly folder: string
  /** Every pipeline of the file, in its order. */
  readonly pipelineNames: readonly string[]
  /** Those asked for, in the order of the file. */
  readonly pipelines: readonly ResolvedPipeline[]
  /** What must never be printed: values of variables, and values at keys that hold secrets. */
  readonly secrets: readonly string[]
}
