import type { WriteMode } from './commit-policy.ts'
import type { PlannedEndpoint } from './plan.ts'

/** How an endpoint's walks are written, and what becomes of the stage once all of them are complete. */
export interface WritePlan {
  readonly mode: WriteMode
  /** `none` for a stage that only serves the endpoint's children, and where nothing is collected. */
  readonly publish: 'none' | 'replace' | 'append'
}

export function planWrites(
  { endpoint, loaded }: PlannedEndpoint,
  { startsOver }: { readonly startsOver: boolean },
): WritePlan {
  const { write_disposition: disposition, incremental } = endpoint
  if (!loaded) return { mode: 'collect', publish: 'none' }
  if (disposition === 'replace') return { mode: 'collect', publish: 'replace' }
  if (disposition !== 'append') return { mode: 'merge', publish: 'none' }
  // Appending everything once more would double it: it takes the place of the rows instead.
  if (startsOver) return { mode: 'collect', publish: 'replace' }
  // Without a bookmark nothing says which parents were read, so all of them are one unit.
  return incremental ? { mode: 'append', publish: 'none' } : { mode: 'collect', publish: 'append' }
}
