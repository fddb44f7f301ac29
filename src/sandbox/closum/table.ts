interface Numbered {
  readonly id: number
}

/** The rows of one kind, under ids that count up from 1 and are never given out twice. */
export class Table<Row extends Numbered> {
  readonly #byId = new Map<number, Row>()
  #sorted: readonly Row[] | undefined
  #lastId = 0

  get size(): number {
    return this.#byId.size
  }

  get(id: number): Row | undefined {
    return this.#byId.get(id)
  }

  /** All rows in the order of their ids. */
  rows(): readonly Row[] {
    this.#sorted ??= [...this.#byId.values()].sort((a, b) => a.id - b.id)
    return this.#sorted
  }

  add(fields: Omit<Row, 'id'>): Row {
    return this.put({ id: this.#lastId + 1, ...fields } as Row)
  }

  /** Puts a row under its own id, in the place of the one that may be there. */
  put(row: Row): Row {
    this.#byId.set(row.id, row)
    this.#lastId = Math.max(this.#lastId, row.id)
    this.#sorted = undefined
    return row
  }

  /** Removes a row; says which it was. Throws RangeError when there is none. */
  remove(id: number): Row {
    const row = this.require(id)
    this.#byId.delete(id)
    this.#sorted = undefined
    return row
  }

  /** Throws RangeError when there is no such row. */
  require(id: number): Row {
    const row = this.#byId.get(id)
    if (!row) throw new RangeError(`no row ${id}`)
    return row
  }
}
