import { dateOrTimestamp } from '../core/time.ts'
import { isExclusive } from '../extract/bounds.ts'
import { sendsLowerBound, sendsUpperBound } from '../extract/request.ts'
import { sameOrigin } from '../http/url.ts'
import { createNaming, isReservedTable } from '../normalize/naming.ts'
import type { EndpointConfig } from './endpoint.ts'
import type { Path, Problem } from './problem.ts'
import { checkPagination } from './check-pagination.ts'
import { checkTemplates } from './templates.ts'
import { UNSUPPORTED } from './unsupported.ts'

/** An endpoint of the list that is valid by itself, and its position there. */
export interface IndexedEndpoint {
  readonly index: number
  readonly config: EndpointConfig
}

export const MAX_IDENTIFIER_BYTES = 63

/** What can only be seen in one endpoint as a whole. */
export function checkEndpoint(
  { index, config }: IndexedEndpoint,
  source: { readonly baseUrl: string | null; readonly vars: readonly string[] },
): Problem[] {
  const at = (...path: Path): Path => ['endpoints', index, ...path]
  const problems: Problem[] = []
  const say = (path: Path, message: string) => problems.push({ path, message })

  for (const { path, asksFor, message } of UNSUPPORTED) {
    if (asksFor(config)) problems.push({ path: at(...path), message, unsupported: true })
  }
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(config.path) && source.baseUrl !== null) {
    if (!sameOrigin(source.baseUrl, config.path)) {
      say(at('path'), 'a path is appended to base_url; another server needs a source of its own')
    }
  }
  if (config.write_disposition === 'merge' && !config.primary_key) {
    say(at('write_disposition'), '`merge` needs a primary_key to tell which row is which')
  }
  for (const field of config.primary_key ?? []) {
    if (config.columns[field]?.pii === 'drop') {
      say(
        at('columns', field, 'pii'),
        `"${field}" is a primary key and can not be dropped; hash it`,
      )
    }
  }
  problems.push(
    ...checkBodies(config, at),
    ...checkInitialValue(config, at),
    ...checkExclusive(config, at),
    ...checkWindow(config, at),
    ...checkRetention(config, at),
    ...checkPagination(config.pagination, at('pagination')),
  )
  const names = {
    incremental: config.incremental !== undefined,
    mapped: config.depends_on ? Object.keys(config.depends_on.param_mapping) : null,
    vars: source.vars,
    time: true,
  }
  const { incremental } = config
  const templates: readonly (readonly [Path, unknown])[] = [
    [['path'], config.path],
    [['params'], config.params],
    [['headers'], config.headers],
    [['json'], config.json],
    [['incremental', 'params'], incremental?.params],
    [['incremental', 'end_params'], incremental?.end_params],
    [['incremental', 'json'], incremental?.json],
    [['incremental', 'end_json'], incremental?.end_json],
    ...config.transform.map((step, i): [Path, unknown] => [
      ['transform', i, 'set'],
      'set' in step ? step.set : undefined,
    ]),
  ]
  for (const [path, value] of templates) problems.push(...checkTemplates(value, at(...path), names))
  const unbounded = { ...names, incremental: false, mapped: null }
  const { deletes, reread } = config
  const snapshot = typeof deletes === 'object' ? deletes.snapshot : undefined
  for (const key of ['params', 'json'] as const) {
    const path = at('deletes', 'snapshot', key)
    problems.push(...checkTemplates(snapshot?.[key], path, unbounded))
  }
  problems.push(...checkTemplates(reread, at('reread'), { ...unbounded, keys: true }))
  return problems
}

function checkBodies(config: EndpointConfig, at: (...path: Path) => Path): Problem[] {
  if (config.method === 'POST') return []
  const inBody = 'in' in config.pagination && config.pagination.in === 'body'
  const places: readonly (readonly [boolean, Path])[] = [
    [config.json !== undefined, ['json']],
    [config.incremental?.json !== undefined, ['incremental', 'json']],
    [config.incremental?.end_json !== undefined, ['incremental', 'end_json']],
    [inBody, ['pagination', 'in']],
  ]
  return places.flatMap(([used, path]) =>
    used ? [{ path: at(...path), message: 'a GET has no body; add method: POST' }] : [],
  )
}

function checkInitialValue(config: EndpointConfig, at: (...path: Path) => Path): Problem[] {
  const { initial_value: value, format } = config.incremental ?? { format: 'iso' }
  if (value === undefined) return []
  const path = at('incremental', 'initial_value')
  if (format === 'number') {
    const isNumber = typeof value !== 'boolean' && value !== '' && Number.isFinite(Number(value))
    return isNumber ? [] : [{ path, message: 'expected a number, as incremental.format says' }]
  }
  if (format === 'string') return []
  // An epoch is a time as well; so is a year alone, but that is more likely a mistake.
  const isEpoch = typeof value === 'number' && value >= 10_000
  const isTime = typeof value === 'string' && dateOrTimestamp(value) !== null
  if (isEpoch || isTime) return []
  return [{ path, message: 'expected a day such as 2024-01-31 or an ISO date-time' }]
}

/** An exclusive bound is sent one unit earlier, and text has no unit: records tied with the bookmark would be lost. */
function checkExclusive({ incremental }: EndpointConfig, at: (...path: Path) => Path): Problem[] {
  if (incremental?.format !== 'string' || !isExclusive(incremental)) return []
  const key = incremental.inclusive === undefined ? 'param_name' : 'inclusive'
  return [
    {
      path: at('incremental', key),
      message:
        'an exclusive bound needs one unit to step back by, which `format: string` does not have, so records that tie with the bookmark would be lost; use an inclusive parameter (gte, >=), or say `inclusive: true` if this one is',
    },
  ]
}

/** A window is a range of time that the API can be asked for, at both ends. */
function checkWindow(config: EndpointConfig, at: (...path: Path) => Path): Problem[] {
  const { incremental } = config
  if (!incremental?.window) return []
  const { window, format, client_side } = incremental
  const path = at('incremental', 'window')
  const say = (message: string, place = path): Problem[] => [{ path: place, message }]
  if (format === 'number' || format === 'string') {
    return say(
      `windows are ranges of time, but incremental.format is ${format}; leave \`window\` out`,
    )
  }
  if (client_side) {
    return say('windows need an API that can filter, but `client_side` says that it can not')
  }
  if (!sendsLowerBound(config)) {
    return say('a window needs a lower bound that the API takes: param_name, params or json')
  }
  if (!sendsUpperBound(config)) {
    return say(
      'a window needs an upper bound that the API takes: end_param_name, end_params or end_json',
    )
  }
  if (window.min > window.size)
    return say('`min` is longer than `size`', at('incremental', 'window', 'min'))
  return []
}

/** How long an API keeps records is told by when they were made. */
function checkRetention({ incremental }: EndpointConfig, at: (...path: Path) => Path): Problem[] {
  if (incremental?.retention === undefined) return []
  const { format } = incremental
  if (format !== 'number' && format !== 'string') return []
  const message = `retention is an age, but incremental.format is ${format}, which tells no time; leave \`retention\` out`
  return [{ path: at('incremental', 'retention'), message }]
}

/** The name of an endpoint's own table, as long as no other has it. */
export function tableOf(config: EndpointConfig): string {
  const naming = createNaming(config.naming, MAX_IDENTIFIER_BYTES)
  return naming.identifier(config.table_name ?? config.name)
}

/** Endpoints that share a name, or a table. */
export function checkNames(
  names: readonly (string | null)[],
  endpoints: readonly IndexedEndpoint[],
): Problem[] {
  const problems: Problem[] = []
  const firstByName = new Map<string, number>()
  for (const [index, name] of names.entries()) {
    if (name === null) continue
    const first = firstByName.get(name)
    if (first === undefined) firstByName.set(name, index)
    else {
      problems.push({
        path: ['endpoints', index, 'name'],
        message: `endpoints[${first}] is called "${name}" too; every endpoint needs a name of its own`,
      })
    }
  }
  const firstByTable = new Map<string, EndpointConfig>()
  for (const { index, config } of endpoints) {
    const table = tableOf(config).toLowerCase()
    const path = ['endpoints', index, config.table_name === undefined ? 'name' : 'table_name']
    if (isReservedTable(table)) {
      problems.push({
        path,
        message: `the table "${table}" is Sluice's own; use another table_name`,
      })
    }
    const first = firstByTable.get(table)
    if (first === undefined) firstByTable.set(table, config)
    else if (first.name !== config.name) {
      problems.push({
        path,
        message: `"${config.name}" and "${first.name}" would both fill the table "${table}"; give one a table_name`,
      })
    }
  }
  return problems
}
