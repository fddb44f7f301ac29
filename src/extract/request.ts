import { SluiceError } from '../core/errors.ts'
import { mergeJson, type JsonValue } from '../core/json.ts'
import {
  compileTemplate,
  renderTree,
  templateNames,
  toText,
  type TemplateScope,
} from '../core/template.ts'
import type { RestRequest } from '../http/types.ts'
import { encodePathValue, joinUrl } from '../http/url.ts'
import type { ExtractEndpoint } from './endpoint.ts'

export interface RequestOptions {
  readonly baseUrl: string
  /** The source's own parameters; the endpoint's win. */
  readonly params: Readonly<Record<string, JsonValue>>
  /** Values of every template name: cursor bounds, mapped parameters, parent fields, vars, now, today. */
  readonly scope: TemplateScope
  /** Parameters of `param_mapping`, which go to the query unless a template uses them. */
  readonly mapped: ReadonlyMap<string, JsonValue>
}

/** The request of an endpoint's first page, before its paginator has had a say. */
export function buildRequest(endpoint: ExtractEndpoint, options: RequestOptions): RestRequest {
  const { scope } = options
  const start = scope.get('cursor.start')
  const end = scope.get('cursor.end')
  const { incremental } = endpoint
  const params: { [name: string]: JsonValue } = {}
  const add = (
    more: Readonly<Record<string, JsonValue>> | undefined,
    join: typeof mergeJson = (_own, other) => other,
  ) => {
    for (const [name, value] of Object.entries(more ?? {})) {
      const rendered = renderTree(value, scope)
      if (rendered === undefined || rendered === null) delete params[name]
      else params[name] = join(params[name], rendered)
    }
  }
  add(options.params)
  add(endpoint.params)
  if (incremental && start !== undefined) {
    if (incremental.param_name !== undefined) params[incremental.param_name] = start
    add(incremental.params, mergeJson)
  }
  if (incremental && end !== undefined) {
    if (incremental.end_param_name !== undefined) params[incremental.end_param_name] = end
    add(incremental.end_params, mergeJson)
  }
  const used = new Set(usedNames(endpoint))
  for (const [name, value] of options.mapped) if (!used.has(name)) params[name] = value
  return {
    method: endpoint.method,
    url: joinUrl(options.baseUrl, renderPath(endpoint, scope)),
    params,
    queryStyle: endpoint.query_style,
    headers: renderHeaders(endpoint.headers, scope),
    body: renderBody(endpoint, scope),
  }
}

/** Whether any part of the request carries the lower bound to the API. */
export function sendsLowerBound(endpoint: ExtractEndpoint): boolean {
  const { incremental } = endpoint
  if (!incremental) return false
  return (
    incremental.param_name !== undefined ||
    incremental.params !== undefined ||
    incremental.json !== undefined ||
    usedNames(endpoint).includes('cursor.start')
  )
}

/** Whether any part of the request carries an upper bound to the API. */
export function sendsUpperBound(endpoint: ExtractEndpoint): boolean {
  const { incremental } = endpoint
  if (!incremental) return false
  return (
    incremental.end_param_name !== undefined ||
    incremental.end_params !== undefined ||
    incremental.end_json !== undefined ||
    usedNames(endpoint).includes('cursor.end')
  )
}

/** Every template name that the endpoint's request uses, `parent.<field>` among them. */
export function usedNames(endpoint: ExtractEndpoint): string[] {
  const headers = Object.values(endpoint.headers).filter((value) => value !== null)
  return [
    ...compileTemplate(endpoint.path).names,
    ...templateNames({ ...endpoint.params }),
    ...templateNames(headers),
    ...templateNames(endpoint.json ?? null),
    ...templateNames({ ...endpoint.incremental?.params, ...endpoint.incremental?.end_params }),
    ...templateNames(endpoint.incremental?.json ?? null),
    ...templateNames(endpoint.incremental?.end_json ?? null),
  ]
}

function renderPath(endpoint: ExtractEndpoint, scope: TemplateScope): string {
  const template = compileTemplate(endpoint.path)
  const path = template.render(scope, encodePathValue)
  if (typeof path === 'string') return path
  const missing = template.names.filter((name) => scope.get(name) === undefined)
  throw new SluiceError(
    'CONFIG_INVALID',
    `${endpoint.name}: path ${endpoint.path} needs a value for {${missing.join('}, {')}}`,
    { hint: 'map the parameter in depends_on.param_mapping, or give it in vars' },
  )
}

function renderHeaders(
  templates: Readonly<Record<string, string | null>>,
  scope: TemplateScope,
): Record<string, string | null> {
  const headers: Record<string, string | null> = {}
  for (const [name, value] of Object.entries(templates)) {
    const rendered = value === null ? null : compileTemplate(value).render(scope)
    if (rendered !== undefined) headers[name] = rendered === null ? null : toText(rendered)
  }
  return headers
}

function renderBody(endpoint: ExtractEndpoint, scope: TemplateScope): JsonValue | undefined {
  const { incremental } = endpoint
  const parts = [
    endpoint.json,
    scope.get('cursor.start') === undefined ? undefined : incremental?.json,
    scope.get('cursor.end') === undefined ? undefined : incremental?.end_json,
  ]
  return parts
    .map((part) => (part === undefined ? undefined : renderTree(part, scope)))
    .filter((part) => part !== undefined)
    .reduce<JsonValue | undefined>(mergeJson, undefined)
}
