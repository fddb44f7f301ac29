/**
 * Bookmarks of an endpoint that say something else than how far its lists are read, by the partition they stand under.
 * Partitions of lists are empty or JSON.
 */
export const PARTITIONS = {
  /** Up to which load the event feeds have been followed that name what is gone. */
  deletes: 'deletes',
  /** Up to which load those have been followed that name what is to be read again. */
  reread: 'reread',
  /** When the last snapshot was complete. */
  snapshot: 'snapshot',
  /** Of a feed: that events were dropped before they were read. */
  lost: 'lost',
  /** Which note of that was made up for by reading everything. */
  recovered: 'recovered',
} as const

const OWN: ReadonlySet<string> = new Set(Object.values(PARTITIONS))

/** Whether a partition is that of a list. */
export function isList(partition: string): boolean {
  return !OWN.has(partition)
}
