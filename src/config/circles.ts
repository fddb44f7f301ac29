import type { Path, Problem } from './problem.ts'

/** An endpoint that can only be read once another has been: its parent, or an event feed about it. */
export interface Need {
  readonly from: string
  readonly to: string
  /** Where the other is named. */
  readonly path: Path
}

/** Endpoints that need each other, each circle once: none of them could be read first. */
export function findCircles(needs: readonly Need[]): Problem[] {
  const reported = new Set<string>()
  return needs.flatMap(({ from, to, path }) => {
    if (reported.has(edge(from, to))) return []
    const way = shortestWay(needs, to, from)
    if (way === null) return []
    const circle = way.map((name, i) => [way[i - 1] ?? from, name] as const)
    for (const [a, b] of circle) reported.add(edge(a, b))
    if (from === to) return [{ path, message: `"${from}" can not depend on itself` }]
    const steps = circle.map(([a, b]) => `"${a}" needs "${b}"`).join(', ')
    return [{ path, message: `this goes in circles: ${steps}` }]
  })
}

function edge(from: string, to: string): string {
  return JSON.stringify([from, to])
}

/** The endpoints from one to another by way of what each of them needs, both ends included; null for no such way. */
function shortestWay(needs: readonly Need[], start: string, end: string): string[] | null {
  const seen = new Set([start])
  const ways = [[start]]
  for (const way of ways) {
    const last = way.at(-1)!
    if (last === end) return way
    for (const { from, to } of needs) {
      if (from !== last || seen.has(to)) continue
      seen.add(to)
      ways.push([...way, to])
    }
  }
  return null
}
