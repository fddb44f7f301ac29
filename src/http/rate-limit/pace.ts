/**
 * An even pace that allows a burst after a pause: a token bucket, kept as the time at which it will be full again. In any
 * `t` seconds no more than `burst + requests_per_second * t` requests start.
 */
export interface Pace {
  /** Milliseconds from one start to the next; 0 without a pace. */
  readonly stepMs: number
  /** When the next request may start, after `ahead` others; a time in the past where it may at once. */
  opensAt(ahead?: number): number
  /** Books a start that was due `late` milliseconds ago: the next one comes no later because of it. */
  book(now: number, late: number): void
}

export function createPace(options: {
  readonly requests_per_second?: number | undefined
  readonly burst?: number | undefined
}): Pace {
  const { requests_per_second: rate, burst = 1 } = options
  const stepMs = rate === undefined ? 0 : 1000 / rate
  let fullAt = Number.NEGATIVE_INFINITY
  return {
    stepMs,
    opensAt: (ahead = 0) => fullAt - (burst - 1 - ahead) * stepMs,
    book: (now, late) => {
      fullAt = Math.max(fullAt, now - late) + stepMs
    },
  }
}
