import { createWorld, type World } from '../data/world.ts'
import { createRateLimiter, formatSeconds } from '../server/rate-limiter.ts'
import type { ApiSettings, SandboxApi } from '../sandbox-api.ts'
import { activityRoutes } from './activities.ts'
import type { CloseApi } from './api.ts'
import { TOKEN_PATH, basicKey, bearerToken, createOAuth } from './auth.ts'
import { customFieldRoutes } from './custom-fields.ts'
import { BASE_PATH, createDispatch } from './dispatch.ts'
import { eventRoutes } from './events.ts'
import { leadRoutes } from './leads.ts'
import { onLeadsRoutes } from './on-leads.ts'
import { opportunityRoutes } from './opportunities.ts'
import { orgRoutes } from './org.ts'
import { reportRoutes } from './reports.ts'
import { searchRoutes } from './search.ts'
import { settingsRoutes } from './settings.ts'
import { currentShapes } from './shapes.ts'
import { taskRoutes } from './tasks.ts'

export interface CloseOptions {
  /** The deepest `_skip` that is answered; default 250,000. */
  readonly maxSkip?: number
  /** How a deeper one is refused: by today's message (`field`, the default) or the older one (`max_skip`). */
  readonly skipMessage?: 'field' | 'max_skip'
  /** How long a search cursor can be used, in milliseconds; default 30,000. */
  readonly searchCursorTtlMs?: number
  /** How many objects one walk along search cursors yields; default 10,000. */
  readonly searchLimit?: number
}

export const DEFAULT_MAX_SKIP = 250_000

/** Close as it is today: `https://api.close.com/api/v1/`. */
export const close: SandboxApi<World, CloseOptions> = {
  basePath: `${BASE_PATH}/`,
  credentials: (apiKey) => ({ CLOSE_API_KEY: apiKey }),
  createWorld,
  createHandler: (world, settings, options) => {
    const oauth = createOAuth(settings.now)
    const api = createApi(world, settings, options, oauth.isValid)
    const search = {
      cursorTtlMs: options.searchCursorTtlMs ?? 30_000,
      walkLimit: options.searchLimit ?? 10_000,
      now: settings.now,
    }
    const dispatch = createDispatch(
      api,
      [
        ...leadRoutes(api),
        ...opportunityRoutes(api),
        ...taskRoutes(api),
        ...activityRoutes(api),
        ...eventRoutes(api),
        ...orgRoutes(api),
        ...customFieldRoutes(api),
        ...settingsRoutes(api),
        ...onLeadsRoutes(api),
        ...reportRoutes(api),
        ...searchRoutes(api, search),
      ],
      createRateLimiter(settings.rps, settings.now),
    )
    return (request) => (request.path === TOKEN_PATH ? oauth.token(request) : dispatch(request))
  },
}

function createApi(
  world: World,
  { apiKey }: ApiSettings,
  { maxSkip = DEFAULT_MAX_SKIP, skipMessage = 'field' }: CloseOptions,
  isValidToken: (token: string) => boolean,
): CloseApi {
  return {
    world,
    skip: { maxSkip, message: skipMessage },
    shapes: currentShapes(world),
    literalLeadFilter: false,
    // An API key sent as a bearer token is refused: those are for tokens that OAuth has given out.
    authorize: (request) => {
      const token = bearerToken(request)
      if (token !== null) return isValidToken(token) ? token : null
      return basicKey(request) === apiKey ? apiKey : null
    },
    budgetHeaders: ({ limit, remaining, resetSeconds }) => ({
      ratelimit: `limit=${limit}, remaining=${remaining}, reset=${formatSeconds(resetSeconds)}`,
    }),
    // The body of a refusal no longer says anything: headers do.
    tooManyRequests: ({ resetSeconds }) => ({
      headers: { 'retry-after': String(Math.ceil(resetSeconds)) },
      body: '{}',
    }),
  }
}
