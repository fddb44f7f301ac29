import * as z from 'zod'
import { dateOrTimestamp } from '../core/time.ts'
import { dependencyShape } from '../extract/config.ts'
import { auths } from '../http/auth/index.ts'
import { rateLimitConfig } from '../http/rate-budget.ts'
import { retryConfig } from '../http/retry.ts'
import { destinations } from '../load/index.ts'
import { endpointConfig, headersConfig, nameText } from './endpoint.ts'
import { paramsConfig } from './shared-keys.ts'

const baseUrl = z.string().superRefine((text, context) => {
  const problem = baseUrlProblem(text)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

function baseUrlProblem(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    return 'expected an absolute URL such as https://api.example.com/v1'
  }
  if (url.username !== '' || url.password !== '')
    return 'credentials belong in auth, not in the URL'
  if (url.search !== '' || url.hash !== '') {
    return 'a base URL ends before the `?`; query parameters for every request belong in params'
  }
  return undefined
}

export const dependencyConfig = z.strictObject({
  endpoint: z.string().describe('Name of the child endpoint.'),
  depends_on: z.string().describe('Name of the parent endpoint.'),
  ...dependencyShape,
})

/** A source file, after `defaults` and the pipeline's overrides have been merged. */
export const sourceFile = z.strictObject({
  name: nameText.optional().describe('Name of the source. Default: the name of the file.'),
  base_url: baseUrl.describe(
    'Absolute URL; endpoint paths are appended to it whether or not they begin with `/`. May hold `{vars.x}`.',
  ),
  auth: auths.config
    .default({ type: 'none' })
    .describe(
      'How requests are authenticated; one of the types below. Sent to the origin of `base_url` only.',
    ),
  headers: headersConfig
    .default({})
    .describe('Headers of every request, `User-Agent` among them. May hold `{vars.x}`.'),
  params: paramsConfig.default({}).describe('Query parameters of every request.'),
  rate_limit: rateLimitConfig.prefault({}).describe('Budget shared by all endpoints.'),
  retry: retryConfig.prefault({}).describe('What happens to requests that fail.'),
  defaults: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      "Any endpoint keys. An endpoint's own value wins; `pagination`, `incremental`, `params`, `headers` and `columns` merge key by key, and `null` drops an inherited key.",
    ),
  endpoints: z.array(endpointConfig).min(1).describe('The collections of the API.'),
  dependencies: z
    .array(dependencyConfig)
    .default([])
    .describe('Which endpoints are read once per row of another; the same as `depends_on` there.'),
})

/** The keys of a source file that a pipeline may override. */
export const OVERRIDABLE = [
  'base_url',
  'auth',
  'headers',
  'params',
  'rate_limit',
  'retry',
  'defaults',
  'dependencies',
] as const

const override = z.unknown().optional()

const CRON_FIELD = /^(?:[\d*]+|[a-z]{3})(?:-(?:\d+|[a-z]{3}))?(?:\/\d+)?$/i

const schedule = z.string().refine((text) => {
  const fields = text.trim().split(/\s+/)
  return (
    fields.length === 5 &&
    fields.every((field) => field.split(',').every((x) => CRON_FIELD.test(x)))
  )
}, 'expected a cron line of five fields such as "*/15 * * * *"')

export const pipelineConfig = z.strictObject({
  source: z.string().min(1).describe('The source file, relative to the folder of pipelines.yaml.'),
  destination: z
    .string()
    .optional()
    .describe('One of `destinations`; may be left out when there is only one.'),
  dataset: nameText
    .max(63)
    .optional()
    .describe("Postgres schema, or `{dataset}` in an SQLite path. Default: the pipeline's name."),
  start_date: z
    .string()
    .refine(
      (text) => dateOrTimestamp(text) !== null,
      'expected a day such as 2024-01-31 or an ISO date-time',
    )
    .optional()
    .describe(
      'Lower bound of the first run for every incremental endpoint without its own `initial_value`.',
    ),
  endpoints: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Endpoints to read. Default: every one that is `selected`.'),
  schedule: schedule.optional().describe('Cron line for `sluice schedule`.'),
  vars: z
    .record(
      z.string().regex(/^\w+$/, 'expected letters, digits and `_` only'),
      z.union([z.string(), z.number(), z.boolean()]).transform(String),
    )
    .default({})
    .describe('Texts for `{vars.<name>}` in the source file.'),
  base_url: override.describe("Overrides the source's."),
  auth: override.describe("Overrides the source's, key by key when the type is the same."),
  headers: override.describe("Merged into the source's, key by key."),
  params: override.describe("Merged into the source's, key by key."),
  rate_limit: override.describe("Merged into the source's, key by key."),
  retry: override.describe("Merged into the source's, key by key."),
  defaults: override.describe("Merged into the source's."),
  dependencies: override.describe("Overrides the source's."),
})

export const pipelinesFile = z.strictObject({
  destinations: z
    .record(nameText, destinations.config)
    .refine((all) => Object.keys(all).length > 0, 'expected at least one destination')
    .describe('Databases by name.'),
  pipelines: z
    .record(nameText, pipelineConfig)
    .refine((all) => Object.keys(all).length > 0, 'expected at least one pipeline')
    .describe('Pipelines by name: which source goes where, from when, how often.'),
})

export type SourceFile = z.output<typeof sourceFile>
export type PipelineConfig = z.output<typeof pipelineConfig>
export type DestinationConfig = z.output<typeof destinations.config>
