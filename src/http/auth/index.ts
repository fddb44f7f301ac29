import type * as z from 'zod'
import { defineRegistry } from '../../core/registry.ts'
import { apiKey } from './api-key.ts'
import type { Auth, AuthContext } from './auth.ts'
import { bearer } from './bearer.ts'
import { hmac } from './hmac.ts'
import { httpBasic } from './http-basic.ts'
import { login } from './login.ts'
import { none } from './none.ts'
import { oauth2 } from './oauth2.ts'

/** Every auth that `auth.type` can name. */
export const auths = defineRegistry<[AuthContext], Auth>()(
  none,
  apiKey,
  bearer,
  httpBasic,
  login,
  oauth2,
  hmac,
)

export type AuthConfig = z.output<typeof auths.config>
