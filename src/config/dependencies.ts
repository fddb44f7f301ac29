import type * as z from 'zod'
import type { DependsOn } from '../extract/config.ts'
import type { IndexedEndpoint } from './checks.ts'
import type { Path, Problem } from './problem.ts'
import type { sourceFile } from './schema.ts'
import { didYouMean } from './suggest.ts'

type Dependency = z.output<typeof sourceFile>['dependencies'][number]

/** Which endpoint is read per row of which, and what is wrong with it. */
export interface Dependencies {
  readonly byChild: ReadonlyMap<string, DependsOn>
  readonly problems: readonly Problem[]
}

/**
 * Brings together `dependencies` and the endpoints' own `depends_on`. `names` are those of all endpoints,
 * those with mistakes among them.
 */
export function linkDependencies(
  dependencies: readonly Dependency[],
  endpoints: readonly IndexedEndpoint[],
  names: readonly string[],
): Dependencies {
  const problems: Problem[] = []
  const byChild = new Map<string, DependsOn>()
  const placeByChild = new Map<string, Path>()

  function link(child: string, dependsOn: DependsOn, place: Path, parentKey: string): void {
    const parent = dependsOn.endpoint
    if (!names.includes(parent)) {
      problems.push({
        path: [...place, parentKey],
        message: `no endpoint is called "${parent}"${didYouMean(parent, names)}`,
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
    placeByChild.set(child, [...place, parentKey])
  }

  for (const { index, config } of endpoints) {
    const place = ['endpoints', index, 'depends_on']
    if (config.depends_on) link(config.name, config.depends_on, place, 'endpoint')
  }
  for (const [index, dependency] of dependencies.entries()) {
    const { endpoint: child, depends_on: parent, ...rest } = dependency
    if (!names.includes(child)) {
      problems.push({
        path: ['dependencies', index, 'endpoint'],
        message: `no endpoint is called "${child}"${didYouMean(child, names)}; declare it in endpoints, with the path to ask for`,
      })
    }
    link(child, { ...rest, endpoint: parent }, ['dependencies', index], 'depends_on')
  }
  problems.push(...findCircles(byChild, placeByChild))
  return { byChild, problems }
}

function findCircles(
  byChild: ReadonlyMap<string, DependsOn>,
  placeByChild: ReadonlyMap<string, Path>,
): Problem[] {
  const problems: Problem[] = []
  const reported = new Set<string>()
  for (const start of byChild.keys()) {
    const chain: string[] = []
    let name: string | undefined = start
    while (name !== undefined && !chain.includes(name)) {
      chain.push(name)
      name = byChild.get(name)?.endpoint
    }
    // A chain that only leads into a circle is reported by the circle's own members.
    if (name !== start || reported.has(start)) continue
    for (const member of chain) reported.add(member)
    const circle = [...chain, start].map((each) => `"${each}"`).join(' -> ')
    problems.push({
      path: placeByChild.get(start)!,
      message:
        chain.length === 1
          ? `"${start}" can not depend on itself`
          : `endpoints depend on each other in a circle: ${circle}`,
    })
  }
  return problems
}
