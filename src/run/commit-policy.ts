import type { BookmarkUpdate, Commit } from './writer.ts'

/**
 * - `merge`: every page is committed as it comes; repeating one changes nothing
 * - `append`: a page is committed only together with the bookmark that says it was read, and otherwise
 *   staged until the walk is complete: repeating one would double its rows
 * - `collect`: everything is staged; the caller publishes it when all walks are complete
 */
export type WriteMode = 'merge' | 'append' | 'collect'

/** Decides, page by page of one walk, where rows go and when bookmarks are committed. */
export interface CommitPolicy {
  /**
   * @param complete whether this page ends a complete walk
   * @param bookmark the bookmark that may be committed with this page, or null
   */
  next(complete: boolean, bookmark: BookmarkUpdate | null): Commit
}

export function createCommitPolicy(mode: WriteMode): CommitPolicy {
  if (mode === 'collect') {
    return { next: () => ({ write: 'stage', publish: 'none', bookmarks: [] }) }
  }
  const list = (bookmark: BookmarkUpdate | null) => (bookmark ? [bookmark] : [])
  if (mode === 'merge') {
    return {
      next: (_complete, bookmark) => ({
        write: 'merge',
        publish: 'none',
        bookmarks: list(bookmark),
      }),
    }
  }
  let staged = false
  return {
    next(complete, bookmark) {
      if (!staged && (complete || bookmark)) {
        return { write: 'append', publish: 'none', bookmarks: list(bookmark) }
      }
      staged = true
      return complete
        ? { write: 'stage', publish: 'append', bookmarks: list(bookmark) }
        : { write: 'stage', publish: 'none', bookmarks: [] }
    },
  }
}
