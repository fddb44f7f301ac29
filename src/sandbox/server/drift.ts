import { isRecord, type JsonValue } from '../../core/json.ts'
import type { Reply } from './http.ts'
import { refuseUnknownKeys } from './options.ts'

/** What can change while it is read. */
export interface ChangingWorld {
  /** Makes so many changes of each kind; see the world's own `mutate`. Throws RangeError for a kind it doesn't know. */
  mutate(counts: Readonly<Record<string, number>>): unknown
  /** The kinds of changes that are made while it is read, by turns; default: `edits`, `adds`, `deletes`. */
  readonly drift?: readonly string[]
}

/** How often the data changes while it is read, and in which ways. What is left out has its default. */
export interface DriftOptions {
  /** One change after so many lists; 0: none. Default 3. */
  readonly every?: number
  /** The kinds of changes, made by turns; default: those that the world names. */
  readonly kinds?: readonly string[]
}

export interface DriftSettings {
  readonly every: number
  readonly kinds: readonly string[]
}

/** Lets the data change while it is read: the same lists see the same changes in every run. */
export interface Drift {
  readonly settings: DriftSettings
  /** How many changes of each kind were made so far. */
  readonly counts: Readonly<Record<string, number>>
  /**
   * Changes the settings; lists are counted anew.
   *
   * @throws RangeError for what can't be
   */
  set(options: boolean | DriftOptions): void
  /** Makes the change that is due after an answer, if it was a list and one is due. */
  follow(reply: Reply): void
}

const DEFAULT_EVERY = 3
const DEFAULT_KINDS: readonly string[] = ['edits', 'adds', 'deletes']
/** Where answers hold their records: Close and Closum, EspoCRM. */
const LIST_KEYS = ['data', 'list'] as const

/** Starts to change a world. Throws RangeError for options that can't be. */
export function createDrift(world: ChangingWorld, options: boolean | DriftOptions = false): Drift {
  let settings = driftSettings(world, options)
  const counts: Record<string, number> = {}
  let lists = 0
  let turn = 0
  return {
    get settings() {
      return settings
    },
    counts,
    set: (changed) => {
      settings = driftSettings(world, changed)
      lists = 0
      turn = 0
    },
    follow: (reply) => {
      const { every, kinds } = settings
      if (every === 0 || !isList(reply)) return
      lists++
      if (lists % every !== 0) return
      const kind = kinds[turn++ % kinds.length]!
      world.mutate({ [kind]: 1 })
      counts[kind] = (counts[kind] ?? 0) + 1
    },
  }
}

function isList({ status, body }: Reply): boolean {
  if (status !== 200) return false
  try {
    const value = JSON.parse(body) as JsonValue
    return (
      Array.isArray(value) ||
      (isRecord(value) && LIST_KEYS.some((key) => Array.isArray(value[key])))
    )
  } catch {
    return false
  }
}

/** Every option with its default, checked: they come from JSON, too. */
function driftSettings(world: ChangingWorld, options: boolean | DriftOptions): DriftSettings {
  if (typeof options === 'boolean')
    return driftSettings(world, { every: options ? DEFAULT_EVERY : 0 })
  refuseUnknownKeys(options, ['every', 'kinds'])
  const { every = DEFAULT_EVERY, kinds = world.drift ?? DEFAULT_KINDS } = options
  if (!Number.isSafeInteger(every) || every < 0) {
    throw new RangeError(`expected a change every so many lists, received ${String(every)}`)
  }
  if (!Array.isArray(kinds) || kinds.length === 0) {
    throw new RangeError('expected a list of kinds of changes')
  }
  // The world itself refuses a kind that it doesn't know, now rather than in the middle of a list.
  if (every > 0) world.mutate(Object.fromEntries(kinds.map((kind: string) => [kind, 0])))
  return { every, kinds }
}
