import type { Read, ReadQueue } from '../extract/reads.ts'
import type { OpenedPages } from './open-pages.ts'

/** Something that is under way and can be given up. Giving it up again does nothing. */
export interface Begun {
  close(): Promise<void>
}

/** The walks of one list that are under way: that of the read in turn, and those of reads that come after it. */
export interface BegunReads extends Begun {
  /** Begins the reads that come next. */
  begin(count: number): void
  /** The walk of a read, begun by now; `maxPages` is what is left of them. */
  take(read: Read, maxPages: number): OpenedPages
}

/**
 * @param open begins a walk; its first request is sent at once where pages are fetched ahead
 * @param maxPages of a read that is begun before it is its turn
 */
export function beginReads(
  queue: ReadQueue,
  open: (read: Read, maxPages: number) => OpenedPages,
  maxPages: number,
): BegunReads {
  const begun = new Map<Read, OpenedPages>()
  return {
    begin(count) {
      for (const read of queue.peek(count)) {
        if (!begun.has(read)) begun.set(read, open(read, maxPages))
      }
    },
    take(read, left) {
      const opened = begun.get(read) ?? open(read, left)
      begun.delete(read)
      return opened
    },
    async close() {
      const all = [...begun.values()]
      begun.clear()
      await Promise.all(all.map((opened) => opened.close()))
    },
  }
}

/**
 * Begins something for each item, `count` of them before the one in turn is done with, and hands them on in the order of
 * the items. What was begun and not handed on is closed.
 */
export async function* beginAhead<T, B extends Begun>(
  items: AsyncIterable<T> | Iterable<T>,
  begin: (item: T) => Promise<B>,
  count: number,
): AsyncGenerator<B, void> {
  const begun: B[] = []
  try {
    for await (const item of items) {
      begun.push(await begin(item))
      if (begun.length > count) yield begun.shift()!
    }
    while (begun.length > 0) yield begun.shift()!
  } finally {
    await Promise.all(begun.map((item) => item.close()))
  }
}
