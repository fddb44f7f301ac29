import { describe, expect, it } from 'vitest'
import { rateLimitConfig } from '../../../../src/http/rate-budget.ts'
import { createGrouping, type Grouping } from '../../../../src/http/rate-limit/grouping.ts'

const grouping = (config: object): Grouping => createGrouping(rateLimitConfig.parse(config))

describe('the groups of a rate limit', () => {
  it('are the source, or each method and path, where none is configured', () => {
    const bySource = grouping({})
    expect(bySource.groupOf('GET', '/lead/')).toBe(bySource.groupOf('POST', '/user/'))
    const byPath = grouping({ group_by: 'path' })
    expect(byPath.groupOf('GET', '/lead/')).toBe('GET /lead/')
    expect(byPath.groupOf('GET', '/lead/')).not.toBe(byPath.groupOf('POST', '/lead/'))
  })

  it.each([
    ['/data/search/', '/data/search/', true],
    ['/data/search/', 'data/search', true],
    ['data/search', '/data/search/', true],
    ['/data/search/', '/data/search/more/', false],
    ['/data/search/', '/v2/data/search/', false],
    ['/activity/*', '/activity/', true],
    ['/activity/*', '/activity/custom/type/', true],
    ['/activity/*', '/activities/', false],
    ['*/search', '/data/search/', true],
    ['*', '/anything/at/all', true],
    ['/group/{id}/', '/group/{group_id}/', true],
    ['/group/{id}/', '/group/g_1/', true],
    ['/group/{id}/', '/group/', false],
    ['/group/{id}/', '/group/g_1/members/', false],
    ['/v1.0/(a)', '/v1.0/(a)', true],
    ['/v1.0/a', '/v1x0/a', false],
  ])('%s takes %s: %s', (path, asked, fits) => {
    const groups = grouping({ groups: [{ name: 'mine', path }] })
    expect(groups.groupOf('GET', asked)).toBe(fits ? 'mine' : 'source')
  })

  it('are by method where they say so, and the first that fits', () => {
    const groups = grouping({
      group_by: 'path',
      groups: [
        { name: 'search', method: 'POST', path: '/data/search/' },
        { name: 'data', path: '/data/*' },
      ],
    })
    expect(groups.groupOf('POST', '/data/search/')).toBe('search')
    expect(groups.groupOf('GET', '/data/search/')).toBe('data')
    expect(groups.groupOf('GET', '/user/')).toBe('GET /user/')
  })

  it('have what they say themselves, and the rest as every group', () => {
    const groups = grouping({
      per_group: { requests_per_second: 20, burst: 5 },
      groups: [{ name: 'search', path: '/data/search/', requests_per_second: 2 }],
    })
    expect(groups.shareOf('search')).toMatchObject({ requests_per_second: 2, burst: 5 })
    expect(groups.shareOf('GET /user/')).toEqual({ requests_per_second: 20, burst: 5 })
  })

  it.each([
    [[{ name: 'source', path: '*' }], ['groups', 0, 'name']],
    [
      [
        { name: 'a', path: '/a' },
        { name: 'b', path: '/b' },
        { name: 'a', path: '/c' },
      ],
      ['groups', 2, 'name'],
    ],
    [[{ name: 'a', path: '/a', requests_per_second: 0 }], ['groups', 0, 'requests_per_second']],
    [[{ name: 'a', path: '/a', method: 'PUT' }], ['groups', 0, 'method']],
  ])('%j are refused', (groups, path) => {
    expect(rateLimitConfig.safeParse({ groups }).error?.issues).toMatchObject([{ path }])
  })
})
