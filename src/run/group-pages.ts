import type { RecordsPage } from './read-records.ts'

/** Pages that are committed together. */
export interface PageGroup extends RecordsPage {
  /** How many they are. */
  readonly pages: number
}

/** A group is no greater than this, by its responses and by its records; one page may be. */
const MAX_BYTES = 2 * 1024 * 1024
const MAX_RECORDS = 5000

/**
 * Joins pages that are there already: a commit costs the same for one as for some. No page is waited for, and those that
 * came before an error are handed on before it.
 *
 * @param isReady whether another page is there already
 */
export async function* groupPages(
  pages: AsyncIterable<RecordsPage>,
  isReady: () => boolean,
): AsyncGenerator<PageGroup, void> {
  let group: PageGroup | null = null
  const take = (): PageGroup => {
    const taken = group!
    group = null
    return taken
  }
  try {
    for await (const page of pages) {
      if (group && !fits(group, page)) yield take()
      group = group ? join(group, page) : { ...page, pages: 1 }
      if (!isReady()) yield take()
    }
  } catch (error) {
    if (group) yield take()
    throw error
  }
  if (group) yield take()
}

/**
 * Whether a page may be committed with those before it. Rows that a bookmark speaks for and rows that it does not are
 * committed apart, unless everything is read with them.
 */
function fits(group: PageGroup, page: RecordsPage): boolean {
  if (group.bytes + page.bytes > MAX_BYTES) return false
  if (group.records.length + page.records.length > MAX_RECORDS) return false
  return (group.state === null) === (page.state === null) || page.whole
}

function join(group: PageGroup, page: RecordsPage): PageGroup {
  return {
    ...page,
    records: [...group.records, ...page.records],
    failed: [...group.failed, ...page.failed],
    others: [...group.others, ...page.others],
    bytes: group.bytes + page.bytes,
    pages: group.pages + 1,
  }
}
