import type { JsonRecord } from '../../core/json.ts'
import type { Collection } from '../data/collection.ts'
import type { Random } from '../data/random.ts'

/** Some object of a collection, never `other`. Throws RangeError when there is none. */
export function chooseId(random: Random, collection: Collection, other?: string): string {
  const [id] = chooseIds(random, collection, 1, other)
  if (id === undefined) throw new RangeError('nothing left to choose from')
  return id
}

/** Different objects of a collection: as many as asked for, or as there are. */
export function chooseIds(
  random: Random,
  collection: Collection,
  count: number,
  other?: string,
): string[] {
  const ids = collection
    .list('id')
    .map(({ id }) => id)
    .filter((id) => id !== other)
  const chosen: string[] = []
  while (chosen.length < count && ids.length > 0) {
    const at = random.int(ids.length)
    chosen.push(ids[at]!)
    ids[at] = ids.at(-1)!
    ids.pop()
  }
  return chosen
}

export function requireRecord(collection: Collection, id: string): JsonRecord {
  const entry = collection.get(id)
  if (!entry) throw new RangeError(`no object ${id}`)
  return entry.record
}
