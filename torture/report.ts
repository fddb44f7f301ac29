/** What was done, and what came of it. */
export interface Report {
  rounds: number
  runs: number
  /** Runs that came to their end, whatever they met. */
  survived: number
  /** Kills by step or signal, and faults by name. */
  readonly kills: Map<string, number>
  readonly faults: Map<string, number>
  /** Where tables or runs were not what they had to be. */
  readonly differences: string[]
}

export function createReport(): Report {
  return {
    rounds: 0,
    runs: 0,
    survived: 0,
    kills: new Map(),
    faults: new Map(),
    differences: [],
  }
}

/** How many of all names there are. */
export function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, times) => sum + times, 0)
}

export function count(counts: Map<string, number>, name: string, more = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + more)
}
