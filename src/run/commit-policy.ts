import type { Commit, Progress } from './writer.ts'

/**
 * - `merge`: every page is committed as it comes; repeating one changes nothing
 * - `append`: a page is committed only together with what says that it was read, and otherwise
 *   staged until the walk is complete: repeating one would double its rows
 * - `collect`: everything is staged; the caller publishes it when all walks are complete
 */
export type WriteMode = 'merge' | 'append' | 'collect'

/** Decides, page by page of one walk, where rows go and when bookmarks are committed. */
export interface CommitPolicy {
  /**
   * @param complete whether this page ends a complete walk
   * @param progress what may be said to be read once this page is committed, or null
   */
  next(complete: boolean, progress: Progress | null): Commit
}

export const NO_PROGRESS: Progress = { bookmarks: [], windows: [] }

/** Rows, and nothing that says that they were read. */
export const ROWS_ALONE: Commit = { write: 'merge', publish: 'none', ...NO_PROGRESS }

export function createCommitPolicy(mode: WriteMode): CommitPolicy {
  if (mode === 'collect') {
    return { next: () => ({ write: 'stage', publish: 'none', ...NO_PROGRESS }) }
  }
  if (mode === 'merge') {
    return {
      next: (_complete, progress) => ({
        write: 'merge',
        publish: 'none',
        ...(progress ?? NO_PROGRESS),
      }),
    }
  }
  let staged = false
  return {
    next(complete, progress) {
      if (!staged && (complete || progress)) {
        return { write: 'append', publish: 'none', ...(progress ?? NO_PROGRESS) }
      }
      staged = true
      return complete
        ? { write: 'stage', publish: 'append', ...(progress ?? NO_PROGRESS) }
        : { write: 'stage', publish: 'none', ...NO_PROGRESS }
    },
  }
}
