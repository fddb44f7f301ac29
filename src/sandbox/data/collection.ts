import type { JsonRecord, JsonValue } from '../../core/json.ts'
import { draftOf, type Draft } from './draft.ts'

/** One object of the made-up organization as it is now. Its record is replaced on change, never altered in place. */
export class Entry {
  readonly id: string
  /** The JSON text last served and the shape it was served in; dropped when the object changes. */
  text: string | undefined
  shape: string | undefined
  #now: Draft

  constructor(draft: Draft) {
    this.id = draft.id
    this.#now = draft
  }

  get record(): JsonRecord {
    return this.#now.record
  }

  /** Milliseconds; as `date_created`, without building the record. */
  get created(): number {
    return this.#now.created
  }

  /** Milliseconds; as `date_updated`, without building the record. */
  get updated(): number {
    return this.#now.updated
  }

  replace(record: JsonRecord): void {
    this.#now = draftOf(record)
    this.text = undefined
  }

  /** What an order looks at: the dates as numbers, anything else as it is in the record. */
  valueOf(field: string): JsonValue | undefined {
    if (field === 'date_created') return this.created
    if (field === 'date_updated') return this.updated
    return field === 'id' ? this.id : this.record[field]
  }
}

/** `date_updated`, or `-date_updated` for the newest first. Ties are in the order of ids. */
export type Order = string

export interface Sort {
  readonly field: string
  readonly descending: boolean
}

/** A sort as its text, for a key or a parameter: `-date_updated`. */
export function parseSort(order: Order): Sort {
  return order.startsWith('-')
    ? { field: order.slice(1), descending: true }
    : { field: order, descending: false }
}

/** What an order looks at in one record: its fields, and the id that settles ties. */
export type SortKey = readonly (JsonValue | undefined)[]

export function sortKey(entry: Entry, sorts: readonly Sort[]): SortKey {
  return [...sorts.map(({ field }) => entry.valueOf(field)), entry.id]
}

/** Compares two keys of the same order; nulls and absent values come last, ids break ties upwards. */
export function compareKeys(a: SortKey, b: SortKey, sorts: readonly Sort[]): number {
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? null
    const y = b[i] ?? null
    if (x === y) continue
    if (x === null) return 1
    if (y === null) return -1
    return x < y === (sorts[i]?.descending ?? false) ? 1 : -1
  }
  return 0
}

/** All objects of one kind, by id and in any order asked for. */
export class Collection {
  readonly #byId = new Map<string, Entry>()
  readonly #sorted = new Map<string, readonly Entry[]>()
  /** Grows with every change, so that whoever keeps a result can tell when it is stale. */
  version = 0

  get size(): number {
    return this.#byId.size
  }

  get(id: string): Entry | undefined {
    return this.#byId.get(id)
  }

  /** Every object in the given order; computed once and kept until something changes. */
  list(...orders: readonly Order[]): readonly Entry[] {
    const key = orders.join()
    const known = this.#sorted.get(key)
    if (known) return known
    const sorts = orders.map(parseSort)
    const sorted = [...this.#byId.values()]
      .map((entry) => ({ entry, key: sortKey(entry, sorts) }))
      .sort((a, b) => compareKeys(a.key, b.key, sorts))
      .map(({ entry }) => entry)
    this.#sorted.set(key, sorted)
    return sorted
  }

  /** Every object in the order it came. */
  inOrder(): readonly Entry[] {
    return [...this.#byId.values()]
  }

  add(draft: Draft): Entry {
    const entry = new Entry(draft)
    this.#byId.set(entry.id, entry)
    this.#changed()
    return entry
  }

  /** Gives an object a new record with these fields replaced; returns it. */
  update(id: string, changes: JsonRecord): JsonRecord {
    return this.replace(id, { ...this.#byId.get(id)?.record, ...changes })
  }

  /** Gives an object a new record; returns it. */
  replace(id: string, record: JsonRecord): JsonRecord {
    const entry = this.#byId.get(id)
    if (!entry) throw new RangeError(`no object ${id}`)
    entry.replace(record)
    const byId = this.#sorted.get('id')
    this.#changed()
    // A change moves nothing in the order of ids, the one that choices are made from.
    if (byId) this.#sorted.set('id', byId)
    return entry.record
  }

  remove(id: string): JsonRecord | undefined {
    const entry = this.#byId.get(id)
    if (!entry) return undefined
    this.#byId.delete(id)
    this.#changed()
    return entry.record
  }

  /** Forgets the text of an object because something it embeds has changed. */
  touch(id: string): void {
    const entry = this.#byId.get(id)
    if (entry) entry.text = undefined
  }

  #changed(): void {
    this.version++
    this.#sorted.clear()
  }
}
