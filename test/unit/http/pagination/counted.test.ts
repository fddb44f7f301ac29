import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../../../../src/core/json.ts'
import type { RestRequest } from '../../../../src/http/types.ts'
import { firstRequest, responseTo } from '../../../conformance/paginator.ts'
import { paginatorOf, records, walk, type Logged } from './support.ts'

const skips = (config: object, pages: Parameters<typeof walk>[1]): unknown[] =>
  walk({ type: 'offset', ...config }, pages).map((request) => request && request.params.offset)

describe('offset', () => {
  it('asks for 100 records from 0 under the usual names', () => {
    expect(walk({ type: 'offset' }, [])[0]?.params).toEqual({ limit: 100, offset: 0 })
  })

  it('moves by the records received, not by the limit asked for', () => {
    const page = { body: { has_more: true } }
    expect(
      skips({}, [
        { ...page, records: 25 },
        { ...page, records: 30 },
      ]),
    ).toEqual([0, 25, 55])
  })

  it.each<[string, object, object, unknown]>([
    ['has_more: false', {}, { has_more: false }, null],
    ['has_more as text', {}, { has_more: 'false' }, null],
    ['has_more as number', {}, { has_more: 0 }, null],
    ['has_more: null, which says nothing', {}, { has_more: null }, 100],
    ['no has_more', {}, {}, 100],
    [
      'a flag elsewhere',
      { has_more_path: 'meta.more' },
      { meta: { more: false }, has_more: true },
      null,
    ],
    ['a total that is reached', { total_path: 'total' }, { total: 100 }, null],
    ['a total that is not reached', { total_path: 'total' }, { total: 101 }, 100],
    ['a total as text', { total_path: 'meta.total' }, { meta: { total: '100' } }, null],
    ['a total of -2, the end', { total_path: 'total' }, { total: -2 }, null],
    ['a total of -1, more', { total_path: 'total' }, { total: -1 }, 100],
    ['a total that is none', { total_path: 'total' }, { total: 'many' }, 100],
    [
      'has_more against a total that lags',
      { total_path: 'total' },
      { total: 100, has_more: true },
      100,
    ],
  ])('after a full page with %s', (_what, config, body, next) => {
    expect(skips(config, [{ body: body as never, records: 100 }])[1]).toBe(next)
  })

  it.each<[object, boolean]>([
    [{ has_more: true }, true],
    [{ total: 1 }, true],
    [{ total: -1 }, true],
    [{ total: 0 }, false],
    [{ total: -2 }, false],
    [{ has_more: false, total: 7 }, false],
    [{}, false],
  ])('stops at an empty page of %j, and warns if that claims more: %s', (body, warns) => {
    const logged: Logged = []
    const pages = [{ body: body as never, records: 0 }]
    const config = { type: 'offset', total_path: 'total' }
    expect(walk(config, pages, firstRequest(), logged)[1]).toBeNull()
    const warning = 'stopped at an empty page at offset 0 that claims there is more'
    expect(logged).toEqual(warns ? [['EMPTY_PAGE', warning]] : [])
  })

  it('takes a short page for the last only where told to, and never against has_more or -1', () => {
    const short = (body: object): unknown =>
      skips({ stop_on_short_page: true, total_path: 'total' }, [
        { body: body as never, records: 99 },
      ])[1]
    expect(skips({}, [{ body: {}, records: 99 }])[1]).toBe(99)
    expect(short({})).toBeNull()
    expect(short({ has_more: true })).toBe(99)
    expect(short({ total: -1 })).toBe(99)
  })

  it('counts from start', () => {
    const config = { start: 1, total_path: 'total' }
    expect(skips(config, [{ body: { total: 101 }, records: 100 }])).toEqual([1, 101])
    expect(skips(config, [{ body: { total: 100 }, records: 100 }])).toEqual([1, null])
  })

  it('fails at max_offset rather than leave rows out', () => {
    const config = { type: 'offset', max_offset: 200 }
    const full = { body: {}, records: 100 }
    expect(walk(config, [full, full]).at(-1)?.params.offset).toBe(200)
    expect(() => walk(config, [full, full, full])).toThrow(
      expect.objectContaining({
        code: 'PAGINATION_CAPPED',
        message: "items: records beyond offset 200 can't be read by offset",
      }),
    )
    expect(
      walk(config, [full, full, { body: { has_more: false }, records: 100 }]).at(-1),
    ).toBeNull()
  })

  it('writes into a body, at nested paths, keeping the rest', () => {
    const body = { query: { type: 'lead' }, page: { size: 1, sort: 'id' } }
    const request = { ...firstRequest(), method: 'POST' as const, body }
    const config = {
      type: 'offset',
      in: 'body',
      limit_param: 'page.size',
      offset_param: 'page.from',
      limit: 2,
    }
    const [first, second] = walk(config, [{ body: {}, records: 2 }], request)
    expect(first?.body).toEqual({ query: { type: 'lead' }, page: { size: 2, from: 0, sort: 'id' } })
    expect(second?.body).toMatchObject({ page: { size: 2, from: 2 } })
    expect(second?.params).toEqual({})
    expect(body.page).toEqual({ size: 1, sort: 'id' })
  })

  it('tells the total only where there is one', () => {
    const total = (config: object, body: object): unknown =>
      paginatorOf({ type: 'offset', ...config }).total?.(responseTo(firstRequest(), body as never))
    expect(total({ total_path: 'total' }, { total: '250' })).toBe(250)
    expect(total({ total_path: 'total' }, { total: -1 })).toBeNull()
    expect(total({}, { total: 250 })).toBeNull()
  })
})

describe('page', () => {
  const numbers = (config: object, pages: Parameters<typeof walk>[1]): unknown[] =>
    walk({ type: 'page', ...config }, pages).map((request) => request && request.params.page)
  const full = (body: object): Parameters<typeof walk>[1][number] => ({
    body: body as never,
    records: 25,
  })

  it('counts from 1 and leaves the page size to the API', () => {
    expect(walk({ type: 'page' }, [full({})]).map((request) => request?.params)).toEqual([
      { page: 1 },
      { page: 2 },
    ])
  })

  it('sends the page size where there is one', () => {
    const config = { type: 'page', page_param: 'p', limit_param: 'per_page', limit: 50, start: 0 }
    expect(walk(config, [])[0]?.params).toEqual({ p: 0, per_page: 50 })
  })

  it.each<[string, object, object, unknown]>([
    ['has_more: false', {}, { has_more: false }, null],
    [
      'a flag elsewhere',
      { has_more_path: 'pagination.has_next_page' },
      { pagination: { has_next_page: false } },
      null,
    ],
    ['the only page', { total_pages_path: 'pages' }, { pages: '1' }, null],
    ['more pages', { total_pages_path: 'pages' }, { pages: 2 }, 2],
    ['no page at all but records', { total_pages_path: 'pages' }, { pages: 0 }, null],
    ['no number of pages', { total_pages_path: 'pages' }, {}, 2],
    ['a short page', { stop_on_short_page: true, limit: 50 }, {}, null],
    ['a short page and has_more', { stop_on_short_page: true, limit: 50 }, { has_more: true }, 2],
  ])('after %s', (_what, config, body, next) => {
    expect(numbers(config, [full(body)])[1]).toBe(next)
  })

  it('knows the last page where pages count from 0', () => {
    const config = { start: 0, total_pages_path: 'pages' }
    expect(numbers(config, [full({ pages: 2 }), full({ pages: 2 })])).toEqual([0, 1, null])
  })

  it('stops at an empty page', () => {
    expect(numbers({}, [full({}), { body: { has_more: true }, records: 0 }])).toEqual([1, 2, null])
  })
})

describe('keyset', () => {
  const config = { type: 'keyset', param: 'min_id', field: 'ref.id' }
  const paginator = paginatorOf(config)
  const next = (list: object[], body: object = {}): unknown =>
    paginator.next(firstRequest(), responseTo(firstRequest(), body as never), list as never)?.params

  it('goes on after the last record', () => {
    expect(next([{ ref: { id: 7 } }, { ref: { id: 5n } }])).toEqual({ min_id: 5n })
  })

  it.each([[{}], [{ ref: {} }], [{ ref: { id: null } }], [{ ref: { id: [1] } }]])(
    'fails on %j, which it cannot go on after',
    (last) => {
      expect(() => next([last])).toThrow('has no value at "ref.id"')
    },
  )

  it('stops at has_more: false and at an empty page', () => {
    expect(next([{ ref: { id: 1 } }], { has_more: false })).toBeUndefined()
    expect(next([])).toBeUndefined()
  })

  it('asks beyond a short page, which an API with a lower limit may give, but not twice for the same', () => {
    const sized = paginatorOf({ type: 'keyset', param: 'from', field: 'id', limit: 200 })
    const after = (count: number, params = {}): unknown =>
      sized.next(firstRequest(params), responseTo(firstRequest(), {}), records(count))?.params.from
    expect([after(100), after(7), after(1)]).toEqual([100, 7, 1])
    expect(after(5, { from: 5 })).toBeUndefined()
    const told = (body: object) =>
      sized.next(firstRequest(), responseTo(firstRequest(), body as never), records(2))
    expect(told({ has_more: false })).toBeNull()
    expect(told({ has_more: true })?.params.from).toBe(2)
  })

  it('does not end where a page is as long as pages are and leads nowhere: that is a loop', () => {
    const same = (id: number, count: number) => records(count).map(() => ({ id }))
    for (const [limit, length] of [
      [3, 3],
      [10, 3],
    ] as const) {
      const paginator = paginatorOf({ type: 'keyset', param: 'from', field: 'id', limit })
      let request = paginator.first(firstRequest())
      for (const id of [1, 2]) {
        request = paginator.next(request, responseTo(request, {}), [
          ...same(0, length - 1),
          { id },
        ])!
      }
      expect(paginator.next(request, responseTo(request, {}), same(2, length))).toEqual(request)
      expect(paginator.next(request, responseTo(request, {}), same(2, length - 1))).toBeNull()
    }
  })

  it.each([
    ['a page of a round number', {}, 10, true],
    ['fewer, that the API says are not all', { has_more: true }, 3, true],
    ['any other number', {}, 13, false],
  ])('is a loop without a limit where %s leads nowhere', (_, body, count, isLoop) => {
    const paginator = paginatorOf({ type: 'keyset', param: 'from', field: 'at' })
    const page = records(count).map((record) => ({ ...record, at: 'x' }))
    const second = paginator.next(
      paginator.first(firstRequest()),
      responseTo(firstRequest(), body),
      page,
    )!
    expect(paginator.next(second, responseTo(second, body as never), page)).toEqual(
      isLoop ? second : null,
    )
  })

  it('goes on after several fields, each time from the first request', () => {
    const condition = { or: [{ gt: '{last.at}' }, { at: '{last.at}', after: '{last.ref.id}' }] }
    const paginator = paginatorOf({ type: 'keyset', params: { where: [condition] }, limit: 2 })
    const first = paginator.first(firstRequest({ where: [{ from: 1 }], sort: 'at' }))
    const page = (id: number) => [
      { at: 'a', ref: { id: 0 } },
      { at: 'x', ref: { id } },
    ]
    const second = paginator.next(first, responseTo(first, {}), page(7))!
    const after = (id: number) => ({ or: [{ gt: 'x' }, { at: 'x', after: id }] })
    expect(second.params).toEqual({ limit: 2, sort: 'at', where: [{ from: 1 }, after(7)] })
    const third = paginator.next(second, responseTo(second, {}), page(9))!
    expect(third.params.where).toEqual([{ from: 1 }, after(9)])
    const nameless = [
      { at: 'x', ref: { id: 1 } },
      { at: null, ref: { id: 1 } },
    ]
    expect(() => paginator.next(third, responseTo(third, {}), nameless as never)).toThrow(
      'has no value at "at"',
    )
  })

  describe('where a whole page shares one value', () => {
    const tied = (count: number, at = 'x') => records(count).map((record) => ({ ...record, at }))
    const create = (ties: object) =>
      paginatorOf({ type: 'keyset', param: 'from', field: 'at', limit: 4, ties })

    it('skips what it has read of it, but for half a page, until there is another value', () => {
      const paginator = create({ offset_param: 'skip' })
      const first = paginator.first(firstRequest())
      const follow = (request: RestRequest, page: JsonRecord[]) =>
        paginator.next(request, responseTo(request, {}), page)!
      const second = follow(first, [...tied(1, 'a'), ...tied(3)])
      expect(second.params).toEqual({ limit: 4, from: 'x' })
      const third = follow(second, tied(4))
      expect(third.params).toEqual({ limit: 4, from: 'x', skip: 2 })
      const fourth = follow(third, tied(4))
      expect(fourth.params).toEqual({ limit: 4, from: 'x', skip: 4 })
      const fifth = follow(fourth, [...tied(2), ...tied(2, 'y')])
      expect(fifth.params).toEqual({ limit: 4, from: 'y' })
      expect(follow(fifth, tied(4, 'z')).params).toEqual({ limit: 4, from: 'z', skip: 2 })
    })

    it('takes the cursor of the page, until there is another value or no cursor', () => {
      const paginator = create({ cursor_param: 'cursor', cursor_path: 'next' })
      const first = paginator.first(firstRequest())
      const follow = (request: RestRequest, page: JsonRecord[], next: string | null) =>
        paginator.next(request, responseTo(request, { next }), page)!
      const second = follow(first, tied(4), 'c1')
      expect(second.params).toEqual({ limit: 4, cursor: 'c1' })
      const third = follow(second, tied(4), 'c2')
      expect(third.params).toEqual({ limit: 4, cursor: 'c2' })
      expect(follow(third, [...tied(3), ...tied(1, 'y')], 'c3').params).toEqual({
        limit: 4,
        from: 'y',
      })
      expect(follow(third, tied(4), null).params).toEqual({ limit: 4, from: 'x' })
    })
  })

  it('takes conditions into a body as well', () => {
    const config = { type: 'keyset', params: { 'query.all': [{ after: '{last.id}' }] }, in: 'body' }
    const request = { ...firstRequest(), body: { query: { all: [{ type: 'lead' }] } } }
    const paginator = paginatorOf(config)
    const next = paginator.next(paginator.first(request), responseTo(request, {}), [{ id: 3 }])!
    expect(next.body).toEqual({ query: { all: [{ type: 'lead' }, { after: 3 }] } })
  })

  it.each<[number, boolean]>([
    [-1, true],
    [-2, false],
    [3, true],
    [2, false],
    [0, false],
  ])('ends by a count of what is left: %d of 2 is not the end: %s', (total, goesOn) => {
    const paginator = paginatorOf({
      type: 'keyset',
      param: 'after',
      field: 'id',
      limit: 2,
      total_path: 'total',
    })
    const next = paginator.next(firstRequest(), responseTo(firstRequest(), { total }), records(2))
    expect(next?.params.after).toBe(goesOn ? 2 : undefined)
  })
})

describe('an empty page by number', () => {
  it.each<[object, boolean]>([
    [{ has_more: true }, true],
    [{ pages: 2 }, true],
    [{ pages: 1 }, false],
    [{ pages: 0 }, false],
    [{ has_more: false, pages: 7 }, false],
    [{}, false],
  ])('%j is the end, and warns if it claims more: %s', (body, warns) => {
    const logged: Logged = []
    const pages = [{ body: body as never, records: 0 }]
    const config = { type: 'page', total_pages_path: 'pages' }
    expect(walk(config, pages, firstRequest(), logged)[1]).toBeNull()
    const warning = 'stopped at the empty page 1, which claims there is more'
    expect(logged).toEqual(warns ? [['EMPTY_PAGE', warning]] : [])
  })
})

describe('pages further on', () => {
  const forward = (config: object, from: RestRequest['params'], pages: number, size: number) =>
    paginatorOf(config).counting?.()?.forward?.(firstRequest(from), pages, size)?.params

  it('by offset are as many records further on, as far as the API goes', () => {
    const config = { type: 'offset', limit: 50, max_offset: 400 }
    expect(forward(config, { offset: 49 }, 3, 49)).toMatchObject({ offset: 196, limit: 50 })
    expect(forward(config, { offset: 300 }, 2, 50)).toMatchObject({ offset: 400 })
    expect(forward(config, { offset: 301 }, 2, 50)).toBeUndefined()
    expect(forward({ type: 'offset', start: 1 }, {}, 1, 10)).toMatchObject({ offset: 11 })
  })

  it('by number are as many numbers further on', () => {
    expect(forward({ type: 'page' }, { page: 4 }, 3, 50)).toMatchObject({ page: 7 })
    expect(forward({ type: 'page', start: 0 }, {}, 2, 50)).toMatchObject({ page: 2 })
  })

  it.each([
    [1, 1, 7, 6],
    [1, 7, 7, 0],
    [0, 0, 7, 6],
    [1, 9, 7, 0],
    [1, 1, 'many', null],
    [1, 1, -1, null],
  ])('with pages from %i, of page %i of %s there are %s left', (start, number, pages, left) => {
    const config = { type: 'page', start, total_pages_path: 'pages' }
    const request = firstRequest({ page: number })
    const response = responseTo(request, { pages })
    expect(paginatorOf(config).counting!()!.pagesLeft!(request, response)).toBe(left)
  })
})
