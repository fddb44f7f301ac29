import type { JsonRecord } from '../../../core/json.ts'
import type { Side } from '../model/links.ts'

/**
 * Which records are linked to which, many to many, each link with columns of its own. It knows no times: linking leaves no
 * mark on either record.
 */
export class Relation {
  readonly #by = {
    left: new Map<string, Map<string, JsonRecord>>(),
    right: new Map<string, Map<string, JsonRecord>>(),
  }
  version = 0

  /** The ids linked to one, seen from its side, with the columns of each link; the oldest first. */
  of(side: Side, id: string): ReadonlyMap<string, JsonRecord> {
    return this.#by[side].get(id) ?? new Map<string, JsonRecord>()
  }

  /** Links two records, or gives their link other columns. */
  add(side: Side, id: string, otherId: string, columns: JsonRecord): void {
    this.#put(side, id, otherId, columns)
    this.#put(otherSide(side), otherId, id, columns)
    this.version++
  }

  /** False when they were not linked. */
  remove(side: Side, id: string, otherId: string): boolean {
    const removed = this.#by[side].get(id)?.delete(otherId) ?? false
    if (!removed) return false
    this.#by[otherSide(side)].get(otherId)?.delete(id)
    this.version++
    return true
  }

  #put(side: Side, id: string, otherId: string, columns: JsonRecord): void {
    const links = this.#by[side].get(id)
    if (links) links.set(otherId, columns)
    else this.#by[side].set(id, new Map([[otherId, columns]]))
  }
}

function otherSide(side: Side): Side {
  return side === 'left' ? 'right' : 'left'
}
