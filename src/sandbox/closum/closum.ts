import type { SandboxApi } from '../sandbox-api.ts'
import { Refusal, jsonReply, type ApiRequest, type Reply } from '../server/http.ts'
import { createRateLimiter } from '../server/rate-limiter.ts'
import { createRouter, type PathParams, type Route } from '../server/router.ts'
import { errorReply, failure, inForm, type ErrorForm } from './errors.ts'
import { closumRoutes } from './routes.ts'
import { EMAIL, createTokens, type TokenOptions } from './tokens.ts'
import { createClosumWorld, type ClosumWorld } from './world.ts'

export interface ClosumOptions extends TokenOptions {
  /** The most records of a page; default 100. A greater `limit` is lowered in silence. */
  readonly maxLimit?: number
  /** How errors are answered; default `json`. */
  readonly errorsAs?: ErrorForm
  /** A page that fails the first time it is asked for, with the status 200 and `success: false` in its body. */
  readonly failOnce?: { readonly path: string; readonly page: number }
}

const LOGIN_PATH = '/api/token'
const DEFAULT_MAX_LIMIT = 100

/** Closum in its first version: `https://api.closum.com/api/`. */
export const closum: SandboxApi<ClosumWorld, ClosumOptions> = {
  basePath: '/api/',
  credentials: (apiKey) => ({ CLOSUM_EMAIL: EMAIL, CLOSUM_PASSWORD: apiKey }),
  createWorld: createClosumWorld,
  createHandler: (world, settings, options) => {
    const tokens = createTokens(settings, options)
    const limiter = createRateLimiter(settings.rps, settings.now)
    const login: Route = { method: 'POST', path: LOGIN_PATH, handle: tokens.login }
    const { maxLimit = DEFAULT_MAX_LIMIT, errorsAs = 'json' } = options
    const find = createRouter([login, ...closumRoutes(world, maxLimit)])
    const fails = failingOnce(options.failOnce)

    /** The way every request takes: path, method, token, budget, and only then its records. */
    const answer = (request: ApiRequest): Reply => {
      const match = find(request.method, request.path)
      if (match.found === 'path') {
        return errorReply(request, 405, { allow: match.methods.join(', ') })
      }
      if (match.found !== 'route') return errorReply(request, 404)
      if (match.route === login) return login.handle(request, match.params)
      if (!tokens.accepts(request)) return errorReply(request, 401)
      const { allowed, resetSeconds } = limiter.take(EMAIL, 'all')
      if (!allowed) {
        return errorReply(request, 429, { 'retry-after': String(Math.ceil(resetSeconds)) })
      }
      if (fails(request)) return jsonReply(failure(request, 500, 'An Internal Error Has Occurred'))
      return handled(match.route, request, match.params)
    }
    return (request) => inForm(errorsAs, answer(request))
  },
}

function handled(route: Route, request: ApiRequest, params: PathParams): Reply {
  try {
    return route.handle(request, params)
  } catch (error) {
    if (error instanceof Refusal) return error.reply
    throw error
  }
}

function failingOnce(page: ClosumOptions['failOnce']): (request: ApiRequest) => boolean {
  let pending = page
  return ({ path, query }) => {
    if (path !== pending?.path || Number(query.get('page') ?? 1) !== pending.page) return false
    pending = undefined
    return true
  }
}
