import { createRateLimiter } from '../server/rate-limiter.ts'
import type { SandboxApi } from '../sandbox-api.ts'
import { createAuth, secretKeyOf } from './auth.ts'
import { BASE_PATH, createDispatch } from './dispatch.ts'
import type { EntityName } from './model/names.ts'
import { createRoutes } from './routes.ts'
import { createWorld, type EspocrmWorld } from './world.ts'

export interface EspocrmOptions {
  /** Kinds of records that the user's role does not let it read: 403. */
  readonly forbidden?: readonly EntityName[]
  /** Every request is answered with 503; default false. */
  readonly maintenance?: boolean
}

/** EspoCRM as it is installed, `https://crm.example.com/api/v1/`, read-only. */
export const espocrm: SandboxApi<EspocrmWorld, EspocrmOptions> = {
  basePath: `${BASE_PATH}/`,
  credentials: (apiKey) => ({
    ESPOCRM_API_KEY: apiKey,
    ESPOCRM_SECRET_KEY: secretKeyOf(apiKey),
  }),
  createWorld,
  createHandler: (world, { apiKey, rps, now }, { forbidden = [], maintenance = false }) => {
    const auth = createAuth({ apiKey, secretKey: secretKeyOf(apiKey) }, now)
    return createDispatch({
      routes: createRoutes({ world, auth, forbidden }),
      auth,
      limiter: createRateLimiter(rps, now),
      isInMaintenance: maintenance,
      now,
    })
  },
}
