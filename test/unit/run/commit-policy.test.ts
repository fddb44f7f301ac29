import { describe, expect, it } from 'vitest'
import { createCommitPolicy, type WriteMode } from '../../../src/run/commit-policy.ts'

const bookmark = (cursor: string) => ({
  bookmarks: [{ partition: '', state: { cursor } }],
  windows: [],
})

/** The commits of a walk, given each page's bookmark; the last page completes it. */
function commits(mode: WriteMode, ...bookmarks: (string | null)[]) {
  const policy = createCommitPolicy(mode)
  return bookmarks.map((cursor, i) => {
    const {
      write,
      publish,
      bookmarks: kept,
    } = policy.next(i === bookmarks.length - 1, cursor === null ? null : bookmark(cursor))
    return [write, publish, ...kept.map(({ state }) => state.cursor)]
  })
}

describe('merge', () => {
  it('commits every page as it comes, with a bookmark where there is one', () => {
    expect(commits('merge', null, 'a', 'b')).toEqual([
      ['merge', 'none'],
      ['merge', 'none', 'a'],
      ['merge', 'none', 'b'],
    ])
  })
})

describe('append', () => {
  it('commits a page only together with its bookmark', () => {
    expect(commits('append', 'a', 'b')).toEqual([
      ['append', 'none', 'a'],
      ['append', 'none', 'b'],
    ])
  })

  it('stages pages without one, and publishes them all with the last', () => {
    expect(commits('append', null, null, 'c')).toEqual([
      ['stage', 'none'],
      ['stage', 'none'],
      ['stage', 'append', 'c'],
    ])
  })

  it('keeps staging once it has begun, so that no bookmark passes a staged record', () => {
    expect(commits('append', 'a', null, 'c', 'd')).toEqual([
      ['append', 'none', 'a'],
      ['stage', 'none'],
      ['stage', 'none'],
      ['stage', 'append', 'd'],
    ])
  })

  it('writes a single complete page at once', () => {
    expect(commits('append', null)).toEqual([['append', 'none']])
  })
})

describe('collect', () => {
  it('stages everything and leaves publishing and bookmarks to the caller', () => {
    expect(commits('collect', 'a', 'b')).toEqual([
      ['stage', 'none'],
      ['stage', 'none'],
    ])
  })
})
