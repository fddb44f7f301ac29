/** How long something has waited, in milliseconds; waits at the same time count once. */
export interface WaitTime {
  /** A wait begins that will take so long. */
  add(ms: number): void
  /** Up to now: a wait that was broken off counts as far as it went. */
  total(): number
}

export function createWaitTime(now: () => number): WaitTime {
  let counted = 0
  let countedUntil = Number.NEGATIVE_INFINITY
  return {
    add(ms) {
      const start = Math.max(now(), countedUntil)
      const end = now() + ms
      if (end <= start) return
      counted += end - start
      countedUntil = end
    },
    total: () => counted - Math.max(0, countedUntil - now()),
  }
}
