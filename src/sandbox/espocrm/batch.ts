import type { JsonRecord } from '../../core/json.ts'
import { createRandom, type Random } from '../data/random.ts'
import type { Store } from './data/store.ts'
import type { MutationContext, Mutations } from './mutations.ts'
import { ENTITIES } from './model/entities.ts'
import { ENTITY_NAMES, type EntityName } from './model/names.ts'

/** How many changes of each kind; all default to 0. */
export interface MutationCounts {
  /** Records edited, each once: leads first, then one of each other kind in turn. */
  readonly edits?: number
  readonly adds?: number
  readonly deletes?: number
  /** Deleted records brought back. */
  readonly restores?: number
  /** Contacts, accounts and leads put on target lists and taken off them. */
  readonly relates?: number
  /** Leads changed by one mass update, all within one second. */
  readonly touches?: number
  /** Which records are chosen; default: others every time, the same in every run. */
  readonly seed?: number
}

/** A record that something was done to. */
export interface Changed {
  readonly entity: EntityName
  readonly id: string
}

export interface Mutation {
  readonly edited: readonly Changed[]
  readonly added: readonly Changed[]
  readonly deleted: readonly Changed[]
  readonly restored: readonly Changed[]
  readonly related: readonly (Changed & { readonly link: string; readonly otherId: string })[]
  readonly touched: readonly string[]
}

const KINDS: ReadonlySet<string> = new Set([
  'edits',
  'adds',
  'deletes',
  'restores',
  'relates',
  'touches',
  'seed',
] satisfies (keyof MutationCounts)[])

/** Whose turn it is when a batch changes records. */
const TURNS = [
  'Lead',
  'Contact',
  'Account',
  'Opportunity',
  'Case',
  'Meeting',
  'Call',
  'Task',
  'Document',
  'Campaign',
  'TargetList',
  'KnowledgeBaseArticle',
] as const

const LISTED = { contacts: 'Contact', accounts: 'Account', leads: 'Lead' } as const

/** Every fourth record is edited in the very second of the one before. */
const TIE_EVERY = 4

export function mutateAtRandom(
  { store, clock, seed: worldSeed, random: ownRandom }: MutationContext,
  change: Mutations,
  counts: MutationCounts,
): Mutation {
  for (const kind of Object.keys(counts)) {
    if (!KINDS.has(kind))
      throw new RangeError(`no change is called ${kind}: ${[...KINDS].join(', ')}`)
  }
  const { edits = 0, adds = 0, deletes = 0, restores = 0, relates = 0, touches = 0, seed } = counts
  const random = seed === undefined ? ownRandom : createRandom(worldSeed, 'batch', seed)
  const choose = chooser(store, random)

  // Chosen before anything changes: what is edited or touched is not deleted by the same batch.
  const edited = choose(edits)
  const named = deletes + restores > 0 ? namedIds(store) : new Set<string>()
  const touched = choose(touches, ['Lead']).map(({ id }) => id)
  const deleted = choose(deletes, TURNS, (id) => !named.has(id))
  const restored = deletedRecords(store, random, named).slice(0, restores)

  let at = 0
  for (const [i, { entity, id }] of edited.entries()) {
    if (i % TIE_EVERY !== TIE_EVERY - 1) at = clock.tick()
    change.edit(entity, id, undefined, at)
  }
  const added = Array.from({ length: adds }, (_, i) => {
    const entity = TURNS[i % TURNS.length]!
    return { entity, id: change.add(entity).id as string }
  })
  if (touched.length > 0) change.touch('Lead', touched)
  for (const { entity, id } of deleted) change.remove(entity, id)
  for (const { entity, id } of restored) change.restore(entity, id)
  const related = Array.from({ length: relates }, () => relateSome(store, random, change)).flat()
  return { edited, added, deleted, restored, related, touched }
}

/** Chooses records in turns, none twice in its lifetime. */
function chooser(store: Store, random: Random) {
  const taken = new Set<string>()
  return (
    count: number,
    entities: readonly EntityName[] = TURNS,
    suits: (id: string) => boolean = () => true,
  ): Changed[] => {
    if (count === 0) return []
    const pools = entities.map((entity) => ({
      entity,
      ids: store.tables[entity].live
        .map(({ id }) => id)
        .filter((id) => !taken.has(id) && suits(id)),
    }))
    const chosen: Changed[] = []
    for (let turn = 0; chosen.length < count && pools.some(({ ids }) => ids.length > 0); turn++) {
      const { entity, ids } = pools[turn % pools.length]!
      if (ids.length === 0) continue
      const [id] = ids.splice(random.int(ids.length), 1)
      taken.add(id!)
      chosen.push({ entity, id: id! })
    }
    return chosen
  }
}

/**
 * The records whose name others show. When one comes or goes, those others look different without having changed, and
 * nothing tells: a batch leaves that alone, so that whoever reads changes only has all there is to see.
 */
function namedIds(store: Store): ReadonlySet<string> {
  const ids = new Set<string>()
  for (const entity of ENTITY_NAMES) {
    const keys = Object.values(ENTITIES[entity].attributes).flatMap(
      ({ nameOf }) => nameOf?.id ?? [],
    )
    for (const { record } of store.tables[entity].live) {
      for (const key of keys) if (typeof record[key] === 'string') ids.add(record[key])
    }
  }
  return ids
}

function deletedRecords(store: Store, random: Random, named: ReadonlySet<string>): Changed[] {
  const all = TURNS.flatMap((entity) =>
    store.tables[entity].deleted.map(({ id }) => ({ entity, id, at: random.next() })),
  )
  return all
    .filter(({ id }) => !named.has(id))
    .sort((a, b) => a.at - b.at)
    .map(({ entity, id }) => ({ entity, id }))
}

/** Puts a record on a target list or, one time in three, takes one off. */
function relateSome(store: Store, random: Random, change: Mutations): Mutation['related'] {
  const link = random.pick(Object.keys(LISTED) as (keyof typeof LISTED)[])
  const lists = store.tables.TargetList.live
  const others = store.tables[LISTED[link]].live
  if (lists.length === 0 || others.length === 0) return []
  const { id } = random.pick(lists)
  const on = store.linked(id, ENTITIES.TargetList.links[link]!, 'TargetList')
  const done = { entity: 'TargetList', id, link } as const
  if (on.length > 0 && random.chance(1 / 3)) {
    const otherId = random.pick(on).row.id
    change.unrelate('TargetList', id, link, otherId)
    return [{ ...done, otherId }]
  }
  const otherId = random.pick(others).id
  const columns: JsonRecord = { optedOut: random.chance(0.3) }
  change.relate('TargetList', id, link, otherId, columns)
  return [{ ...done, otherId }]
}
