import { isDeepStrictEqual } from 'node:util'
import type { JsonRecord } from '../core/json.ts'
import { createCommitPolicy, NO_PROGRESS, type WriteMode } from './commit-policy.ts'
import { groupPages } from './group-pages.ts'
import type { OpenedPages, ReadContext } from './open-pages.ts'
import { readRecords, type ReadOptions } from './read-records.ts'
import type { EndpointWriter, Progress } from './writer.ts'

export interface WalkOptions extends ReadOptions {
  /** The bookmark as it is before the walk. */
  readonly state: JsonRecord | null
  readonly mode: WriteMode
  readonly writer: EndpointWriter
  /** What a bookmark, or with null the end of a whole walk, makes of what is stored; null when it stores nothing. */
  readonly progress: (state: JsonRecord | null, whole: boolean) => Progress | null
  /** Takes each bookmark once it is committed; in `collect` mode, where that is the caller's to do, once its page is. */
  readonly onBookmark?: (state: JsonRecord) => void
}

export interface WalkResult {
  /** Whether the API had nothing left to read. */
  readonly complete: boolean
  /** Whether, besides, nothing suggests that the API left something out. */
  readonly whole: boolean
  /** Whether a shift of the list would have been noticed. */
  readonly watched: boolean
  /** Whether rows wait in the stage because the list may lack records. */
  readonly withheld: boolean
  readonly pages: number
}

/**
 * Makes one read of one list, an endpoint's own or that of one parent, and commits it page by page; pages that are there
 * already are committed together.
 */
export async function walk(
  opened: OpenedPages,
  context: Pick<ReadContext, 'emit' | 'signal'>,
  options: WalkOptions,
): Promise<WalkResult> {
  const { mode, writer, progress, withOthers = false } = options
  const policy = createCommitPolicy(mode)
  let { state } = options
  let complete = false
  let whole = false
  let watched = true
  let withheld = false
  let pages = 0
  const read = readRecords(opened, context, options)
  for await (const page of groupPages(read, opened.isReady)) {
    pages += page.pages
    complete = page.complete
    whole = page.whole
    watched = page.watched
    // What may lack records is not published: the next run could not add them.
    const ends = complete && (whole || mode === 'merge')
    const moved =
      page.state !== null && (page.records.length > 0 || !isDeepStrictEqual(page.state, state))
    const said = complete
      ? progress(moved ? page.state : null, whole)
      : progressOf(page.state, moved)
    const commit = policy.next(ends, said)
    await writer.write({ ...page, others: withOthers ? page.others : null }, commit)
    if (page.state && moved && (mode === 'collect' || commit.bookmarks.length > 0)) {
      state = page.state
      options.onBookmark?.(state)
    }
    withheld = complete && !ends && commit.write === 'stage'
    if (!complete) context.signal.throwIfAborted()
  }
  return { complete, whole, watched, withheld, pages }

  /** A bookmark that stands where it stood says that the page was read, and need not be written. */
  function progressOf(reached: JsonRecord | null, moved: boolean): Progress | null {
    const said = progress(moved ? reached : null, false)
    return said ?? (reached && NO_PROGRESS)
  }
}
