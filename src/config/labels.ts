import * as z from 'zod'
import { path } from '../extract/config.ts'
import type { EndpointConfig } from './endpoint.ts'

export const labelsConfig = z.strictObject({
  from: z.string().describe('Endpoint whose rows are the definitions.'),
  key: path
    .default('id')
    .describe('Field of a definition by which the fields of the records are named.'),
  label: path.default('name').describe('Field of a definition that holds the label.'),
  field: path.describe(
    'Field of the records that a definition is about; `{key}` is replaced by its key.',
  ),
})

/** Where the labels of some fields come from. */
export type Labels = z.output<typeof labelsConfig>

/** Where the labels of an endpoint's fields come from. */
export function labelsOf({ labels }: Pick<EndpointConfig, 'labels'>): readonly Labels[] {
  return [labels].flat()
}
