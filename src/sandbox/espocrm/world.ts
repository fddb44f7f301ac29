import type { JsonRecord } from '../../core/json.ts'
import { createWorldClock, type WorldClock } from '../data/clock.ts'
import { createRandom } from '../data/random.ts'
import { DATA_ENDS_AT } from '../data/world.ts'
import type { WorldSettings } from '../sandbox-api.ts'
import { mutateAtRandom, type Mutation, type MutationCounts } from './batch.ts'
import { fillStore } from './data/create.ts'
import { createStore, listed, type Store } from './data/store.ts'
import { ENTITIES } from './model/entities.ts'
import { ENTITY_NAMES, type EntityName } from './model/names.ts'
import { createMutations, type Mutations } from './mutations.ts'

/** One link between two records, as tests compare it. */
export interface LinkRow {
  readonly id: string
  readonly otherId: string
  /** The columns of the link, by their names in the relation. */
  readonly columns: JsonRecord
}

/** One installation's made-up data and what can happen to it. */
export interface EspocrmWorld extends Mutations {
  readonly store: Store
  readonly clock: WorldClock
  /** How many records of each kind are not deleted. */
  counts(): Readonly<Record<string, number>>
  /** Makes a number of changes of each kind, chosen by `seed`; says which records they were made to. */
  mutate(counts: MutationCounts): Mutation
  /** Every live record of a kind as its list serves it, in the order of ids. */
  list(entity: EntityName): JsonRecord[]
  /** Every link of that name between live records, in the order of ids. */
  links(entity: EntityName, link: string): LinkRow[]
}

/** Makes up an installation. The same settings give the same ids, times and values on any machine. */
export function createWorld({
  leads,
  seed,
  endsAt = DATA_ENDS_AT,
  now,
}: WorldSettings): EspocrmWorld {
  const store = createStore()
  fillStore(store, { leads, seed, endsAt })
  const clock = createWorldClock(endsAt, createRandom(seed, 'clock'), now)
  const context = { store, clock, seed, random: createRandom(seed, 'changes') }
  const mutations = createMutations(context)
  return {
    ...mutations,
    store,
    clock,
    counts: () =>
      Object.fromEntries(ENTITY_NAMES.map((name) => [name, store.tables[name].live.length])),
    mutate: (counts) => mutateAtRandom(context, mutations, counts),
    list: (entity) =>
      store.tables[entity].live
        .map((row) => listed(store, row, entity))
        .sort((a, b) => (a.id! < b.id! ? -1 : 1)),
    links: (entity, name) => {
      const link = ENTITIES[entity].links[name]
      if (!link) throw new RangeError(`${entity} has no link ${name}`)
      return store.tables[entity].live
        .flatMap(({ id }) =>
          store
            .linked(id, link, entity)
            .map(({ row, columns }) => ({ id, otherId: row.id, columns })),
        )
        .sort((a, b) => (a.id + a.otherId < b.id + b.otherId ? -1 : 1))
    },
  }
}
