import { describe, expect, it } from 'vitest'
import type { JsonRecord, JsonValue } from '../../../src/core/json.ts'
import { silentLogger } from '../../../src/core/log.ts'
import { readPages, type PagesOptions } from '../../../src/extract/pages.ts'
import { createSelector } from '../../../src/extract/select.ts'
import type { RestRequest, RestResponse } from '../../../src/http/types.ts'

const request: RestRequest = {
  method: 'GET',
  url: 'http://127.0.0.1/things/',
  params: {},
  queryStyle: 'plain',
  headers: {},
  body: undefined,
}

interface Script {
  bodies: JsonValue[]
  statuses?: number[]
  /** The page parameter of the request after each page; null ends the walk. */
  next?: (index: number) => JsonValue
}

async function read({ bodies, statuses = [], next }: Script, more: Partial<PagesOptions> = {}) {
  const sent: RestRequest[] = []
  const skipped: number[] = []
  const pages = readPages(request, {
    endpoint: 'things',
    send: async (asked): Promise<RestResponse> => {
      const index = sent.push(asked) - 1
      return {
        status: statuses[index] ?? 200,
        url: asked.url,
        headers: {},
        body: bodies[index] ?? null,
        bytes: 0,
        nulsRemoved: 0,
        serverTime: null,
      }
    },
    paginator: {
      first: (first) => first,
      next(current) {
        const index = sent.length
        const page = next ? next(index) : index < bodies.length ? index : null
        return page === null ? null : { ...current, params: { page } }
      },
    },
    select: (body) => (body as { data: JsonRecord[] }).data,
    successPath: undefined,
    skipStatuses: new Set(),
    primaryKey: ['id'],
    upserted: true,
    skippedIsEmpty: true,
    onSkip: (status) => void skipped.push(status),
    log: silentLogger,
    doubt: () => {},
    maxPages: Infinity,
    ahead: null,
    ...more,
  })
  const got = []
  for await (const page of pages) got.push(page)
  return { pages: got, sent, skipped }
}

const page = (...ids: number[]) => ({ data: ids.map((id) => ({ id })) })

describe('a walk', () => {
  it('yields each page and says which is the last', async () => {
    const { pages } = await read({ bodies: [page(1, 2), page(3)] })
    expect(pages.map(({ records, last }) => [records.length, last])).toEqual([
      [2, false],
      [1, true],
    ])
  })

  it('asks for the next page only when it is wanted', async () => {
    let sent = 0
    const pages = readPages(request, {
      endpoint: 'things',
      send: async () => {
        sent++
        return {
          status: 200,
          url: '',
          headers: {},
          body: page(sent),
          bytes: 0,
          nulsRemoved: 0,
          serverTime: null,
        }
      },
      paginator: { first: (r) => r, next: (r) => ({ ...r, params: { page: sent } }) },
      select: (body) => (body as { data: JsonRecord[] }).data,
      successPath: undefined,
      skipStatuses: new Set(),
      primaryKey: ['id'],
      upserted: true,
      skippedIsEmpty: true,
      onSkip: () => {},
      log: silentLogger,
      doubt: () => {},
      maxPages: Infinity,
      ahead: null,
    })
    await pages.next()
    expect(sent).toBe(1)
    await pages.return(undefined)
    expect(sent).toBe(1)
  })

  it('stops at max_pages without calling that the end', async () => {
    const { pages } = await read({ bodies: [page(1), page(2), page(3)] }, { maxPages: 2 })
    expect(pages.map(({ last }) => last)).toEqual([false, false])
  })
})

describe('a server that does not advance', () => {
  it('is noticed when a request repeats', async () => {
    const walk = read({ bodies: [page(1), page(2), page(3)], next: () => 'same' })
    await expect(walk).rejects.toMatchObject({ code: 'PAGINATION_LOOP' })
    await expect(walk).rejects.toThrow(/things: page 3 asks for what was already requested/)
  })

  it('is noticed when a cursor comes back after others', async () => {
    const walk = read({ bodies: [page(1), page(2), page(3), page(4)], next: (i) => i % 2 })
    await expect(walk).rejects.toThrow(/page 4 asks for what was already requested/)
  })

  it('is noticed when a page repeats the one before', async () => {
    const walk = read({ bodies: [page(1, 2), page(1, 2)] })
    await expect(walk).rejects.toThrow(
      /things: page 2 holds the same records as the page before it/,
    )
  })

  it('may send empty pages', async () => {
    const { pages } = await read({ bodies: [page(), page(), page(1)] })
    expect(pages).toHaveLength(3)
  })
})

describe('responses', () => {
  it('with a skipped status end the walk without records', async () => {
    const { pages, skipped } = await read(
      { bodies: [null], statuses: [404] },
      { skipStatuses: new Set([404]) },
    )
    expect(pages).toMatchObject([{ records: [], last: true }])
    expect(skipped).toEqual([404])
  })

  it('with a skipped status further on, or of a list that should be there, do not end it well', async () => {
    const skipStatuses = new Set([403])
    const bodies = [page(1), null]
    const later = await read({ bodies, statuses: [200, 403] }, { skipStatuses })
    expect(later.pages.map(({ last }) => last)).toEqual([false, false])
    const first = await read(
      { bodies: [null], statuses: [403] },
      { skipStatuses, skippedIsEmpty: false },
    )
    expect(first.pages.map(({ last }) => last)).toEqual([false])
  })

  it.each([false, 'false', 0])(
    'whose success field is %o fail, in the words of the API',
    async (success) => {
      const walk = read(
        { bodies: [{ success, message: 'no such list' }] },
        { successPath: 'success' },
      )
      await expect(walk).rejects.toMatchObject({ code: 'RESPONSE_UNSUCCESSFUL' })
      await expect(walk).rejects.toThrow(/no such list/)
    },
  )

  it('whose success field is true or absent are fine', async () => {
    const body = { success: true, ...page(1) }
    expect((await read({ bodies: [body] }, { successPath: 'success' })).pages).toHaveLength(1)
    expect((await read({ bodies: [page(1)] }, { successPath: 'success' })).pages).toHaveLength(1)
  })

  it.each<JsonValue>([
    { error: 'quota exceeded' },
    { data: [], errors: [{ message: 'quota exceeded' }] },
    { data: [], success: false, message: 'quota exceeded' },
    { data: [], status: 'error', message: 'quota exceeded' },
    { data: [], error_code: 17, note: 'quota exceeded' },
  ])('that hold no record but an error fail: %j', async (body) => {
    const walk = read({ bodies: [body] }, { select: selectData })
    await expect(walk).rejects.toMatchObject({ code: 'RESPONSE_UNSUCCESSFUL' })
    await expect(walk).rejects.toThrow(/quota exceeded/)
  })

  it.each<JsonValue>([
    { data: {}, success: false, message: 'quota exceeded' },
    { data: 'quota exceeded', success: false },
    { data: null, error: 'quota exceeded' },
    { data: false, error: 'quota exceeded' },
  ])('that hold something else than a list, and an error, fail: %j', async (body) => {
    const walk = read({ bodies: [body] }, { select: atData })
    await expect(walk).rejects.toMatchObject({ code: 'RESPONSE_UNSUCCESSFUL' })
    await expect(walk).rejects.toThrow(/quota exceeded/)
  })

  it('that hold words where the records should be fail, without another word of an error', async () => {
    const walk = read({ bodies: [{ data: 'quota exceeded' }] }, { select: atData })
    await expect(walk).rejects.toMatchObject({ code: 'SELECTOR_MISSING' })
    await expect(walk).rejects.toThrow(/things: .*"quota exceeded"/)
  })

  it.each<JsonValue>([
    { data: [], error: null, errors: [], success: true },
    { data: [], error: '', error_code: 0, status: 'ok' },
    { data: [{ id: 1, error: 'x' }], error: 'of a job, not of the answer' },
  ])('that hold records, or no error, are fine: %j', async (body) => {
    expect((await read({ bodies: [body] }, { select: selectData })).pages).toHaveLength(1)
  })
})

const atData = createSelector('data', {
  endpoint: 'things',
  path: '/things/',
  missing: 'error',
  onDetected: () => {},
})

const selectData = (body: JsonValue): JsonRecord[] => {
  const { data } = body as { data?: JsonRecord[] }
  if (!data) throw new Error('no data')
  return data
}
