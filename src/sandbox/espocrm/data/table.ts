import type { JsonRecord, JsonValue } from '../../../core/json.ts'

/** One record as it is stored: without the names of other records, which are read when it is served. */
export interface Row {
  readonly id: string
  /** Replaced on change, never altered in place. */
  record: JsonRecord
  /** Kept, but in no list and behind no path: the service deletes softly. */
  deleted: boolean
}

/** All records of one kind. */
export class Table {
  readonly #byId = new Map<string, Row>()
  #live: readonly Row[] | undefined
  readonly #byKey = new Map<string, ReadonlyMap<JsonValue, readonly Row[]>>()
  /** How many there have ever been: numbers are never given twice. */
  added = 0
  /** Grows with every change, so that whoever keeps a result can tell when it is stale. */
  version = 0

  /** The record with an id, unless it is deleted. */
  get(id: string): Row | undefined {
    const row = this.#byId.get(id)
    return row?.deleted ? undefined : row
  }

  getEvenDeleted(id: string): Row | undefined {
    return this.#byId.get(id)
  }

  /** Every record that is not deleted, in the order they were added. */
  get live(): readonly Row[] {
    return (this.#live ??= [...this.#byId.values()].filter(({ deleted }) => !deleted))
  }

  get deleted(): readonly Row[] {
    return [...this.#byId.values()].filter(({ deleted }) => deleted)
  }

  add(id: string, record: JsonRecord): Row {
    if (this.#byId.has(id)) throw new RangeError(`there is a record ${id} already`)
    const row = { id, record, deleted: false }
    this.#byId.set(id, row)
    this.added++
    this.#changed()
    return row
  }

  /** Gives a record new values for some of its attributes. */
  update(row: Row, changes: JsonRecord): void {
    row.record = { ...row.record, ...changes }
    this.#changed()
  }

  setDeleted(row: Row, deleted: boolean): void {
    row.deleted = deleted
    this.#changed()
  }

  /** Takes a record out for good, as the service's own clean-up does. */
  purge(id: string): void {
    if (this.#byId.delete(id)) this.#changed()
  }

  /** The records that have a value in an attribute. */
  where(key: string, value: string): readonly Row[] {
    let index = this.#byKey.get(key)
    if (!index) this.#byKey.set(key, (index = groupBy(this.live, key)))
    return index.get(value) ?? []
  }

  #changed(): void {
    this.version++
    this.#live = undefined
    this.#byKey.clear()
  }
}

function groupBy(rows: readonly Row[], key: string): ReadonlyMap<JsonValue, readonly Row[]> {
  const groups = new Map<JsonValue, Row[]>()
  for (const row of rows) {
    const value = row.record[key] ?? null
    const group = groups.get(value)
    if (group) group.push(row)
    else groups.set(value, [row])
  }
  return groups
}
