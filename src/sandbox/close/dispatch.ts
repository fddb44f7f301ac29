import { isRecord, parseJson, stringifyJson, type JsonValue } from '../../core/json.ts'
import { Refusal, type ApiRequest, type Reply } from '../server/http.ts'
import type { RateLimiter } from '../server/rate-limiter.ts'
import { createRouter, type Route } from '../server/router.ts'
import type { CloseApi } from './api.ts'
import { METHOD_NOT_ALLOWED, NOT_JSON, NO_SUCH_URL, UNAUTHORIZED } from './errors.ts'

export const BASE_PATH = '/api/v1'

/** The way every request takes: path, credentials, budget, body, and only then its endpoint. */
export function createDispatch(
  api: CloseApi,
  routes: readonly Route[],
  limiter: RateLimiter,
): (request: ApiRequest) => Reply {
  const route = createRouter(routes.map((route) => ({ ...route, path: BASE_PATH + route.path })))
  return (incoming) => {
    const request = withOverriddenMethod(incoming)
    const match = route(request.method, request.path)
    if (match.found === 'nothing') return NO_SUCH_URL
    if (match.found === 'without_slash') return redirectToSlash(request)
    if (match.found === 'path') {
      return { ...METHOD_NOT_ALLOWED, headers: { allow: match.methods.join(', ') } }
    }
    const key = api.authorize(request)
    if (key === null) return UNAUTHORIZED
    const budget = limiter.take(key, `${match.route.method} ${match.route.path}`)
    const headers = api.budgetHeaders(budget)
    if (!budget.allowed) {
      const refusal = api.tooManyRequests(budget)
      const all = { 'content-type': 'application/json', ...headers, ...refusal.headers }
      return { status: 429, headers: all, body: refusal.body }
    }
    const reply = isJson(request) ? answer(match.route, request, match.params) : NOT_JSON
    return { ...reply, headers: { ...reply.headers, ...headers } }
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

/** Every resource ends in a slash; without it the client is sent to the right place, and loses a round trip. */
function redirectToSlash({ path, rawQuery }: ApiRequest): Reply {
  const location = `${path}/${rawQuery === '' ? '' : `?${rawQuery}`}`
  return { status: 301, headers: { location }, body: '' }
}

/**
 * A request too long for a URL comes as a POST with `x-http-method-override: GET` and its parameters in the body:
 * `{"_params": {"id__in": "..."}}`.
 */
function withOverriddenMethod(request: ApiRequest): ApiRequest {
  const method = request.headers['x-http-method-override']?.toUpperCase()
  if (request.method !== 'POST' || method !== 'GET') return request
  const query = new URLSearchParams(request.rawQuery)
  try {
    const body = parseJson(request.body).value
    const params = isRecord(body) && isRecord(body._params) ? body._params : {}
    for (const [name, value] of Object.entries(params)) query.set(name, paramText(value))
  } catch {
    return request
  }
  return { ...request, method, query, rawQuery: query.toString(), body: '' }
}

function paramText(value: JsonValue): string {
  if (Array.isArray(value)) return value.map(paramText).join(',')
  return typeof value === 'string' ? value : stringifyJson(value)
}

function isJson({ method, headers }: ApiRequest): boolean {
  return method !== 'POST' || /^application\/json\b/i.test(headers['content-type'] ?? '')
}
