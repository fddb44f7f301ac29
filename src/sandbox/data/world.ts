import type { JsonRecord } from '../../core/json.ts'
import { createMutations, type Mutations } from '../mutations/mutations.ts'
import { createWorldClock } from './clock.ts'
import { EventLog } from './event-log.ts'
import { createFamily } from './family.ts'
import { recentHistory } from './history.ts'
import { listOf, type ListPath } from './lists.ts'
import { createOrg } from './org.ts'
import { createRandom } from './random.ts'
import { createSettings } from './settings/settings.ts'
import type { Today } from './today.ts'
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
  /** All records of a list as the API serves them today, whatever pages and filters it is asked for with. */
  listOf(path: ListPath): readonly JsonRecord[]
}

export interface WorldOptions {
  readonly leads: number
  readonly seed: number
  /** Average activities per lead beyond its creation; default 2.5. */
  readonly activities?: number | undefined
  /** The first years knew no custom activities or objects, no comments, no sequences; default `today`. */
  readonly era?: 'today' | 'first_years' | undefined
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
  const settings = createSettings(org, seed)
  const recordsOf = (path: 'sequence' | 'form' | 'connected_account') =>
    settings[path].inOrder().map(({ record }) => record)
  const today = (): Today | undefined =>
    options.era === 'first_years'
      ? undefined
      : {
          sequences: recordsOf('sequence'),
          forms: recordsOf('form'),
          accounts: recordsOf('connected_account').filter(({ _type }) => _type !== 'zoom'),
        }
  const references = today()
  // Every lead has a stream of its own, so that the first hundred of many leads are the hundred of few.
  const families = Array.from({ length: count }, (_, i) =>
    createFamily(createRandom(seed, 'lead', i), {
      org,
      endsAt,
      activities: liveliness,
      name: nastyName(i),
      today: references,
    }),
  )
  const data = createWorldData(org, {
    seed,
    liveliness,
    settings,
    today,
    clock: createWorldClock(endsAt, createRandom(seed, 'clock'), options.now),
    events: new EventLog(seed, org.id, () => recentHistory(families, endsAt)),
  })
  for (const family of families) data.adopt(family)
  return {
    ...data,
    ...createMutations(data),
    memo: createMemo(data),
    listOf: (path) => listOf(data, path),
    counts: () => ({
      leads: data.leads.size,
      ...Object.fromEntries(CHILD_KINDS.map((kind) => [kind, data[kind].size])),
      users: settings.user.size,
      events: data.events.size,
    }),
  }
}

/** Keeps what was worked out until anything in the data changes. */
function createMemo(data: WorldData): World['memo'] {
  const collections = [
    data.leads,
    ...CHILD_KINDS.map((kind) => data[kind]),
    ...Object.values(data.settings),
  ]
  const memos = new Map<string, unknown>()
  let seen = -1
  return <T>(key: string, compute: () => T): T => {
    const version = collections.reduce((sum, collection) => sum + collection.version, 0)
    if (version !== seen || memos.size >= MOST_MEMOS) memos.clear()
    seen = version
    if (!memos.has(key)) memos.set(key, compute())
    return memos.get(key) as T
  }
}
