import type { Draft, Mutation } from './model-arbitraries.ts'
import { serverTime, type Id, type Item, type Micros, type Model } from './model-api.ts'

/** What the rules of an API allow to happen to its lists. */
export interface Rules {
  /** `immutable`: records are added and never change. */
  readonly records: 'change' | 'immutable'
  /** Whether an id is given out once. */
  readonly keyed: boolean
  /** How late a record may be. */
  readonly lookback: Micros
}

/** Makes things happen to lists that share their ids, as an API would let them happen. */
export interface Happenings {
  /** Adds what is there before the first run. */
  begin(path: string, draft: Draft): void
  /** Does what the mutation says to one of the lists, if the rules allow it. */
  apply(path: string, mutation: Mutation): void
  /** Gives a record the time of now. */
  touch(path: string, item: Item): void
}

/** Names an id of either kind. */
export function keyOf(id: Id): string {
  return typeof id === 'string' ? `"${id}"` : String(id)
}

export function createHappenings(model: Model, rules: Rules): Happenings {
  /** When each id was last written: an older version of it would be a step back in time. */
  const written = new Map<string, Micros | null>()
  const paths = new Set<string>()
  const listAt = (path: string) => model.lists.get(path) ?? []
  const now = (at: Micros | null) => (at === null ? null : serverTime(model))

  function add(path: string, { id, spelling, fields }: Draft, at: Micros | null): void {
    const key = keyOf(id)
    if (rules.keyed && !mayWrite(key, at)) return
    // Two copies are enough: a page of copies alone is the page before it once more, which is an error.
    const copies = listAt(path).filter((item) => keyOf(item.id) === key && item.at === at)
    if (copies.length > 1) return
    written.set(key, at)
    paths.add(path)
    model.lists.set(path, [...listAt(path), { id, at, spelling, fields }])
  }

  /** Whether an id is free, and its new record no older than one that had it before. */
  function mayWrite(key: string, at: Micros | null): boolean {
    const before = written.get(key)
    if (before === undefined) return true
    const isThere = [...paths].flatMap(listAt).some((item) => keyOf(item.id) === key)
    if (isThere || rules.records === 'immutable') return false
    return at === null || before === null ? at === before : at >= before
  }

  function replace(path: string, item: Item, fresh: Item): void {
    // A date in the future can't be edited to a later one.
    if (item.at !== null && item.at > fresh.at!) return
    written.set(keyOf(item.id), fresh.at)
    model.lists.set(
      path,
      listAt(path).map((other) => (other === item ? fresh : other)),
    )
  }

  return {
    begin: (path, draft) =>
      add(path, draft, draft.age === null ? null : serverTime(model) - draft.age),
    touch: (path, item) => replace(path, item, { ...item, at: now(item.at) }),
    apply(path, { kind, pick, draft, late }) {
      const list = listAt(path)
      const item = rules.records === 'change' ? list[pick % Math.max(1, list.length)] : undefined
      const { spelling, fields } = draft
      if (item && kind === 'edit') {
        replace(path, item, { ...item, at: now(item.at), spelling, fields })
      } else if (item && kind === 'delete') {
        model.lists.set(
          path,
          list.filter((other) => other !== item),
        )
      } else {
        const lag = kind === 'insert' ? 0 : Math.floor(late * rules.lookback)
        add(path, draft, draft.age === null ? null : serverTime(model) - lag)
      }
    },
  }
}
