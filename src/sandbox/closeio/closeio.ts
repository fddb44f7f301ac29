import { activityRoutes } from '../close/activities.ts'
import type { CloseApi } from '../close/api.ts'
import { basicKey, bearerToken } from '../close/auth.ts'
import { DEFAULT_MAX_SKIP } from '../close/close.ts'
import { customFieldRoutes } from '../close/custom-fields.ts'
import { BASE_PATH, createDispatch } from '../close/dispatch.ts'
import { eventRoutes } from '../close/events.ts'
import { leadRoutes } from '../close/leads.ts'
import { opportunityRoutes } from '../close/opportunities.ts'
import { orgRoutes } from '../close/org.ts'
import { taskRoutes } from '../close/tasks.ts'
import { createWorld, type World } from '../data/world.ts'
import { createRateLimiter, formatSeconds } from '../server/rate-limiter.ts'
import type { ApiSettings, SandboxApi } from '../sandbox-api.ts'
import { legacyShapes } from './shapes.ts'

export interface CloseioOptions {
  /**
   * `seed` (the default) answers what old descriptions of this API promise: `Bearer <api_key>` is accepted, the parameter
   * `date_updated>=` narrows the list of leads, and leads embed their activities. `truth` does what the service did:
   * Basic only, the parameter ignored, no activities in lists.
   */
  readonly mode?: 'seed' | 'truth'
  /** The deepest `_skip` that is answered; default 250,000. */
  readonly maxSkip?: number
  /** How a deeper one is refused: by the older message (`max_skip`, the default) or today's (`field`). */
  readonly skipMessage?: 'field' | 'max_skip'
}

/** Leads of the first years had little history. */
const ACTIVITIES_PER_LEAD = 0.4

/** Close.io before it became Close: `https://app.close.io/api/v1/`. */
export const closeio: SandboxApi<World, CloseioOptions> = {
  basePath: `${BASE_PATH}/`,
  credentials: (apiKey) => ({ CLOSEIO_API_KEY: apiKey }),
  createWorld: (options) =>
    createWorld({ ...options, activities: ACTIVITIES_PER_LEAD, era: 'first_years' }),
  createHandler: (world, settings, options) => {
    const api = createApi(world, settings, options)
    return createDispatch(
      api,
      [
        ...leadRoutes(api),
        ...opportunityRoutes(api),
        ...taskRoutes(api),
        ...activityRoutes(api),
        ...eventRoutes(api),
        ...orgRoutes(api),
        ...customFieldRoutes(api),
      ],
      createRateLimiter(settings.rps, settings.now),
    )
  },
}

function createApi(
  world: World,
  { apiKey }: ApiSettings,
  { mode = 'seed', maxSkip = DEFAULT_MAX_SKIP, skipMessage = 'max_skip' }: CloseioOptions,
): CloseApi {
  return {
    world,
    skip: { maxSkip, message: skipMessage },
    shapes: legacyShapes(world, mode === 'seed'),
    literalLeadFilter: mode === 'seed',
    authorize: (request) => {
      const key = basicKey(request) ?? (mode === 'seed' ? bearerToken(request) : null)
      return key === apiKey ? key : null
    },
    budgetHeaders: ({ limit, remaining, resetSeconds }) => ({
      'x-rate-limit-limit': String(limit),
      'x-rate-limit-remaining': String(remaining),
      'x-rate-limit-reset': formatSeconds(resetSeconds),
    }),
    // The number of seconds is a string here, as it was.
    tooManyRequests: ({ limit, resetSeconds }) => ({
      headers: {},
      body: JSON.stringify({
        error: 'API call count exceeded for this period',
        rate_reset: formatSeconds(resetSeconds),
        rate_limit: limit,
        rate_window: 1,
        rate_limit_type: 'key',
      }),
    }),
  }
}
