import * as z from 'zod'
import { isRecord, mergeJson, type JsonRecord, type JsonValue } from '../../core/json.ts'
import type { Params, RestRequest } from '../types.ts'

/** Where a paginator's parameters go; in a body their names are dotted paths. */
export const location = z
  .enum(['query', 'body'])
  .default('query')
  .describe('Where the parameters go; in a `body` their names may be dotted paths.')

/** Keys of a page size that is left to the API unless `limit` is given. */
export const pageSize = {
  limit_param: z
    .string()
    .min(1)
    .default('limit')
    .describe('Parameter for the page size; sent when `limit` is set.'),
  limit: z
    .int()
    .positive()
    .optional()
    .describe("Records to ask for per page. Default: the API's own page size."),
}

/** Keys that say where a counted list ends. */
export const listEnd = {
  has_more_path: z
    .string()
    .optional()
    .describe("Path to a flag that says there is more. Default: the body's own `has_more`."),
  stop_on_short_page: z
    .boolean()
    .default(false)
    .describe(
      'A page with fewer records than `limit` is the last. Not safe where the API lowers limits.',
    ),
}

export type Location = z.output<typeof location>

/** The request with these parameters set. */
export function withParams(request: RestRequest, values: Params, where: Location): RestRequest {
  if (where === 'query') return { ...request, params: { ...request.params, ...values } }
  let body: JsonRecord = isRecord(request.body ?? null) ? (request.body as JsonRecord) : {}
  for (const [name, value] of Object.entries(values))
    body = setPath(body, keysOf(body, name), value)
  return { ...request, body }
}

/** The request with these parameters added: lists and maps are joined with those it has. */
export function withJoinedParams(
  request: RestRequest,
  values: Params,
  where: Location,
): RestRequest {
  const joined = Object.entries(values).map(
    ([name, value]) => [name, mergeJson(paramOf(request, name, where), value)] as const,
  )
  return withParams(request, Object.fromEntries(joined), where)
}

/** The request without these parameters. */
export function withoutParamsNamed(
  request: RestRequest,
  names: readonly string[],
  where: Location,
): RestRequest {
  if (where === 'query') {
    const kept = Object.entries(request.params).filter(([name]) => !names.includes(name))
    return { ...request, params: Object.fromEntries(kept) }
  }
  let body = request.body
  for (const name of names) {
    if (body !== undefined && isRecord(body)) body = setPath(body, keysOf(body, name), undefined)
  }
  return { ...request, body }
}

/** The value of a parameter in a request; undefined when it has none. */
export function paramOf(
  request: RestRequest,
  name: string,
  where: Location,
): JsonValue | undefined {
  if (where === 'query') return request.params[name]
  let value: JsonValue | undefined = request.body
  if (value === undefined || !isRecord(value)) return undefined
  for (const key of keysOf(value, name)) {
    value = value !== undefined && isRecord(value) ? value[key] : undefined
  }
  return value
}

/** A key that literally contains the dots wins over the nested reading. */
function keysOf(body: JsonRecord, name: string): string[] {
  return Object.hasOwn(body, name) ? [name] : name.split('.')
}

function setPath(
  body: JsonRecord,
  [key = '', ...rest]: readonly string[],
  value: JsonValue | undefined,
): JsonRecord {
  const inner = body[key]
  const nested = inner !== undefined && isRecord(inner) ? inner : {}
  const replaced = rest.length === 0 ? value : setPath(nested, rest, value)
  if (replaced !== undefined) return { ...body, [key]: replaced }
  const { [key]: _removed, ...others } = body
  return others
}
