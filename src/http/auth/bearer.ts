import * as z from 'zod'
import type { Variant } from '../../core/registry.ts'
import type { Auth, AuthContext } from './auth.ts'

const config = z.strictObject({
  type: z.literal('bearer'),
  token: z
    .string()
    .min(1)
    .meta({ secret: true })
    .describe('Sent as `Authorization: Bearer <token>`.'),
})

/** Sends a fixed bearer token. */
export const bearer = {
  config,
  create: ({ token }): Auth => ({
    credentials: async () => ({ headers: { Authorization: `Bearer ${token}` } }),
    secrets: () => [token],
  }),
} satisfies Variant<typeof config, [AuthContext], Auth>
