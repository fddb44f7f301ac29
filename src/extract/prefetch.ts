import type { PageBudget, Room } from './page-budget.ts'

/** Pages that are fetched while those before them are dealt with. */
export interface Prefetched<T> extends AsyncIterable<T> {
  /** Whether the next page is there already. */
  isReady(): boolean
  /** Stops fetching; resolves when nothing is under way any more. Ending a loop over the pages early does the same. */
  close(): Promise<void>
}

export interface PrefetchOptions {
  readonly budget: PageBudget
  /** So many pages at most wait to be taken. */
  readonly maxPages: number
  /** Ends what is under way in the source. */
  readonly abort: AbortController
}

interface Waiting<T> {
  readonly page: T
  readonly room: Room | null
}

/** What the first page is taken to need. */
const FIRST_GUESS_BYTES = 64 * 1024

/**
 * Fetches pages from now on, as far ahead of the one that takes them as the budget has room for. They come in their order,
 * and an error in its place among them. A page that is waited for is fetched even without room.
 */
export function prefetch<T extends { readonly bytes: number }>(
  pages: AsyncGenerator<T, void>,
  { budget, maxPages, abort }: PrefetchOptions,
): Prefetched<T> {
  const ready: Waiting<T>[] = []
  let failure: { readonly error: unknown } | null = null
  let ended = false
  let wanted = false
  let guess = FIRST_GUESS_BYTES
  let wake = (): void => {}
  const { signal } = abort

  /** Resolves once another page may be fetched: null without room, because it is waited for. */
  async function makeRoom(): Promise<Room | null> {
    for (;;) {
      if (signal.aborted || wanted) return null
      const room = ready.length < maxPages ? budget.take(guess) : null
      if (room) return room
      const stopWaiting = new AbortController()
      await Promise.race([
        new Promise<void>((resolve) => (wake = resolve)),
        budget.change(stopWaiting.signal),
      ])
      stopWaiting.abort()
    }
  }

  async function nextPage(): Promise<T | null> {
    if (signal.aborted) return null
    const { value, done } = await pages.next()
    return done ? null : value
  }

  let arrived = (): void => {}
  async function fetchAll(): Promise<void> {
    try {
      while (!signal.aborted) {
        const room = await makeRoom()
        const page = await nextPage().catch((error: unknown) => {
          room?.giveBack()
          throw error
        })
        if (!page) {
          room?.giveBack()
          break
        }
        guess = page.bytes
        room?.resize(guess)
        ready.push({ page, room })
        wanted = false
        arrived()
      }
    } catch (error) {
      failure = { error }
    }
    ended = true
    arrived()
    await pages.return()
  }
  const fetching = fetchAll()

  async function close(): Promise<void> {
    abort.abort()
    wake()
    await fetching
    for (const { room } of ready.splice(0)) room?.giveBack()
  }

  async function* take(): AsyncGenerator<T, void> {
    try {
      for (;;) {
        const next = ready.shift()
        if (next) {
          next.room?.giveBack()
          wake()
          yield next.page
        } else if (failure) {
          throw failure.error
        } else if (ended) {
          return
        } else {
          wanted = true
          const arrival = new Promise<void>((resolve) => (arrived = resolve))
          wake()
          await arrival
        }
      }
    } finally {
      await close()
    }
  }

  return { [Symbol.asyncIterator]: take, isReady: () => ready.length > 0, close }
}
