import { planSync, type EndpointPlan, type SyncPlan } from '../../run/plan-sync.ts'
import type { Cli } from '../cli.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { renderTable } from '../output.ts'
import { plural } from '../units.ts'

export interface PlanOptions {
  readonly endpoint?: readonly string[]
  readonly fullRefresh?: boolean
}

export async function showPlan(
  cli: Cli,
  pipeline: string,
  options: PlanOptions,
): Promise<ExitCode> {
  const config = await cli.load([pipeline])
  const plan = await planSync(config, pipeline, {
    endpoints: options.endpoint,
    fullRefresh: options.fullRefresh,
    clock: cli.effects.clock,
  })
  if (cli.options.json === true) cli.printJson(JSON.stringify(plan))
  else cli.print(renderPlan(plan, cli.width))
  return EXIT.ok
}

function renderPlan({ endpoints, warnings }: SyncPlan, width: number): string {
  const columns = ['endpoint', 'from', 'windows', 'order', 'pages', 'writes', 'request']
  const rows = endpoints.map((endpoint) => [
    endpoint.endpoint,
    endpoint.from ?? (endpoint.parent ? fromParents(endpoint.parent) : 'everything'),
    endpoint.windows,
    endpoint.order,
    endpoint.pagination,
    endpoint.loaded ? endpoint.write_disposition : 'nothing: for its children',
    `${endpoint.method} ${endpoint.url}`,
  ])
  const gaps = endpoints.flatMap(({ endpoint, bookmark }) =>
    (bookmark?.gaps ?? []).map(({ from, to }) => `first the gap of ${endpoint}: ${from} to ${to}`),
  )
  const notes = [...gaps, ...warnings.map((warning) => `warning: ${warning}`)]
  return [renderTable({ columns, rows, cutFirst: 'request' }, width), ...notes].join('\n')
}

function fromParents({ endpoint, rows }: NonNullable<EndpointPlan['parent']>): string {
  return `${plural(rows, 'parent')} in ${endpoint}`
}
