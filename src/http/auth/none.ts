import * as z from 'zod'
import type { Variant } from '../../core/registry.ts'
import type { Auth, AuthContext } from './auth.ts'

const config = z.strictObject({ type: z.literal('none') })

/** No credentials. */
export const none = {
  config,
  create: (): Auth => ({ credentials: async () => ({}), secrets: () => [] }),
} satisfies Variant<typeof config, [AuthContext], Auth>
