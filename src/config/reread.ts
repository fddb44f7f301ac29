import * as z from 'zod'
import { jsonValue } from '../extract/config.ts'
import { feedConfig } from './deletes.ts'
import type { EndpointConfig } from './endpoint.ts'
import { paramsConfig } from './shared-keys.ts'

export const rereadConfig = z.strictObject({
  from: z
    .union([z.literal('snapshot'), feedConfig])
    .describe(
      'What names the records: events of a feed, or `snapshot`: the records that it shows and the table lacks, or has of an earlier version.',
    ),
  params: paramsConfig
    .default({})
    .describe(
      "Query parameters that ask for the records by key, on top of the endpoint's (lists and maps are joined, `null` drops one); `{keys}` is a list of keys, `{key}` a single one, of a request of its own.",
    ),
  json: jsonValue
    .optional()
    .describe('The same for the body of a POST; joined with `json` of the endpoint.'),
  batch: z
    .int()
    .positive()
    .optional()
    .describe(
      'Most keys in one request; a long list can be too much for a URL. Default: 50; `{key}` has one in each.',
    ),
})

const MOST_KEYS = 50

/** Which records are read again by their key, and how they are asked for. */
export interface Reread extends z.output<typeof rereadConfig> {
  readonly batch: number
}

/** The ways in which records of an endpoint are read again by their key. */
export function rereadsOf({ reread }: Pick<EndpointConfig, 'reread'>): readonly Reread[] {
  return [reread].flat().map((each) => ({ ...each, batch: each.batch ?? MOST_KEYS }))
}
