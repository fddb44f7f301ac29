import type { WorldData } from '../data/world-data.ts'
import { leadMutations, type LeadMutations } from './leads.ts'
import { mutateAtRandom, type Mutation, type MutationCounts } from './batch.ts'
import { relatedMutations, type RelatedMutations } from './related.ts'

/**
 * What can happen in the organization. Each moves the clock on, writes the events that the real log would hold, and
 * bumps `date_updated` of what the real service bumps: no more and no less. Where no object is named, one is chosen,
 * the same one in every run. Each throws RangeError for an id that does not exist.
 */
export interface Mutations extends LeadMutations, RelatedMutations {
  /** Makes a number of changes of each kind, chosen by `seed`; says which objects they were made to. */
  mutate(counts: MutationCounts): Mutation
}

export function createMutations(data: WorldData): Mutations {
  const single = { ...leadMutations(data), ...relatedMutations(data) }
  return { ...single, mutate: (counts) => mutateAtRandom(data, single, counts) }
}
