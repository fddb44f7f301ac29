import * as z from 'zod'
import {
  dependsOnConfig,
  incrementalConfig,
  jsonValue,
  path,
  transformStep,
} from '../extract/config.ts'
import { formatProblem } from '../extract/cursor.ts'
import { tableShape } from '../normalize/config.ts'
import { deletesConfig, maxDeleteRatio } from './deletes.ts'
import { labelsConfig } from './labels.ts'
import { rereadConfig } from './reread.ts'
import { maxPages, oneOrMore, paginationConfig, paramsConfig, scalar } from './shared-keys.ts'

/** A name as it is typed on the command line. */
export const nameText = z
  .string()
  .regex(
    /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u,
    'expected letters, digits, `_`, `-` and `.` only, beginning with a letter, digit or `_`',
  )

const headerName = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'this is not a name that a header can have')
const headerValue = scalar.transform(String)

/** The headers of a source; numbers and booleans of YAML are sent as text. */
export const headersConfig = z.record(headerName, headerValue)

export const incrementalWithFormat = incrementalConfig.extend({
  format: incrementalConfig.shape.format.superRefine((format, context) => {
    const problem = formatProblem(format)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  }),
})

/** One endpoint, after `defaults` have been merged into it. */
export const endpointConfig = z.strictObject({
  name: nameText.describe('Name of the endpoint on the command line, and of its table.'),
  table_name: z.string().min(1).optional().describe('Name of the table. Default: `name`.'),
  description: z.string().optional().describe("Goes to the table's documentation."),
  path: z
    .string()
    .describe(
      'Appended to `base_url`; a trailing slash is kept. May hold `{param}` of `param_mapping` and `{vars.x}`.',
    ),
  method: z.enum(['GET', 'POST']).default('GET').describe('`POST` is for read-only searches.'),
  params: paramsConfig
    .default({})
    .describe(
      "Query parameters; values may hold templates. `null` drops an inherited one, the source's too.",
    ),
  headers: z
    .record(headerName, headerValue.nullable())
    .default({})
    .describe(
      "Request headers; values may hold templates. `null` drops an inherited one, the source's too.",
    ),
  json: jsonValue
    .optional()
    .describe(
      'Body of a POST. A template that is the whole of a string keeps the type of its value.',
    ),
  query_style: z
    .enum(['plain', 'brackets', 'repeat', 'comma', 'json'])
    .default('plain')
    .describe(
      'How lists and maps in `params` are written: `plain` and `repeat` repeat the name, `brackets` as PHP does (`where[0][type]=x`), `comma` joins, `json` as JSON text.',
    ),
  data_selector: path
    .optional()
    .describe(
      'Dotted path or JSONPath to the list of records, or to the one record; `$` is the whole body. Default: detected on the first page.',
    ),
  selector_missing: z
    .enum(['error', 'empty'])
    .default('error')
    .describe('What a page without anything at `data_selector` is.'),
  success_path: path
    .optional()
    .describe('Field of the body that must not be false; for APIs that answer 200 to errors.'),
  on_status: z
    .record(
      z.string().regex(/^[1-5]\d\d$/, 'expected an HTTP status such as 404'),
      z.enum(['skip', 'fail']),
    )
    .default({})
    .describe(
      'Per status: `skip` goes on without this list (a child of a parent that is gone has none; any other list counts as not read), `fail` fails the endpoint.',
    ),
  primary_key: tableShape.primary_key,
  pagination: paginationConfig
    .default({ type: 'auto' })
    .describe('How the next page is found; one of the paginators below.'),
  max_pages: maxPages.optional(),
  incremental: incrementalWithFormat
    .optional()
    .describe('Read only what changed since the bookmark.'),
  write_disposition: z
    .enum(['merge', 'append', 'replace', 'scd2'])
    .optional()
    .describe(
      '`merge` upserts by primary key, `append` adds, `replace` swaps the whole table, `scd2` keeps versions. Default: `merge` with a primary key, else `append` with `incremental`, else `replace`.',
    ),
  deletes: deletesConfig
    .default('keep')
    .describe(
      'What becomes of rows that are gone at the source: `keep`, `soft` or `hard`; or a map of `mode`, `max_delete_ratio`, `from`, an event feed, and `snapshot`, a list of keys. Without these they are found by full reads: every sync of an endpoint without `incremental`, or --full-refresh.',
    ),
  reread: oneOrMore(rereadConfig)
    .default([])
    .describe(
      'Records that are read again by their key, because the list by its cursor does not bring them: one way or a list of ways.',
    ),
  max_delete_ratio: maxDeleteRatio
    .default(0.3)
    .describe('More than this share of the rows gone at once is an error.'),
  max_rejects: z
    .union([z.int().min(0), z.number().gt(0).lt(1)], {
      error: 'expected a count such as 100, or a share below 1 such as 0.05',
    })
    .optional()
    .describe(
      'More records than this that can not be loaded fail the endpoint: a count, at once, or a share below 1 of all that it reads, at the end. Default: however many.',
    ),
  transform: z
    .array(transformStep)
    .default([])
    .describe('Steps that change, drop or split each record, in order.'),
  columns: tableShape.columns,
  json_columns: tableShape.json_columns,
  max_nesting: tableShape.max_nesting,
  schema_contract: tableShape.schema_contract,
  naming: tableShape.naming,
  labels: oneOrMore(labelsConfig)
    .default([])
    .describe(
      'Where fields that the API names by an id have their labels, for the view `<table>_labeled`: one place or a list of places.',
    ),
  selected: z
    .boolean()
    .default(true)
    .describe('false: read only when named, or when a child needs it (then not loaded).'),
  depends_on: dependsOnConfig
    .optional()
    .describe('The parent whose rows this endpoint is read for, once each.'),
})

export type EndpointConfig = z.output<typeof endpointConfig>

/** How rows are written: what the endpoint says, else `merge` with a key, `append` with a cursor, `replace`. */
export function dispositionOf(
  config: Pick<EndpointConfig, 'write_disposition' | 'primary_key' | 'incremental'>,
): NonNullable<EndpointConfig['write_disposition']> {
  const fallback = config.primary_key ? 'merge' : config.incremental ? 'append' : 'replace'
  return config.write_disposition ?? fallback
}
