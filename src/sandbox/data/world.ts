import { createMutations, type Mutations } from '../mutations/mutations.ts'
import { createWorldClock } from './clock.ts'
import type { Collection } from './collection.ts'
import { EventLog } from './event-log.ts'
import { createFamily } from './family.ts'
import { recentHistory } from './history.ts'
import { createOrg } from './org.ts'
import { createRandom } from './random.ts'
import { nastyName } from './words.ts'
import { CHILD_KINDS, createWorldData, type WorldData } from './world-data.ts'

/** When the made-up data ends unless told otherwise: 2025-06-30 12:00 UTC. */
export const DATA_ENDS_AT = Date.UTC(2025, 5, 30, 12)

/** One organization's made-up data and what can happen to it. */
export interface World extends WorldData, Mutations {
  /** How many objects of each kind there are. */
  counts(): Readonly<Record<string, number>>
  /** A list that is expensive to work out, kept under its key until anything changes. */
  memo<T>(key: string, compute: () => T): T
}

export interface WorldOptions {
  readonly leads: number
  readonly seed: number
  /** Average activities per lead beyond its creation; default 2.5. */
  readonly activities?: number | undefined
  /** Milliseconds; default {@link DATA_ENDS_AT}. */
  readonly endsAt?: number | undefined
  /** The time of changes; default: the world's own clock, which stands still between them. */
  readonly now?: (() => number) | undefined
}

const MOST_MEMOS = 100

/** Makes up an organization. The same options give the same ids, times and values on any machine. */
export function createWorld(options: WorldOptions): World {
  const { leads: count, seed, activities: liveliness = 2.5, endsAt = DATA_ENDS_AT } = options
  const org = createOrg(seed, endsAt)
  // Every lead has a stream of its own, so that the first hundred of many leads are the hundred of few.
  const families = Array.from({ length: count }, (_, i) =>
    createFamily(createRandom(seed, 'lead', i), {
      org,
      endsAt,
      activities: liveliness,
      name: nastyName(i),
    }),
  )
  const data = createWorldData(org, {
    seed,
    liveliness,
    clock: createWorldClock(endsAt, createRandom(seed, 'clock'), options.now),
    events: new EventLog(seed, org.id, () => recentHistory(families, endsAt)),
  })
  for (const family of families) data.adopt(family)
  const { memo, collections } = memory(data)
  return {
    ...data,
    ...createMutations(data),
    memo,
    counts: () => ({
      ...Object.fromEntries(collections.map(([name, collection]) => [name, collection.size])),
      users: org.users.length,
      events: data.events.size,
    }),
  }
}

function memory(data: WorldData) {
  const kinds = (['leads', ...CHILD_KINDS] as const).map((name) => [name, data[name]] as const)
  const memos = new Map<string, unknown>()
  let seen = -1
  return {
    collections: kinds as readonly (readonly [string, Collection])[],
    memo: <T>(key: string, compute: () => T): T => {
      const version = kinds.reduce((sum, [, collection]) => sum + collection.version, 0)
      if (version !== seen || memos.size >= MOST_MEMOS) memos.clear()
      seen = version
      if (!memos.has(key)) memos.set(key, compute())
      return memos.get(key) as T
    },
  }
}
