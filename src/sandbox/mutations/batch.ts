import { createRandom } from '../data/random.ts'
import type { WorldData } from '../data/world-data.ts'
import { chooseIds } from './choose.ts'
import type { LeadMutations } from './leads.ts'
import type { RelatedMutations } from './related.ts'

/** How many changes of each kind; all default to 0. */
export interface MutationCounts {
  /** Leads edited, each once. */
  readonly edits?: number
  readonly adds?: number
  readonly deletes?: number
  /** Leads merged away. */
  readonly merges?: number
  readonly activities?: number
  readonly activityEdits?: number
  readonly contactEdits?: number
  readonly opportunityEdits?: number
  readonly tasksCompleted?: number
  /** Which objects are chosen; default: others every time, the same in every run. */
  readonly seed?: number
}

/** The ids of the objects that a batch of changes was made to; `merged` are the leads that are gone. */
export interface Mutation {
  readonly edited: readonly string[]
  readonly added: readonly string[]
  readonly deleted: readonly string[]
  readonly merged: readonly string[]
  readonly activities: readonly string[]
  readonly activitiesEdited: readonly string[]
  readonly contacts: readonly string[]
  readonly opportunities: readonly string[]
  readonly tasks: readonly string[]
}

const KINDS: ReadonlySet<string> = new Set([
  'edits',
  'adds',
  'deletes',
  'merges',
  'activities',
  'activityEdits',
  'contactEdits',
  'opportunityEdits',
  'tasksCompleted',
  'seed',
] satisfies (keyof MutationCounts)[])

/** Every fourth lead is edited in the very millisecond of the one before. */
const TIE_EVERY = 4

export function mutateAtRandom(
  data: WorldData,
  change: LeadMutations & RelatedMutations,
  counts: MutationCounts,
): Mutation {
  for (const kind of Object.keys(counts)) {
    if (!KINDS.has(kind))
      throw new RangeError(`no change is called ${kind}: ${[...KINDS].join(', ')}`)
  }
  const { edits = 0, adds = 0, deletes = 0, merges = 0, seed } = counts
  const random = seed === undefined ? data.random : createRandom(data.seed, 'batch', seed)
  const idOf = (record: { id?: unknown }) => record.id as string
  const repeat = (count: number | undefined, make: () => { id?: unknown }) =>
    Array.from({ length: count ?? 0 }, () => idOf(make()))
  const choose = (kind: 'contacts' | 'opportunities' | 'tasks' | 'activities', count = 0) =>
    chooseIds(random, data[kind], count)

  // Chosen before anything changes: an edited lead is not deleted by the same batch.
  const chosen = chooseIds(random, data.leads, edits + deletes + 2 * merges)
  const edited = chosen.slice(0, edits)
  const deleted = chosen.slice(edits, edits + deletes)
  const pairs = chosen.slice(edits + deletes)
  let at = 0
  for (const [i, id] of edited.entries()) {
    if (i % TIE_EVERY !== TIE_EVERY - 1) at = data.clock.tick()
    change.editLead(id, undefined, at)
  }
  const added = repeat(adds, () => change.addLead())
  for (const id of deleted) change.deleteLead(id)
  const merged: string[] = []
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    change.mergeLeads(pairs[i], pairs[i + 1])
    merged.push(pairs[i]!)
  }
  const leadIds = chooseIds(random, data.leads, counts.activities ?? 0)
  return {
    edited,
    added,
    deleted,
    merged,
    activities: leadIds.map((id) => idOf(change.addActivity(id))),
    activitiesEdited: choose('activities', counts.activityEdits).map((id) =>
      idOf(change.editActivity(id)),
    ),
    contacts: choose('contacts', counts.contactEdits).map((id) => idOf(change.editContact(id))),
    opportunities: choose('opportunities', counts.opportunityEdits).map((id) =>
      idOf(change.editOpportunity(id)),
    ),
    tasks: choose('tasks', counts.tasksCompleted).map((id) => idOf(change.completeTask(id))),
  }
}
