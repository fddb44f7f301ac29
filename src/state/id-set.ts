/** A set of ids that takes little memory. */
export interface IdSet {
  /**
   * Adds ids. Returns whether all of them are new, which is certain; that one is not may be a mix-up with another, in one
   * of 300 sets of a million.
   */
  add(ids: readonly string[]): boolean
  readonly size: () => number
}

const FIRST_SLOTS = 4096
const GROWTH = 4
/** With more of its slots in use, a table takes longer to look through. */
const MAX_LOAD = 0.75

/**
 * Hash tables with open addressing, each four times as large as the one before and begun when that is full. Of an id they
 * hold 32 bits, and others by its place: it takes 5 to 10 bytes, where a Set of strings takes 70.
 */
export function createIdSet(): IdSet {
  const full: Uint32Array[] = []
  let newest = new Uint32Array(FIRST_SLOTS)
  let room = FIRST_SLOTS * MAX_LOAD
  let size = 0

  function has(id: Hashed): boolean {
    for (const table of full) if (table[slotOf(id, table)] !== 0) return true
    return newest[slotOf(id, newest)] !== 0
  }

  function put(id: Hashed): void {
    if (room === 0) {
      full.push(newest)
      newest = new Uint32Array(newest.length * GROWTH)
      room = newest.length * MAX_LOAD
    }
    newest[slotOf(id, newest)] = id.kept
    room--
    size++
  }

  return {
    add(ids) {
      let allNew = true
      for (const id of ids) {
        const hashed = hash(id)
        if (has(hashed)) allNew = false
        else put(hashed)
      }
      return allNew
    },
    size: () => size,
  }
}

interface Hashed {
  readonly place: number
  /** Not 0, which is an empty slot. */
  readonly kept: number
}

/** FNV-1a, and a hash beside it that has nothing to do with it. */
function hash(id: string): Hashed {
  let place = 0x811c9dc5
  let kept = 0
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i)
    place = Math.imul(place ^ code, 0x01000193)
    kept = Math.imul(kept + code, 0x9e3779b1)
    kept ^= kept >>> 15
  }
  return { place, kept: kept >>> 0 || 1 }
}

/** Where the table has the id, or the free slot for it. */
function slotOf({ place, kept }: Hashed, table: Uint32Array): number {
  const mask = table.length - 1
  let slot = place & mask
  while (table[slot] !== 0 && table[slot] !== kept) slot = (slot + 1) & mask
  return slot
}
