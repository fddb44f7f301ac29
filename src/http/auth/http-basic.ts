import * as z from 'zod'
import type { Variant } from '../../core/registry.ts'
import type { Auth, AuthContext } from './auth.ts'

const config = z.strictObject({
  type: z.literal('http_basic'),
  username: z
    .string()
    .min(1)
    .meta({ secret: true })
    .describe('User name; the key itself for APIs that take it so (Close).'),
  password: z
    .string()
    .default('')
    .meta({ secret: true })
    .describe('Password; empty where the user name is the key.'),
})

/** HTTP Basic authentication (RFC 7617), in UTF-8. */
export const httpBasic = {
  config,
  create: ({ username, password }): Auth => {
    const pair = Buffer.from(`${username}:${password}`).toString('base64')
    return {
      credentials: async () => ({ headers: { Authorization: `Basic ${pair}` } }),
      // Many APIs take their key as the user name, so it is as secret as the password.
      secrets: () => [username, password, pair].filter((secret) => secret !== ''),
    }
  },
} satisfies Variant<typeof config, [AuthContext], Auth>
