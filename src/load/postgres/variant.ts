import * as z from 'zod'
import type { Variant } from '../../core/registry.ts'
import type { Destination, DestinationContext } from '../destination.ts'

const config = z.strictObject({
  type: z.literal('postgres').describe('A schema of a Postgres database, version 12 or later.'),
  connection_string: z
    .string()
    .regex(/^postgres(?:ql)?:\/\//, 'expected postgres://user:password@host:port/database')
    .meta({ secret: true })
    .describe('`postgres://user:password@host:port/database`; better kept in the environment.'),
})

/** One schema per dataset; the driver is loaded when one is opened. */
export const postgres = {
  config,
  create: async ({ connection_string }, context): Promise<Destination | null> => {
    const { openPostgres } = await import('../postgres.ts')
    return openPostgres(connection_string, context)
  },
} satisfies Variant<typeof config, [DestinationContext], Promise<Destination | null>>
