import type { JsonRecord } from '../src/core/json.ts'
import { DAYS, LISTS, type Change, type List } from './lists.ts'
import type { Random } from './random.ts'

const DAY_MS = 24 * 3600 * 1000
const LATE_MS = 60_000
/** Records without a key: they can not be loaded, and must keep no other back. */
const BAD_ORDERS = 2
const TEXTS = ["it's", 'a "b" \\c', 'tab\there', 'naïve ☕ 🦉', '', 'NULL', '%s $1 ?', '١٢٣']

/** A record as the API has it at the moment. */
export interface Entry {
  readonly id: number
  /** Epoch milliseconds: when it was made, or changed last. */
  readonly at: number
  readonly version: number
  /** Where it stands in a list without an order, and among records of the same time. */
  readonly place: number
  /** Id of the record of the parent list that it belongs to. */
  readonly parent: number | null
  readonly record: JsonRecord
}

/** What the API knows, and how it changes. */
export interface World {
  entries(list: string): readonly Entry[]
  /** Changes something of one of the lists. */
  mutate(how: 'between requests' | 'between runs'): void
  add(list: string, count: number): void
  /** Notes which records are loaded everywhere: as long as they stay as they are, they may be deleted. */
  settle(isLoaded: (list: List, entry: Entry) => boolean): void
}

/** @param names lists that there are */
export function createWorld(random: Random, names: readonly string[]): World {
  const lists = LISTS.filter(({ name }) => names.includes(name))
  const byList = new Map<string, Map<number, Entry>>(lists.map(({ name }) => [name, new Map()]))
  const begun = Date.now()
  let lastId = 0
  let settled = new Set<Entry>()

  const put = (list: List, at: number, previous?: Entry) => {
    const id = previous?.id ?? ++lastId
    const version = (previous?.version ?? 0) + 1
    const parents = list.parent ? [...byList.get(list.parent)!.keys()] : []
    const parent = previous?.parent ?? (list.parent ? random.pick(parents) : null)
    const place = previous?.place ?? random.next()
    const record = describe(random, list, { id, at, version, parent })
    byList.get(list.name)!.set(id, { id, at, version, place, parent, record })
  }

  const change = (list: List, kind: Change) => {
    const entries = byList.get(list.name)!
    if (kind === 'insert') put(list, Date.now())
    else if (kind === 'late') put(list, Date.now() - random.int(0, LATE_MS))
    else if (kind === 'edit') put(list, Date.now(), random.pick(editable([...entries.values()])))
    else remove(list)
  }

  const remove = (list: List) => {
    const entries = byList.get(list.name)!
    const children = lists.filter(({ parent }) => parent === list.name)
    const childrenOf = (id: number) =>
      children.flatMap(({ name }) =>
        [...byList.get(name)!.values()].filter(({ parent }) => parent === id),
      )
    const gone = [...entries.values()].filter((entry) =>
      [entry, ...childrenOf(entry.id)].every((each) => settled.has(each)),
    )
    if (gone.length < 5) return
    const { id } = random.pick(gone)
    entries.delete(id)
    for (const { name } of children) {
      for (const child of childrenOf(id)) byList.get(name)!.delete(child.id)
    }
  }

  for (const list of lists) {
    const midnight = Math.floor(begun / DAY_MS) * DAY_MS
    for (let i = 0; i < list.size; i++) {
      // Ties, and times at the very border of a window.
      const at = random.chance(0.2)
        ? midnight - random.int(0, DAYS - 1) * DAY_MS
        : begun - random.int(1000, DAYS * DAY_MS)
      const ties = random.chance(0.2) ? random.int(1, 6) : 1
      for (let tie = 0; tie < ties; tie++) put(list, at)
    }
  }
  return {
    entries: (list) => [...byList.get(list)!.values()],
    mutate(how) {
      const list = random.pick(lists)
      // Numbered pages give no means to notice one record that came for one that went.
      const counted = list.paging === 'page' && how === 'between requests'
      const kinds = list.changes.filter((kind) => !(counted && kind === 'delete'))
      change(list, random.pick(kinds))
    },
    add(name, count) {
      const list = lists.find((list) => list.name === name)!
      for (let i = 0; i < count; i++) put(list, Date.now())
    },
    settle(isLoaded) {
      settled = new Set(
        lists.flatMap((list) =>
          [...byList.get(list.name)!.values()].filter((entry) => isLoaded(list, entry)),
        ),
      )
    },
  }
}

/** Each version of a record that can not be loaded leaves a line of its own; runs see different ones. */
function editable(entries: readonly Entry[]): readonly Entry[] {
  return entries.filter(({ record }) => 'id' in record)
}

function describe(
  random: Random,
  list: List,
  { id, at, version, parent }: Pick<Entry, 'id' | 'at' | 'version' | 'parent'>,
): JsonRecord {
  const items = Array.from({ length: random.int(0, 3) }, (_, n) => ({
    n,
    text: random.pick(TEXTS),
  }))
  return {
    ...(list.name === 'orders' && id <= BAD_ORDERS ? {} : { id }),
    number: id,
    at: new Date(at).toISOString(),
    version,
    name: random.pick(TEXTS),
    // A column that begins as one type and goes on as another.
    size: random.chance(0.1) ? random.next() : id,
    ...(parent === null ? {} : { user: parent }),
    items,
    meta: { even: id % 2 === 0, note: random.chance(0.3) ? null : `n${version}` },
  }
}
