import { isDeepStrictEqual } from 'node:util'
import type { JsonRecord } from '../core/json.ts'
import { createCommitPolicy, type WriteMode } from './commit-policy.ts'
import { readRecords, type ReadContext, type ReadOptions } from './read-records.ts'
import type { Reader } from './reader.ts'
import type { EndpointWriter, Progress } from './writer.ts'

export interface WalkOptions extends ReadOptions {
  /** The bookmark as it is before the walk. */
  readonly state: JsonRecord | null
  readonly mode: WriteMode
  readonly writer: EndpointWriter
  /** What a bookmark, or with null the end of the walk, makes of what is stored; null when it stores nothing. */
  readonly progress: (state: JsonRecord | null, complete: boolean) => Progress | null
  /** Takes each bookmark once it is committed; in `collect` mode, where that is the caller's to do, once its page is. */
  readonly onBookmark?: (state: JsonRecord) => void
}

export interface WalkResult {
  /** Whether the API had nothing left to read. */
  readonly complete: boolean
  /** Whether, besides, nothing suggests that the API left something out. */
  readonly whole: boolean
  readonly pages: number
}

/** Makes one read of one list, an endpoint's own or that of one parent, and commits it page by page. */
export async function walk(
  reader: Reader,
  context: ReadContext,
  options: WalkOptions,
): Promise<WalkResult> {
  const { mode, writer, progress, withOthers = false } = options
  const policy = createCommitPolicy(mode)
  let { state } = options
  let complete = false
  let whole = false
  let pages = 0
  for await (const page of readRecords(reader, context, options)) {
    pages++
    complete = page.complete
    whole = page.whole
    const moved =
      page.state !== null && (page.records.length > 0 || !isDeepStrictEqual(page.state, state))
    const commit = policy.next(complete, progress(moved ? page.state : null, complete))
    await writer.write({ ...page, others: withOthers ? page.others : null }, commit)
    if (page.state && moved && (mode === 'collect' || commit.bookmarks.length > 0)) {
      state = page.state
      options.onBookmark?.(state)
    }
    if (!complete) context.signal.throwIfAborted()
  }
  return { complete, whole, pages }
}
