import { describe, expect, it } from 'vitest'
import { groupPages } from '../../../src/run/group-pages.ts'
import type { RecordsPage } from '../../../src/run/read-records.ts'

const page = (id: number, more: Partial<RecordsPage> = {}): RecordsPage => ({
  records: [{ id }],
  failed: [],
  others: [],
  complete: false,
  whole: false,
  watched: true,
  state: null,
  bytes: 100,
  ...more,
})

interface Setting {
  /** How many pages are there before the first is taken; default: all. */
  readonly ready?: number
  readonly error?: Error
}

/** The ids and the state of each group. */
async function groups(
  pages: readonly RecordsPage[],
  { ready = pages.length, error }: Setting = {},
) {
  let taken = 0
  async function* all() {
    for (const one of pages) {
      taken++
      yield one
    }
    if (error) throw error
  }
  const found: unknown[] = []
  try {
    for await (const { records, state, pages: count } of groupPages(all(), () => taken < ready)) {
      found.push([records.map(({ id }) => id), state])
      if (count !== records.length) throw new Error(`${count} pages`)
    }
  } catch (thrown) {
    found.push(thrown)
  }
  return found
}

describe('pages that are committed together', () => {
  const state = (cursor: number) => ({ state: { cursor } })

  it('are those that are there already', async () => {
    expect(await groups([page(1), page(2), page(3)], { ready: 0 })).toEqual([
      [[1], null],
      [[2], null],
      [[3], null],
    ])
    expect(await groups([page(1), page(2), page(3), page(4)], { ready: 3 })).toEqual([
      [[1, 2, 3], null],
      [[4], null],
    ])
  })

  it('have the bookmark of the last', async () => {
    const last = page(3, { ...state(3), complete: true, whole: true })
    expect(await groups([page(1, state(1)), page(2, state(2)), last])).toEqual([
      [[1, 2, 3], { cursor: 3 }],
    ])
  })

  it('are not joined where a bookmark speaks for some of them alone', async () => {
    const doubtful = page(4, { ...state(4), complete: true })
    expect(await groups([page(1, state(1)), page(2), page(3), doubtful])).toEqual([
      [[1], { cursor: 1 }],
      [[2, 3], null],
      [[4], { cursor: 4 }],
    ])
  })

  it('are joined with the last one of a whole list, which speaks for all of them', async () => {
    const last = page(3, { ...state(3), complete: true, whole: true })
    expect(await groups([page(1), page(2), last])).toEqual([[[1, 2, 3], { cursor: 3 }]])
  })

  it('are no more than a commit should hold', async () => {
    const large = { bytes: 900_000 }
    expect(await groups([page(1, large), page(2, large), page(3, large)])).toEqual([
      [[1, 2], null],
      [[3], null],
    ])
    const many = (id: number) => page(id, { records: [{ id }], bytes: 3_000_000 })
    expect(await groups([many(1), many(2)])).toEqual([
      [[1], null],
      [[2], null],
    ])
  })

  it('come before the error that ends them', async () => {
    const error = new Error('page 3')
    expect(await groups([page(1), page(2)], { ready: 9, error })).toEqual([[[1, 2], null], error])
  })

  it('keep what could not be transformed, and what is not to be loaded', async () => {
    const more = (id: number) => ({
      failed: [{ reason: `no ${id}`, record: { id } }],
      others: [{ id: id + 10 }],
    })
    const all = async function* () {
      yield page(1, more(1))
      yield page(2, { ...more(2), watched: false })
    }
    let left = 2
    for await (const group of groupPages(all(), () => --left > 0)) {
      expect(group).toMatchObject({
        failed: [{ reason: 'no 1' }, { reason: 'no 2' }],
        others: [{ id: 11 }, { id: 12 }],
        watched: false,
        bytes: 200,
      })
    }
  })
})
