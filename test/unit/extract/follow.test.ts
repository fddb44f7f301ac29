import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SluiceError } from '../../../src/core/errors.ts'
import type { JsonRecord } from '../../../src/core/json.ts'
import { silentLogger } from '../../../src/core/log.ts'
import { readPages } from '../../../src/extract/pages.ts'
import { paginators } from '../../../src/http/pagination/index.ts'
import type { RestRequest, RestResponse } from '../../../src/http/types.ts'

const OFFSET = { type: 'offset', limit: 4 }

interface Walk {
  readonly config?: object
  readonly list: JsonRecord[]
  /** Changes the list before the request with this number, from 1 on, is answered. */
  readonly changes?: Readonly<Record<number, (list: JsonRecord[]) => void>>
  readonly upserted?: boolean
  readonly keyed?: boolean
  readonly respond?: (request: RestRequest, records: readonly JsonRecord[]) => RestResponse | Error
}

/** Walks a list that changes between the requests; what was handed on, asked for and said. */
async function walk({ config = OFFSET, list, changes = {}, upserted = true, ...more }: Walk) {
  const asked: number[] = []
  const doubts: string[] = []
  const read: JsonRecord[] = []
  const parsed = paginators.config.parse(config)
  const doubt = (code: string) => void doubts.push(code)
  const pages = readPages(
    {
      method: 'GET',
      url: 'http://api/',
      params: {},
      queryStyle: 'plain',
      headers: {},
      body: undefined,
    },
    {
      endpoint: 'items',
      paginator: paginators.create(parsed, { endpoint: 'items', log: silentLogger, warn: doubt }),
      select: (body) => (body as { data: JsonRecord[] }).data,
      primaryKey: more.keyed === false ? [] : ['id'],
      upserted,
      successPath: undefined,
      skipStatuses: new Set(),
      skippedIsEmpty: false,
      onSkip: () => {},
      log: silentLogger,
      doubt,
      maxPages: Infinity,
      ahead: null,
      send: async (request) => {
        const { params } = request
        const at = parsed.type === 'page' ? (Number(params.page) - 1) * 4 : Number(params.offset)
        asked.push(at)
        changes[asked.length]?.(list)
        const records = list.slice(at, at + 4)
        const answer = more.respond?.(request, records)
        if (answer instanceof Error) throw answer
        const body = {
          data: structuredClone(records),
          has_more: at + 4 < list.length,
          total: list.length,
        }
        return (
          answer ?? {
            status: 200,
            url: '',
            headers: {},
            body,
            bytes: 0,
            nulsRemoved: 0,
            serverTime: null,
          }
        )
      },
    },
  )
  for await (const page of pages) read.push(...page.records)
  return { asked, doubts, read, ids: read.map(({ id }) => id) }
}

const numbered = (count: number): JsonRecord[] =>
  Array.from({ length: count }, (_, i) => ({ id: i, updated: 0 }))
const remove = (id: number) => (list: JsonRecord[]) =>
  void list.splice(
    list.findIndex((record) => record.id === id),
    1,
  )
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe('a list that stands still', () => {
  it.each([0, 1, 3, 4, 5, 8, 9, 23])('of %d records is read once, in order', async (count) => {
    const { ids, doubts } = await walk({ list: numbered(count) })
    expect(ids).toEqual(range(0, count))
    expect(doubts).toEqual([])
  })

  it('is asked for with one record of the page before in each page', async () => {
    expect((await walk({ list: numbered(10) })).asked).toEqual([0, 3, 6])
  })

  it('may hold records that are alike', async () => {
    const list = [1, 1, 2, 1, 1, 2, 2, 2, 1].map((value): JsonRecord => ({ value }))
    const { read } = await walk({ list, keyed: false, upserted: false })
    expect(read).toEqual(list)
  })

  it('is read without the check where overlap is 0', async () => {
    const { asked, ids } = await walk({ config: { ...OFFSET, overlap: 0 }, list: numbered(10) })
    expect(asked).toEqual([0, 4, 8])
    expect(ids).toEqual(range(0, 10))
  })
})

describe.each([
  ['written by key', true],
  ['added once each', false],
])('a list that shifts, its records %s', (_, upserted) => {
  it('loses none to a deletion before the place of the reader', async () => {
    const { ids, asked } = await walk({ list: numbered(12), changes: { 2: remove(1) }, upserted })
    expect(ids).toEqual(range(0, 12))
    expect(asked).toEqual([0, 3, 0, 3, 6, 9])
  })

  it('loses none when the last record that was read is deleted', async () => {
    const { ids } = await walk({ list: numbered(12), changes: { 2: remove(3) }, upserted })
    expect(ids).toEqual(range(0, 12))
  })

  it('loses none when all but one of a page are deleted', async () => {
    const most = (list: JsonRecord[]) => void list.splice(1, 3)
    const { ids } = await walk({ list: numbered(12), changes: { 2: most }, upserted })
    expect(ids).toEqual(range(0, 12))
  })

  it('doubles none when others are put before the place of the reader', async () => {
    const put = (list: JsonRecord[]) => void list.unshift({ id: 100 }, { id: 101 })
    const { ids } = await walk({ list: numbered(12), changes: { 2: put }, upserted })
    expect(ids.filter((id) => Number(id) < 100)).toEqual(range(0, 12))
  })

  it('loses none when an edited record moves to the end', async () => {
    const touch = (list: JsonRecord[]) => {
      const [record] = list.splice(1, 1)
      list.push({ ...record, updated: 1 })
    }
    const { read } = await walk({ list: numbered(12), changes: { 2: touch, 4: touch }, upserted })
    expect(new Set(read.map(({ id }) => id))).toEqual(new Set(range(0, 12)))
    const versions = read.map((record) => JSON.stringify(record))
    expect(new Set(versions).size).toBe(versions.length)
  })

  it('ends where the list has become shorter than what was read', async () => {
    const cut = (list: JsonRecord[]) => void list.splice(2)
    const { ids } = await walk({ list: numbered(8), changes: { 2: cut }, upserted })
    expect(ids).toEqual(range(0, 4))
  })

  it('fails when nothing of what was read can be found', async () => {
    const renew = (list: JsonRecord[]) => void list.splice(0, 12, ...numbered(40).slice(20))
    const failing = walk({ list: numbered(12), changes: { 2: renew }, upserted })
    await expect(failing).rejects.toMatchObject({ code: 'PAGINATION_DRIFT' })
  })

  it('hands on what follows, whatever is deleted, added and edited between the requests', async () => {
    type Step = { kind: 'delete' | 'insert' | 'touch'; at: number }
    const step: fc.Arbitrary<Step> = fc.record({
      kind: fc.constantFrom('delete', 'insert', 'touch'),
      at: fc.nat(30),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 5, max: 30 }),
        // Fewer than a page between two requests: more can't be followed, and is an error.
        fc.array(fc.array(step, { maxLength: 2 }), { maxLength: 12 }),
        async (count, steps) => {
          const list = numbered(count)
          const touched = new Set<unknown>()
          let next = 1000
          const apply = ({ kind, at }: Step) => {
            const place = at % Math.max(1, list.length)
            if (kind === 'insert') list.splice(place, 0, { id: next++ })
            const [record] = kind === 'insert' ? [] : list.splice(place, 1)
            if (record) touched.add(record.id)
            if (record && kind === 'touch') list.push({ ...record, updated: next++ })
          }
          const changes = Object.fromEntries(
            steps.map((own, i) => [i + 2, () => own.forEach(apply)] as const),
          )
          const ids = await walk({ list, changes, upserted }).then(
            (result) => result.ids,
            (error: SluiceError) => error.code,
          )
          // More may change than can be followed, and is said.
          if (ids === 'PAGINATION_DRIFT') return
          if (typeof ids === 'string') throw new Error(ids)
          // What stood still all the time was read: once, where it may not be handed on twice.
          const still = range(0, count).filter((id) => !touched.has(id))
          const got = ids.filter((id) => still.includes(Number(id)))
          expect(upserted ? [...new Set(got)].sort((a, b) => Number(a) - Number(b)) : got).toEqual(
            still,
          )
        },
      ),
      { numRuns: 300 },
    )
  })
})

it('goes by keys where an API answers with another record each time', async () => {
  const list = numbered(12)
  let now = 0
  const { ids, asked } = await walk({
    list,
    respond: ({ params }) => {
      const at = Number(params.offset)
      const data = list.slice(at, at + 4).map((record) => ({ ...record, served_at: ++now }))
      const body = { data, has_more: at + 4 < list.length }
      return { status: 200, url: '', headers: {}, body, bytes: 0, nulsRemoved: 0, serverTime: null }
    },
  })
  expect(new Set(ids)).toEqual(new Set(range(0, 12)))
  // The place is looked for once; from then on the keys will do.
  expect(asked).toEqual([0, 3, 0, 0, 0, 3, 6, 9])
})

describe('an API that takes only multiples of the page size', () => {
  it.each([
    ['refuses another offset', (at: number) => at % 4 > 0],
    ['answers with the page that holds it', () => false],
  ])('and %s is read without the overlap', async (_, refuse) => {
    const list = numbered(10)
    const { ids, doubts } = await walk({
      list,
      respond: (request) => {
        const at = Number(request.params.offset)
        if (refuse(at)) return new SluiceError('HTTP_STATUS', 'no', { details: { status: 400 } })
        const from = at - (at % 4)
        const body = { data: list.slice(from, from + 4), has_more: from + 4 < list.length }
        return {
          status: 200,
          url: '',
          headers: {},
          body,
          bytes: 0,
          nulsRemoved: 0,
          serverTime: null,
        }
      },
    })
    expect(ids).toEqual(range(0, 10))
    expect(doubts).toEqual(['DRIFT_UNSEEN'])
  })
})

describe('a list by page numbers', () => {
  const config = { type: 'page', limit: 4, total_path: 'total' }

  it('is read on from the page before when its total changes', async () => {
    const { ids, asked, doubts } = await walk({
      config,
      list: numbered(12),
      changes: { 2: remove(1) },
    })
    expect(asked).toEqual([0, 4, 0, 4, 8])
    expect(ids).toEqual(range(0, 12))
    expect(doubts).toEqual([])
  })

  it('doubles none when others are put in front', async () => {
    const put = (list: JsonRecord[]) => void list.unshift({ id: 100 }, { id: 101 })
    const { ids } = await walk({ config, list: numbered(12), changes: { 2: put }, upserted: false })
    expect(ids.filter((id) => Number(id) < 100)).toEqual(range(0, 12))
  })

  it('without a total says that a shift would not be noticed, once, and not of a single page', async () => {
    const silent = { type: 'page', limit: 4 }
    expect((await walk({ config: silent, list: numbered(12) })).doubts).toEqual(['DRIFT_UNSEEN'])
    expect((await walk({ config: silent, list: numbered(3) })).doubts).toEqual([])
  })
})

describe('the total of a list', () => {
  it('that is not reached is said', async () => {
    const list = numbered(5)
    const { doubts } = await walk({
      config: { ...OFFSET, total_path: 'total' },
      list,
      respond: ({ params }) => {
        const at = Number(params.offset)
        const body = { data: list.slice(at, at + 4), total: 9, has_more: at + 4 < 5 }
        return {
          status: 200,
          url: '',
          headers: {},
          body,
          bytes: 0,
          nulsRemoved: 0,
          serverTime: null,
        }
      },
    })
    expect(doubts).toEqual(['TOTAL_NOT_REACHED'])
  })
})
