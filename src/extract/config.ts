import * as z from 'zod'
import { duration } from '../core/duration.ts'
import { pathProblem } from '../core/path.ts'

/** A dotted path or JSONPath, checked when the file is read. */
export const path = z.string().superRefine((text, context) => {
  const problem = pathProblem(text)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

const scalar = z.union([z.string(), z.number(), z.boolean()])
/** Any JSON value as YAML can write it; strings in it may hold templates. */
export const jsonValue = z.json()

export const incrementalConfig = z.strictObject({
  cursor_path: path.describe(
    'Field of the record that says when it changed or was created; a dotted path.',
  ),
  param_name: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Query parameter for the lower bound, sent literally: `date_updated>=` is a valid name.',
    ),
  end_param_name: z
    .string()
    .min(1)
    .optional()
    .describe('Query parameter for the upper bound; needed for windows and bounded backfills.'),
  params: z
    .record(z.string(), jsonValue)
    .optional()
    .describe(
      'Query parameters sent only when there is a lower bound; values may hold `{cursor.start}`.',
    ),
  end_params: z
    .record(z.string(), jsonValue)
    .optional()
    .describe(
      'Query parameters sent only when there is an upper bound; values may hold `{cursor.end}`.',
    ),
  json: jsonValue
    .optional()
    .describe('Merged into the body of a POST only when there is a lower bound.'),
  end_json: jsonValue
    .optional()
    .describe('Merged into the body of a POST only when there is an upper bound.'),
  format: z
    .string()
    .default('iso')
    .describe(
      'How the API wants the bounds: `iso`, `date`, `epoch`, `epoch_ms`, `number`, `string`, or a pattern such as `yyyy-MM-dd HH:mm:ss` (UTC). Coarser formats round bounds outwards.',
    ),
  inclusive: z
    .boolean()
    .optional()
    .describe(
      'Whether the API includes records at the lower bound. Default: by the suffix of the parameter (`gte`, `>=` yes; `gt`, `>` no), else yes. An exclusive bound is sent one unit earlier.',
    ),
  initial_value: scalar
    .optional()
    .describe(
      "Lower bound of the first run. Default: the pipeline's `start_date`; with neither, everything is read.",
    ),
  lookback: duration
    .default(0)
    .describe('Re-read on every run for records that were committed late.'),
  order: z
    .enum(['asc', 'desc', 'none'])
    .default('none')
    .describe(
      'How the API sorts by the cursor. `asc`: the bookmark may advance page by page; `desc`: reading stops at the first page that is wholly older than the bookmark; `none`: the bookmark advances at the end.',
    ),
  on_missing: z
    .enum(['load', 'skip', 'fail'])
    .default('load')
    .describe('What happens to records without the cursor field; they are counted in the summary.'),
  client_side: z
    .boolean()
    .default(false)
    .describe(
      'The API cannot filter: Sluice reads everything and drops what is older than the bookmark.',
    ),
  window: z
    .strictObject({
      size: duration
        .refine((millis) => millis > 0, 'expected a duration above 0')
        .describe('Length of one window.'),
      min: duration
        .refine((millis) => millis > 0, 'expected a duration above 0')
        .default(1000)
        .describe(
          'Shortest window that one which holds more than the API gives out is split into.',
        ),
    })
    .optional()
    .describe(
      'Read the range in half-open windows, oldest first, each committed as it ends; one that meets `max_offset` or a cap of the API is split in halves. Needs a lower and an upper bound (`param_name` and `end_param_name`, ...).',
    ),
  retention: duration
    .optional()
    .describe(
      'How far back the API keeps records: when the bookmark is older, a warning says so, and everything that it still has is read (`append` goes on from the bookmark).',
    ),
})

export type IncrementalConfig = z.output<typeof incrementalConfig>

const fieldList = z.array(z.string()).min(1)

export const transformStep = z.union([
  z.strictObject({ select: fieldList.describe('Keep only these fields.') }),
  z.strictObject({ exclude: fieldList.describe('Drop these fields.') }),
  z.strictObject({ rename: z.record(z.string(), z.string()).describe('Old name to new name.') }),
  z.strictObject({
    set: z
      .record(z.string(), jsonValue)
      .describe('Add or overwrite fields; strings may hold templates.'),
  }),
  z.strictObject({
    filter: z
      .record(
        z.string(),
        z.union([
          scalar,
          z.null(),
          z.array(z.union([scalar, z.null()])),
          z.strictObject({
            not: z.union([scalar, z.null(), z.array(z.union([scalar, z.null()]))]),
          }),
        ]),
      )
      .describe('Keep records whose fields equal the value, or one of a list, or `not` these.'),
  }),
  z.strictObject({
    module: z
      .string()
      .describe(
        'A JavaScript file, relative to the source file, whose default export maps one record to a record, a list of records, or null.',
      ),
  }),
])

export type TransformStep = z.output<typeof transformStep>

/** The keys of a dependency, whether it stands in the endpoint or in `dependencies`. */
export const dependencyShape = {
  param_mapping: z
    .record(z.string(), path)
    .refine((mapping) => Object.keys(mapping).length > 0, 'expected at least one parameter')
    .describe(
      'Parameter of this endpoint to field of the parent; one that is not in the path, body or params goes to the query.',
    ),
  include: z
    .array(path)
    .default([])
    .describe('Parent fields copied into each record as `_<parent>_<field>`.'),
  only_changed: z
    .boolean()
    .default(false)
    .describe('Ask only for the children of parents that changed since the last run.'),
}

export const dependsOnConfig = z.strictObject({
  endpoint: z.string().describe('Name of the parent endpoint.'),
  ...dependencyShape,
})

export type DependsOn = z.output<typeof dependsOnConfig>
