import * as z from 'zod'
import { duration } from '../core/duration.ts'
import { jsonValue, path } from '../extract/config.ts'
import type { EndpointConfig } from './endpoint.ts'
import { oneOrMore, paginationConfig, paramsConfig, scalar } from './shared-keys.ts'

export const feedConfig = z.strictObject({
  endpoint: z.string().describe('Endpoint that reads the event feed.'),
  where: z
    .record(z.string(), z.union([scalar, z.array(scalar).min(1)]))
    .refine(
      (where) => Object.keys(where).length > 0,
      'expected at least one field: without any, every event would be meant',
    )
    .describe('Fields of an event, and the value of each, or a list of values, that is meant.'),
  key: path.describe('Field of the event that holds the key of the record that it is about.'),
})

/** Which events of a feed name records. */
export type Feed = z.output<typeof feedConfig>

export const maxDeleteRatio = z.number().min(0).max(1)

export const snapshotConfig = z.strictObject({
  every: duration
    .optional()
    .describe('At most so often, by the time of the last one. Default: with every sync.'),
  params: paramsConfig
    .default({})
    .describe(
      "Query parameters of the complete list, on top of the endpoint's; `null` drops one. Its records need no more than the primary key (and the cursor field, if only what is new enough is wanted).",
    ),
  json: jsonValue.optional().describe("Body of a POST. Default: the endpoint's."),
  pagination: paginationConfig
    .optional()
    .describe("How the complete list is paged. Default: as the endpoint's own."),
})

/** A complete list of what is there. */
export type Snapshot = z.output<typeof snapshotConfig>

export const deletesConfig = z.union([
  z.enum(['keep', 'soft', 'hard']),
  z.strictObject({
    mode: z.enum(['soft', 'hard']).describe('Mark the rows that are gone, or remove them.'),
    max_delete_ratio: maxDeleteRatio
      .optional()
      .describe(
        'More than this share of the rows gone at once is an error. Events of a feed are not counted.',
      ),
    from: oneOrMore(feedConfig)
      .optional()
      .describe('Take deletes from an event feed; or a list of them.'),
    snapshot: snapshotConfig
      .optional()
      .describe(
        'Compare with a complete list, of keys alone, that is read apart from the records.',
      ),
  }),
])

/** What becomes of rows that are gone at the source. */
export interface DeleteRules {
  readonly mode: 'soft' | 'hard'
  /** More than this share of the rows gone at once is an error. */
  readonly maxRatio: number
  /** The event feeds that name them; none for a comparison alone. */
  readonly from: readonly Feed[]
  /** The list that rows are compared with; null for full reads of the records. */
  readonly snapshot: Snapshot | null
}

/** The rules of an endpoint; null when rows are kept. */
export function deletesOf(
  config: Pick<EndpointConfig, 'deletes' | 'max_delete_ratio'>,
): DeleteRules | null {
  const { deletes, max_delete_ratio: maxRatio } = config
  if (deletes === 'keep') return null
  if (typeof deletes === 'string') return { mode: deletes, maxRatio, from: [], snapshot: null }
  const { mode, max_delete_ratio: own = maxRatio, from = [], snapshot = null } = deletes
  return { mode, maxRatio: own, from: [from].flat(), snapshot }
}
