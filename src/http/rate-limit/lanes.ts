/** Requests of one endpoint in one rate group that wait: first come, first served. */
export interface Lane {
  readonly group: string
  readonly endpoint: string
}

/**
 * Who waits, by turns: each lane starts one request, and then the next lane does. Many requests of one endpoint, such as
 * pages read ahead, thus do not keep the first of another waiting.
 */
export interface Lanes<W> {
  readonly isEmpty: boolean
  /** Those in which someone waits, in the order of their turns. */
  inTurn(): Iterable<Lane>
  join(lane: Lane, waiter: W): void
  leave(lane: Lane, waiter: W): void
  /** Takes the first of a lane, whose turn this was. */
  take(lane: Lane): W
  /** Takes everyone in a lane. */
  clear(lane: Lane): readonly W[]
}

export function createLanes<W>(): Lanes<W> {
  // A map keeps its order: the lane that has had its turn is put in again, at the end.
  const lanes = new Map<string, { readonly lane: Lane; readonly waiters: W[] }>()
  const keyOf = ({ group, endpoint }: Lane): string => `${group}\n${endpoint}`

  return {
    get isEmpty() {
      return lanes.size === 0
    },
    *inTurn() {
      for (const { lane } of lanes.values()) yield lane
    },
    join(lane, waiter) {
      const known = lanes.get(keyOf(lane))
      if (known) known.waiters.push(waiter)
      else lanes.set(keyOf(lane), { lane, waiters: [waiter] })
    },
    leave(lane, waiter) {
      const { waiters } = lanes.get(keyOf(lane))!
      waiters.splice(waiters.indexOf(waiter), 1)
      if (waiters.length === 0) lanes.delete(keyOf(lane))
    },
    take(lane) {
      const key = keyOf(lane)
      const taken = lanes.get(key)!
      const waiter = taken.waiters.shift()!
      lanes.delete(key)
      if (taken.waiters.length > 0) lanes.set(key, taken)
      return waiter
    },
    clear(lane) {
      const { waiters } = lanes.get(keyOf(lane))!
      lanes.delete(keyOf(lane))
      return waiters
    },
  }
}
