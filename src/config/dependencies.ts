import type { DependsOn } from '../extract/config.ts'
import type { IndexedEndpoint } from './checks.ts'
import type { Need } from './circles.ts'
import { dispositionOf } from './endpoint.ts'
import type { Path, Problem } from './problem.ts'
import { dependencyConfig } from './schema.ts'
import { didYouMean } from './suggest.ts'

/** Which endpoint is read per row of which, and what is wrong with it. */
export interface Dependencies {
  readonly byChild: ReadonlyMap<string, DependsOn>
  /** That every child needs its parent. */
  readonly needs: readonly Need[]
  readonly problems: readonly Problem[]
}

export interface EndpointNames {
  /** Those of all endpoints, those with mistakes among them. */
  readonly names: readonly string[]
  /** Those that are loaded, not only read for their children. */
  readonly loaded: readonly string[]
}

/**
 * Brings together the raw `dependencies` and the endpoints' own `depends_on`. Entries of `dependencies`
 * with mistakes of their own are passed over: those are reported already.
 */
export function linkDependencies(
  dependencies: unknown,
  endpoints: readonly IndexedEndpoint[],
  { names, loaded }: EndpointNames,
): Dependencies {
  const problems: Problem[] = []
  const byChild = new Map<string, DependsOn>()
  const needs: Need[] = []

  function link(child: string, dependsOn: DependsOn, place: Path, parentKey: string): void {
    const parent = dependsOn.endpoint
    if (!names.includes(parent)) {
      problems.push({
        path: [...place, parentKey],
        message: `no endpoint is called "${parent}"${didYouMean(parent, names)}`,
      })
    }
    if (dependsOn.only_changed && names.includes(parent) && !loaded.includes(parent)) {
      problems.push({
        path: [...place, 'only_changed'],
        message: `"${parent}" is not loaded by this pipeline, so Sluice can not know which of its rows changed; select it, or drop only_changed`,
      })
    }
    const config = endpoints.find((endpoint) => endpoint.config.name === child)?.config
    if (dependsOn.only_changed && config && dispositionOf(config) === 'replace') {
      problems.push({
        path: [...place, 'only_changed'],
        message: `"${child}" is written with \`replace\`, which would drop the rows of parents that did not change; only_changed needs \`merge\` (a primary_key) or \`append\``,
      })
    }
    const earlier = byChild.get(child)
    if (earlier) {
      problems.push({
        path: place,
        message:
          earlier.endpoint === parent
            ? `it is already said that "${child}" depends on "${parent}"; keep one of the two`
            : `"${child}" already depends on "${earlier.endpoint}"; an endpoint has one parent`,
      })
      return
    }
    byChild.set(child, dependsOn)
    needs.push({ from: child, to: parent, path: [...place, parentKey] })
  }

  for (const { index, config } of endpoints) {
    const place = ['endpoints', index, 'depends_on']
    if (config.depends_on) link(config.name, config.depends_on, place, 'endpoint')
  }
  for (const [index, raw] of (Array.isArray(dependencies) ? dependencies : []).entries()) {
    const { data } = dependencyConfig.safeParse(raw)
    if (!data) continue
    const { endpoint: child, depends_on: parent, ...rest } = data
    if (!names.includes(child)) {
      problems.push({
        path: ['dependencies', index, 'endpoint'],
        message: `no endpoint is called "${child}"${didYouMean(child, names)}; declare it in endpoints, with the path to ask for`,
      })
    }
    link(child, { ...rest, endpoint: parent }, ['dependencies', index], 'depends_on')
  }
  return { byChild, needs, problems }
}
