import { Refusal, type ApiRequest, type Reply } from '../server/http.ts'
import type { RateLimiter } from '../server/rate-limiter.ts'
import { createRouter, type Route } from '../server/router.ts'
import type { Auth } from './auth.ts'
import { emptyReply } from './refusals.ts'

export const BASE_PATH = '/api/v1'

export interface DispatchOptions {
  readonly routes: readonly Route[]
  readonly auth: Auth
  readonly limiter: RateLimiter
  readonly isInMaintenance: boolean
  readonly now: () => number
}

/** The way every request takes: the proxy in front, maintenance, path, credentials, and only then what it asks for. */
export function createDispatch(options: DispatchOptions): (request: ApiRequest) => Reply {
  const { routes, auth, limiter, isInMaintenance, now } = options
  const route = createRouter(routes)
  return (request) => {
    // A proxy knows no keys: everybody shares one budget.
    const budget = limiter.take('everybody', 'everything')
    if (!budget.allowed) return tooManyRequests(budget.resetSeconds)
    if (isInMaintenance) return emptyReply(503, 'Application is in maintenance mode.')
    if (!request.path.startsWith(`${BASE_PATH}/`)) return emptyReply(404)
    const resource = request.path.slice(BASE_PATH.length)
    const match = route(request.method, resource)
    if (match.found === 'nothing' || match.found === 'without_slash') return emptyReply(404)
    const refusal = auth.check(request, resource)
    if (refusal) return refusal
    // The role of the user lets it read, and nothing else.
    if (match.found === 'path') return emptyReply(403, 'No edit access.')
    const reply = answer(match.route, request, match.params)
    return reply.status === 200
      ? { ...reply, headers: { ...reply.headers, ...successHeaders(now()) } }
      : reply
  }
}

function answer(route: Route, request: ApiRequest, params: Readonly<Record<string, string>>) {
  try {
    return route.handle(request, params)
  } catch (error) {
    if (error instanceof Refusal) return error.reply
    throw error
  }
}

function successHeaders(now: number): Readonly<Record<string, string>> {
  return {
    'x-app-timestamp': String(Math.floor(now / 1000)),
    expires: '0',
    'last-modified': new Date(now).toUTCString(),
    'cache-control': 'no-store, no-cache, must-revalidate, post-check=0, pre-check=0',
  }
}

/** The product limits nothing; what stands in front of it may, and speaks HTML. */
function tooManyRequests(resetSeconds: number): Reply {
  return {
    status: 429,
    headers: { 'content-type': 'text/html', 'retry-after': String(Math.ceil(resetSeconds)) },
    body: '<html><head><title>429 Too Many Requests</title></head></html>\n',
  }
}
