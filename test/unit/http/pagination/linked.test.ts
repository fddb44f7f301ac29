import { describe, expect, it } from 'vitest'
import { linkWithRel } from '../../../../src/http/pagination/links.ts'
import { firstRequest, responseTo } from '../../../conformance/paginator.ts'
import { paginatorOf, records, walk, type Logged } from './support.ts'

describe('cursor', () => {
  const cursors = (config: object, body: object): unknown =>
    walk({ type: 'cursor', cursor_param: '_cursor', ...config }, [
      { body: body as never, records: 2 },
    ])[1]?.params._cursor

  it.each<[string, object, unknown]>([
    ['cursor_next', { cursor_next: 'a', cursor_previous: 'b' }, 'a'],
    ['next_cursor', { next_cursor: 17 }, 17],
    ['meta.next_cursor', { meta: { next_cursor: 'a' } }, 'a'],
    ['pagination.nextCursor', { pagination: { nextCursor: 'a' } }, 'a'],
    ['paging.cursors.after', { paging: { cursors: { after: 'a', before: 'b' } } }, 'a'],
    ['paging.next.after', { paging: { next: { after: 'a', link: 'https://x' } } }, 'a'],
    ['next_page_token', { nextPageToken: 'a' }, 'a'],
    ['cursor', { cursor: 'a' }, 'a'],
    ['an integer beyond 2^53', { next_cursor: 2n ** 60n }, 2n ** 60n],
    ['null', { cursor_next: null }, undefined],
    ['an empty text', { next_cursor: '' }, undefined],
    ['nothing', {}, undefined],
    ['has_more: false beside a cursor', { next_cursor: 'a', has_more: false }, undefined],
  ])('finds %s by itself', (_what, body, next) => {
    expect(cursors({}, body)).toBe(next)
  })

  it('reads the path it is given, and no other', () => {
    const config = { cursor_path: 'links.more' }
    expect(cursors(config, { next_cursor: 'a', links: { more: 'b' } })).toBe('b')
    expect(cursors(config, { next_cursor: 'a' })).toBeUndefined()
  })

  it('goes on after an empty page that names a cursor', () => {
    expect(
      walk({ type: 'cursor' }, [{ body: { next_cursor: 'a' }, records: 0 }])[1]?.params,
    ).toEqual({
      cursor: 'a',
    })
  })

  it.each<[string, object, object]>([
    ['has_more without a cursor', {}, { has_more: true }],
    ['an object for a cursor', { cursor_path: 'page' }, { page: { after: 1 } }],
  ])('fails on %s rather than leave rows out', (_what, config, body) => {
    expect(() => cursors(config, body)).toThrow(
      expect.objectContaining({ code: 'PAGINATION_INVALID' }),
    )
  })

  it('drops what may not be sent with a cursor, and keeps the rest', () => {
    const config = {
      type: 'cursor',
      cursor_param: '_cursor',
      limit_param: '_limit',
      limit: 50,
      drop_params: ['date_updated__gte'],
    }
    const request = firstRequest({ date_updated__gte: '2025', object_type: 'lead' })
    const [first, second, third] = walk(
      config,
      [
        { body: { cursor_next: 'a' }, records: 1 },
        { body: { cursor_next: 'b' }, records: 1 },
      ],
      request,
    )
    expect(first?.params).toEqual({ date_updated__gte: '2025', object_type: 'lead', _limit: 50 })
    expect(second?.params).toEqual({ object_type: 'lead', _limit: 50, _cursor: 'a' })
    expect(third?.params).toEqual({ object_type: 'lead', _limit: 50, _cursor: 'b' })
  })

  it('works in a body', () => {
    const request = {
      ...firstRequest(),
      method: 'POST' as const,
      body: { query: {}, from: { at: 1, x: 2 } },
    }
    const config = {
      type: 'cursor',
      in: 'body',
      limit_param: '_limit',
      limit: 2,
      drop_params: ['from.at'],
    }
    const [first, second] = walk(config, [{ body: { cursor: 'a' }, records: 2 }], request)
    expect(first?.body).toEqual({ query: {}, from: { at: 1, x: 2 }, _limit: 2 })
    expect(second?.body).toEqual({ query: {}, from: { x: 2 }, _limit: 2, cursor: 'a' })
  })
})

describe('linkWithRel', () => {
  it.each<[string, string | undefined, string | null]>([
    ['quoted', '<https://a.example/?page=2>; rel="next"', 'https://a.example/?page=2'],
    ['unquoted', '</x?page=2>;rel=next', '/x?page=2'],
    ['among others', '</1>; rel="prev", </3>; rel="next", </9>; rel="last"', '/3'],
    ['with other attributes', '</3>; title="a, b; c"; rel="next"; x=1', '/3'],
    ['with several relations', '</3>; rel="last next"', '/3'],
    ['in capitals', '</3>; REL="Next"', '/3'],
    ['with a comma in the URL', '</3?ids=1,2>; rel="next"', '/3?ids=1,2'],
    ['another relation', '</3>; rel="nextish"', null],
    ['no relation', '</3>', null],
    ['nonsense', 'rel="next"; </3', null],
    ['nothing', undefined, null],
  ])('%s', (_what, header, link) => {
    expect(linkWithRel(header, 'next')).toBe(link)
  })
})

describe('link_header and next_url', () => {
  const request = { ...firstRequest({ limit: 2, page: 1 }) }
  const follow = (link: unknown, url = request.url): unknown => {
    const response = { ...responseTo(request, { meta: { next: link } } as never), url }
    return paginatorOf({ type: 'next_url', next_url_path: 'meta.next' }).next(
      request,
      response,
      records(2),
    )
  }

  it('takes the parameters from the link alone', () => {
    expect(follow('https://api.example.com/items/?page=2')).toMatchObject({
      url: 'https://api.example.com/items/?page=2',
      params: {},
    })
  })

  it.each([
    ['?page=2', 'https://api.example.com/v2/items/?page=2'],
    ['/other?page=2', 'https://api.example.com/other?page=2'],
    ['more', 'https://api.example.com/v2/items/more'],
  ])('resolves %s against the URL that answered', (link, url) => {
    expect(follow(link, 'https://api.example.com/v2/items/')).toMatchObject({ url })
  })

  it.each([[null], [''], [false], [undefined]])('stops at %s', (link) => {
    expect(follow(link ?? null)).toBeNull()
  })

  it.each([[{ href: '/x' }], ['http://[broken'], [7]])('fails on %j', (link) => {
    expect(() => follow(link)).toThrow(expect.objectContaining({ code: 'PAGINATION_INVALID' }))
  })

  it('follows another relation where told to', () => {
    const paginator = paginatorOf({ type: 'link_header', rel: 'older' })
    const response = responseTo(request, [], { link: '</a>; rel="next", </b>; rel="older"' })
    expect(paginator.next(request, response, records(2))?.url).toBe('https://api.example.com/b')
  })

  it('shows no secret of a link it refuses', () => {
    expect(() => follow('https://evil.example/?token=s3cret')).toThrow(
      expect.objectContaining({ message: 'items: the next page is on https://evil.example' }),
    )
  })
})

describe('single', () => {
  it('reads one page, and says so when there is more', () => {
    const logged: Logged = []
    expect(
      walk(
        { type: 'single' },
        [{ body: { has_more: true }, records: 2 }],
        firstRequest(),
        logged,
      )[1],
    ).toBeNull()
    expect(logged).toEqual([['MORE_PAGES', 'has_more is true, but pagination.type is single']])
  })
})
