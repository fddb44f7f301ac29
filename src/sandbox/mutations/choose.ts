import type { JsonRecord } from '../../core/json.ts'
import type { Collection, Entry } from '../data/collection.ts'
import { activityEventType } from '../data/event-types.ts'
import type { Random } from '../data/random.ts'

type Fits = (entry: Entry) => boolean

/** Some object of a collection that fits. Throws RangeError when there is none. */
export function chooseId(random: Random, collection: Collection, fits?: Fits): string {
  const [id] = chooseIds(random, collection, 1, fits)
  if (id === undefined) throw new RangeError('nothing left to choose from')
  return id
}

/** Different objects of a collection that fit (default: all): as many as asked for, or as there are. */
export function chooseIds(
  random: Random,
  collection: Collection,
  count: number,
  fits: Fits = () => true,
): string[] {
  const ids = collection
    .list('id')
    .filter(fits)
    .map(({ id }) => id)
  const chosen: string[] = []
  while (chosen.length < count && ids.length > 0) {
    const at = random.int(ids.length)
    chosen.push(ids[at]!)
    ids[at] = ids.at(-1)!
    ids.pop()
  }
  return chosen
}

/** Whether an activity can be changed: the entry that says where a lead came from stays as it is, and has no events. */
export const isChangeable: Fits = ({ record }) => activityEventType(record) !== null

export function requireRecord(collection: Collection, id: string): JsonRecord {
  const entry = collection.get(id)
  if (!entry) throw new RangeError(`no object ${id}`)
  return entry.record
}
