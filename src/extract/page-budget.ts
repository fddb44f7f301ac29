/** Bytes of responses that one run holds before anyone wants them; parsed they take some times as much. */
export const MAX_BYTES_AHEAD = 8 * 1024 * 1024

/**
 * What all lists of a run may hold of pages that were asked for ahead, in bytes of their responses: back-pressure on
 * those who fetch, whatever the number and size of pages. Who is waited for does not ask here, so nobody is blocked.
 */
export interface PageBudget {
  /** Takes room for about so many bytes, to be given back; null when there is none. */
  take(bytes: number): Room | null
  /** Resolves when room was given back, or the signal is aborted. */
  change(signal: AbortSignal): Promise<void>
}

export interface Room {
  /** Says how much is needed, now that it is known. */
  resize(bytes: number): void
  /** Later calls do nothing. */
  giveBack(): void
}

export function createPageBudget(maxBytes: number = MAX_BYTES_AHEAD): PageBudget {
  let taken = 0
  const waiting = new Set<() => void>()

  const wakeAll = (): void => {
    const all = [...waiting]
    for (const wake of all) wake()
  }

  return {
    take(bytes) {
      if (taken + bytes > maxBytes) return null
      let own = bytes
      taken += own
      const resize = (needed: number): void => {
        const freed = own - needed
        taken -= freed
        own = needed
        if (freed > 0) wakeAll()
      }
      return { resize, giveBack: () => resize(0) }
    },
    change: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve()
        const wake = (): void => {
          waiting.delete(wake)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        waiting.add(wake)
        signal.addEventListener('abort', wake, { once: true })
      }),
  }
}
