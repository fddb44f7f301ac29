import { compileTemplate } from '../core/template.ts'
import { checkDeletes } from './check-deletes.ts'
import { checkRereads, feedNeeds } from './check-feeds.ts'
import { checkLabels } from './check-labels.ts'
import { checkEndpoint, checkNames, type IndexedEndpoint } from './checks.ts'
import { findCircles } from './circles.ts'
import { deletesOf } from './deletes.ts'
import { linkDependencies } from './dependencies.ts'
import { dispositionOf, endpointConfig, type EndpointConfig } from './endpoint.ts'
import { explain } from './explain.ts'
import { homeOfKey } from './key-homes.ts'
import { labelsOf } from './labels.ts'
import { inherit, isRaw, override, withoutNulls } from './merge.ts'
import { valueAt, type Path, type Problem } from './problem.ts'
import type { ResolvedEndpoint, ResolvedSource } from './resolved.ts'
import { rereadsOf } from './reread.ts'
import { sourceFile, type SourceFile } from './schema.ts'
import { collectSecrets } from './secrets.ts'
import { checkTemplates } from './templates.ts'

export interface SourceInput {
  /** The content of the source file, variables replaced. */
  readonly source: unknown
  /** The pipeline's keys, of which some override the source's. */
  readonly overrides: Readonly<Record<string, unknown>>
  /** The name of a source that does not say its own. */
  readonly name: string
  /** The pipeline's. */
  readonly vars: Readonly<Record<string, string>>
  /** The endpoints the pipeline names, or null for every selected one. */
  readonly endpointNames: readonly string[] | null
  /** Whether the value at a path must not be shown. */
  readonly isHidden: (path: Path) => boolean
}

export interface SourceResult {
  /** Null when there are problems. */
  readonly source: ResolvedSource | null
  /** Their paths are those of the source file, defaults merged into every endpoint. */
  readonly problems: readonly Problem[]
  /** The names of all endpoints, those with mistakes among them. */
  readonly endpointNames: readonly string[]
  readonly secrets: readonly string[]
  /** The source with overrides and defaults merged, before it was checked. */
  readonly merged: unknown
}

const sourceHead = sourceFile.omit({ endpoints: true })
const sourceBody = sourceFile.pick({ endpoints: true })

/** Merges, checks and completes one source. Finds every mistake, not just the first. */
export function resolveSource(input: SourceInput): SourceResult {
  const whole = compose(input)
  const say = { value: whole, isHidden: input.isHidden, homeOf: homeOfKey }
  const problems: Problem[] = []
  if (!isRaw(whole)) {
    const checked = sourceFile.safeParse(whole)
    const found = explain(checked.error?.issues ?? [], { ...say, schema: sourceFile })
    return { source: null, problems: found, endpointNames: [], secrets: [], merged: whole }
  }
  const { endpoints: list, ...rest } = whole
  const head = sourceHead.safeParse(rest)
  if (!head.success) problems.push(...explain(head.error.issues, { ...say, schema: sourceFile }))
  const endpoints = checkEndpointList(list, problems, say)
  const names = endpointNamesOf(list)

  const vars = Object.keys(input.vars)
  const known = names.filter((name) => name !== null)
  const loaded = input.endpointNames ?? selectedOf(endpoints)
  const links = linkDependencies(rest.dependencies, endpoints, { names: known, loaded })
  problems.push(...links.problems, ...checkNames(names, endpoints))
  const linked = endpoints.map(({ index, config }) => {
    const dependsOn = links.byChild.get(config.name)
    return { index, config: dependsOn ? { ...config, depends_on: dependsOn } : config }
  })
  problems.push(...findCircles([...links.needs, ...linked.flatMap(feedNeeds)]))
  const baseUrl = head.success ? head.data.base_url : null
  problems.push(
    ...checkSourceTemplates(rest, vars),
    ...linked.flatMap((endpoint) => checkEndpoint(endpoint, { baseUrl, vars })),
    ...linked.flatMap((endpoint) => checkDeletes(endpoint, linked, known)),
    ...linked.flatMap((endpoint) => checkRereads(endpoint, linked, known)),
    ...linked.flatMap((endpoint) => checkLabels(endpoint, linked, known)),
  )
  return {
    source: head.success && problems.length === 0 ? finish(head.data, linked, input) : null,
    problems,
    endpointNames: known,
    secrets: collectSecrets(sourceFile, whole),
    merged: whole,
  }
}

/** The source as it is checked: overrides and defaults merged in, `{vars.x}` of the base URL filled in. */
function compose({ source, overrides, vars }: SourceInput): unknown {
  if (!isRaw(source)) return source
  const merged = override(source, overrides)
  const { defaults, ...rest } = merged
  const whole: Record<string, unknown> = { ...rest }
  // A key whose lines are all commented out is empty, which means nothing special here.
  for (const key of ['headers', 'params', 'dependencies']) {
    if (whole[key] === null) delete whole[key]
  }
  for (const key of ['headers', 'params']) {
    const map = whole[key]
    if (isRaw(map)) whole[key] = withoutNulls(map)
  }
  if (defaults !== undefined && defaults !== null && !isRaw(defaults)) whole.defaults = defaults
  if (Array.isArray(rest.endpoints)) {
    whole.endpoints = rest.endpoints.map((endpoint: unknown) =>
      isRaw(endpoint) ? inherit(isRaw(defaults) ? defaults : {}, endpoint) : endpoint,
    )
  }
  if (typeof whole.base_url === 'string') whole.base_url = fillVars(whole.base_url, vars)
  return whole
}

/** The text with its `{vars.x}`; as it is when one of its names has no value, which is reported elsewhere. */
function fillVars(text: string, vars: Readonly<Record<string, string>>): string {
  const scope = new Map(Object.entries(vars).map(([name, value]) => [`vars.${name}`, value]))
  const filled = compileTemplate(text).render(scope, (value) => value)
  return typeof filled === 'string' ? filled : text
}

function checkEndpointList(
  list: unknown,
  problems: Problem[],
  say: Omit<Parameters<typeof explain>[1], 'schema'>,
): IndexedEndpoint[] {
  if (!Array.isArray(list) || list.length === 0) {
    const { error } = sourceBody.safeParse(list === undefined ? {} : { endpoints: list })
    problems.push(...explain(error?.issues ?? [], { ...say, schema: sourceFile }))
    return []
  }
  return list.flatMap((raw: unknown, index) => {
    const checked = endpointConfig.safeParse(raw)
    if (checked.success) return [{ index, config: checked.data }]
    const issues = checked.error.issues.map((issue) => ({
      ...issue,
      path: ['endpoints', index, ...issue.path],
    }))
    problems.push(...explain(issues, { ...say, schema: sourceFile }))
    return []
  })
}

function selectedOf(endpoints: readonly IndexedEndpoint[]): string[] {
  return endpoints.flatMap(({ config }) => (config.selected ? [config.name] : []))
}

function endpointNamesOf(list: unknown): (string | null)[] {
  if (!Array.isArray(list)) return []
  return list.map((endpoint: unknown) => {
    const name = valueAt(endpoint, ['name'])
    return typeof name === 'string' ? name : null
  })
}

function checkSourceTemplates(
  source: Readonly<Record<string, unknown>>,
  vars: readonly string[],
): Problem[] {
  const names = { incremental: false, mapped: null, vars, time: false }
  return [
    ...checkTemplates(source.base_url, ['base_url'], names),
    ...checkTemplates(source.headers, ['headers'], names),
    ...checkTemplates(source.params, ['params'], { ...names, time: true }),
  ]
}

function finish(
  head: Omit<SourceFile, 'endpoints'>,
  endpoints: readonly IndexedEndpoint[],
  input: SourceInput,
): ResolvedSource {
  return {
    name: head.name ?? input.name,
    base_url: head.base_url,
    auth: head.auth,
    // The client sends these as they are, so their templates end here.
    headers: Object.fromEntries(
      Object.entries(head.headers).map(([name, value]) => [name, fillVars(value, input.vars)]),
    ),
    params: head.params,
    rate_limit: head.rate_limit,
    retry: head.retry,
    endpoints: endpoints.map(({ config }) => complete(config)),
  }
}

function complete(config: EndpointConfig): ResolvedEndpoint {
  const { max_delete_ratio: _ratio, ...rest } = config
  return {
    ...rest,
    deletes: deletesOf(config),
    reread: rereadsOf(config),
    labels: labelsOf(config),
    max_pages: config.max_pages ?? config.pagination.max_pages,
    write_disposition: dispositionOf(config),
  }
}
