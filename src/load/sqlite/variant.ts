import * as z from 'zod'
import type { Variant } from '../../core/registry.ts'
import type { Destination, DestinationContext } from '../destination.ts'

const config = z.strictObject({
  type: z.literal('sqlite').describe('An SQLite file; nothing to install.'),
  path: z
    .string()
    .min(1)
    .default('data/{dataset}.db')
    .describe('The file, relative to pipelines.yaml; `{dataset}` is the name of the dataset.'),
})

/** One file per dataset; the driver is loaded when one is opened. */
export const sqlite = {
  config,
  create: async ({ path }, context): Promise<Destination | null> => {
    const { openSqlite } = await import('../sqlite.ts')
    return openSqlite(path, context)
  },
} satisfies Variant<typeof config, [DestinationContext], Promise<Destination | null>>
