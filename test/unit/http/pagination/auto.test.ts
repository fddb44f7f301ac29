import { describe, expect, it } from 'vitest'
import type { RestRequest } from '../../../../src/http/types.ts'
import { firstRequest, responseTo } from '../../../conformance/paginator.ts'
import { paginatorOf, walk, type Logged } from './support.ts'

/** What auto asks for after a first page of two records, and what it said. */
function detect(
  body: unknown,
  {
    params = {},
    link,
    total,
  }: { params?: RestRequest['params']; link?: string; total?: string } = {},
): { url: string | undefined; params: unknown; said: string | undefined } {
  const logged: Logged = []
  const headers = { link, 'x-total-count': total }
  const page = { body: body as never, records: 2, headers }
  const next = walk({ type: 'auto' }, [page], firstRequest(params), logged)[1]
  return {
    url: next?.url,
    params: next?.params,
    said: logged.find(([level]) => level === 'info')?.[1],
  }
}

describe('auto', () => {
  it('sends the first request as it is', () => {
    expect(walk({ type: 'auto' }, [], firstRequest({ a: 1 }))[0]).toEqual(firstRequest({ a: 1 }))
  })

  it('takes a Link header before anything else', () => {
    const { url, said } = detect(
      { next_cursor: 'a', next: '/y' },
      { link: '</x?page=2>; rel="next"' },
    )
    expect(url).toBe('https://api.example.com/x?page=2')
    expect(said).toBe('items: pagination detected: link_header')
  })

  it.each<[unknown, string]>([
    [{ next: 'https://api.example.com/items/?page=2' }, 'next'],
    [{ next_page_url: '/items/?page=2' }, 'next_page_url'],
    [{ links: { next: '?page=2' } }, 'links.next'],
    [{ _links: { next: { href: '/items/?page=2' } } }, '_links.next.href'],
    [{ '@odata.nextLink': 'https://api.example.com/items/?page=2' }, "['@odata.nextLink']"],
    [{ meta: { pagination: { links: { next: '/items/?page=2' } } } }, 'meta.pagination.links.next'],
  ])('takes the next URL of %j', (body, path) => {
    const { url, said } = detect(body)
    expect(url).toBe('https://api.example.com/items/?page=2')
    expect(said).toBe(`items: pagination detected: next_url at ${path}`)
  })

  it.each<[unknown, string]>([
    [{ cursor_next: 'x' }, '_cursor'],
    [{ meta: { next_cursor: 'x' } }, 'cursor'],
    [{ next_page_token: 'x' }, 'page_token'],
    [{ nextPageToken: 'x' }, 'pageToken'],
    [{ page_info: { end_cursor: 'x', has_next_page: true } }, 'after'],
  ])('takes the cursor of %j, sent as %s', (body, param) => {
    expect(detect(body).params).toEqual({ [param]: 'x' })
  })

  it.each<[unknown, RestRequest['params'], object]>([
    [{ has_more: true }, { _limit: 2 }, { _limit: 2, _skip: 2 }],
    [{ has_more: true }, { _limit: '2', _skip: 4 }, { _limit: 2, _skip: 6 }],
    [{ total: 5 }, { limit: 2 }, { limit: 2, offset: 2 }],
    [{ total: -1 }, { maxSize: 2 }, { maxSize: 2, offset: 2 }],
    [{ has_more: true }, { limit: 2, page: 1 }, { limit: 2, page: 2 }],
    [{ meta: { total_count: '9' } }, { per_page: 2 }, { per_page: 2, page: 2 }],
    [{ pagination: { has_next_page: true } }, { limit: 2, page: 3 }, { limit: 2, page: 4 }],
    [{ total_pages: 3 }, { page: 1 }, { page: 2 }],
  ])('goes on after %j from the parameters %j', (body, params, next) => {
    expect(detect(body, { params }).params).toEqual(next)
  })

  it('reads X-Total-Count', () => {
    expect(detect([], { params: { limit: 2 }, total: '5' }).params).toEqual({ limit: 2, offset: 2 })
    expect(detect([], { params: { limit: 2 }, total: '2' }).params).toBeUndefined()
  })

  it.each<[unknown]>([
    [[]],
    [{}],
    [{ has_more: false, next_cursor: 'a' }],
    [{ total: 2 }],
    [{ total: -2 }],
    [{ total_pages: 1 }],
    [{ next: null }],
    [null],
  ])('takes %j for the only page', (body) => {
    expect(detect(body)).toEqual({
      url: undefined,
      params: undefined,
      said: 'items: pagination detected: single page',
    })
  })

  it.each<[unknown, string]>([
    [{ has_more: true }, 'has_more'],
    [{ meta: { total: 3 } }, 'meta.total'],
    [{ total_pages: 2 }, 'total_pages'],
  ])('fails on %j when the request has nothing to page with', (body, path) => {
    expect(() => detect(body, { params: { sort: 'id' } })).toThrow(
      expect.objectContaining({
        code: 'PAGINATION_INVALID',
        message: `items: ${path} says there are more than the 2 records received, but not how to ask for them`,
      }),
    )
  })

  it('stays with what it took, and says it once', () => {
    const logged: Logged = []
    const pages = [4, 2, 0].map((left) => ({ body: { has_more: left > 0 }, records: 2 }))
    const made = walk({ type: 'auto' }, pages, firstRequest({ limit: 2 }), logged)
    expect(made.map((request) => request && request.params.offset)).toEqual([undefined, 2, 4, null])
    expect(logged).toHaveLength(1)
  })

  it('tells the total where the body has one', () => {
    const paginator = paginatorOf({ type: 'auto' })
    expect(paginator.total?.(responseTo(firstRequest(), { total_results: 250 }))).toBe(250)
    expect(paginator.total?.(responseTo(firstRequest(), { total: -1 }))).toBeNull()
  })

  /** What it takes for the total, page by page. */
  const totalsOf = (...bodies: object[]) => {
    const paginator = paginatorOf({ type: 'auto' })
    return bodies.map((body) => paginator.total?.(responseTo(firstRequest(), body as never)))
  }

  it.each<[string, object[], (number | null)[]]>([
    [
      'the list',
      [
        { count: 5, data: [1, 2] },
        { meta: { count: 4 }, data: [1, 2] },
      ],
      [5, 4],
    ],
    [
      'a list that became shorter',
      [
        { count: 5, data: [1, 2] },
        { count: 1, data: [] },
      ],
      [5, 1],
    ],
    [
      'the page',
      [
        { count: 2, data: [1, 2] },
        { count: 1, data: [1] },
      ],
      [null, null],
    ],
    [
      'the page, and is the page size',
      [
        { count: 2, data: [1, 2] },
        { count: 2, data: [1] },
      ],
      [null, null],
    ],
    [
      'a page of which not all is selected',
      [{ count: 2, page: { data: [1, 2], tags: [1] } }],
      [null],
    ],
    ['a list that is one page', [{ count: 2, data: [1, 2] }], [null]],
    ['what can not be told', [{ count: 2, data: { a: {}, b: {} } }], [null]],
    ['the page, beside a total', [{ count: 2, data: [1, 2], meta: { total: 5 } }], [5]],
  ])('knows a count of %s', (_, bodies, totals) => {
    expect(totalsOf(...bodies)).toEqual(totals)
  })

  it('goes on by a count that is greater than the page', () => {
    expect(detect({ count: 5 }, { params: { limit: 2 } }).params).toEqual({ limit: 2, offset: 2 })
    expect(detect({ count: 2 }, { params: { limit: 2 } }).params).toBeUndefined()
    expect(detect({ count: 2, meta: { total: 5 } }, { params: { limit: 2 } }).params).toEqual({
      limit: 2,
      offset: 2,
    })
  })
})
