import type { WriteMode } from './commit-policy.ts'
import type { RunContext } from './context.ts'
import type { PlannedEndpoint } from './plan.ts'

/** How an endpoint's walks are written, and what becomes of the stage once all of them are complete. */
export interface WritePlan {
  readonly mode: WriteMode
  /** `none` for a stage that only serves the endpoint's children, and where nothing is collected. */
  readonly publish: 'none' | 'replace' | 'append'
}

export function planWrites(
  { endpoint, loaded }: PlannedEndpoint,
  { fullRefresh }: Pick<RunContext, 'fullRefresh'>,
): WritePlan {
  if (!loaded) return { mode: 'collect', publish: 'none' }
  switch (endpoint.write_disposition) {
    case 'replace':
      return { mode: 'collect', publish: 'replace' }
    case 'append':
      // Appending everything once more would double it: a full refresh swaps the table instead.
      if (fullRefresh) return { mode: 'collect', publish: 'replace' }
      // Without a bookmark nothing says which parents were read, so all of them are one unit.
      if (!endpoint.incremental) return { mode: 'collect', publish: 'append' }
      return { mode: 'append', publish: 'none' }
    case 'merge':
    case 'scd2':
      return { mode: 'merge', publish: 'none' }
  }
}
