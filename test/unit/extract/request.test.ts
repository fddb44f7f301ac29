import { describe, expect, it } from 'vitest'
import { incrementalConfig } from '../../../src/extract/config.ts'
import type { ExtractEndpoint } from '../../../src/extract/endpoint.ts'
import { knownParentFields, parentFields, parentValues } from '../../../src/extract/parents.ts'
import { buildRequest, sendsLowerBound } from '../../../src/extract/request.ts'

function endpoint(more: Partial<ExtractEndpoint>): ExtractEndpoint {
  return {
    name: 'leads',
    path: '/lead/',
    method: 'GET',
    params: {},
    headers: {},
    selector_missing: 'error',
    query_style: 'plain',
    transform: [],
    on_status: {},
    ...more,
  }
}

function build(more: Partial<ExtractEndpoint>, scope: Record<string, unknown> = {}, mapped = {}) {
  return buildRequest(endpoint(more), {
    baseUrl: 'http://127.0.0.1/api/v1/',
    params: { shared: 1, dropped: 2 },
    scope: new Map(Object.entries({ ...scope, ...mapped })) as never,
    mapped: new Map(Object.entries(mapped)),
  })
}

const incremental = (more: object) => incrementalConfig.parse({ cursor_path: 'at', ...more })

describe('buildRequest', () => {
  it("joins the path and merges the source's parameters under the endpoint's", () => {
    const request = build({
      params: { _limit: 5, dropped: null },
      headers: { Accept: null, 'X-TZ': '0' },
    })
    expect(request.url).toBe('http://127.0.0.1/api/v1/lead/')
    expect(request.params).toEqual({ shared: 1, _limit: 5 })
    expect(request.headers).toEqual({ Accept: null, 'X-TZ': '0' })
  })

  it('encodes path values, so that a parent id can not change the route', () => {
    const request = build({ path: '/user/{user_id}/posts/' }, {}, { user_id: 'p/1?#' })
    expect(request.url).toBe('http://127.0.0.1/api/v1/user/p%2F1%3F%23/posts/')
    expect(request.params).not.toHaveProperty('user_id')
  })

  it('sends a mapped parameter that no template uses in the query', () => {
    expect(build({ path: '/task/' }, {}, { assigned_to: 'user_1' }).params).toMatchObject({
      assigned_to: 'user_1',
    })
  })

  it('names a path parameter that has no value', () => {
    expect(() => build({ path: '/org/{vars.org}/' })).toThrow(/needs a value for \{vars\.org\}/)
  })

  it('sends the bound under its literal name, and only when there is one', () => {
    const config = {
      incremental: incremental({ param_name: 'date_updated>=', params: { sort: 'at' } }),
    }
    expect(build(config, { 'cursor.start': '2025-01-01' }).params).toMatchObject({
      'date_updated>=': '2025-01-01',
      sort: 'at',
    })
    expect(build(config).params).not.toHaveProperty('sort')
  })

  it('keeps types in a body and adds the bound to a list of conditions', () => {
    const request = build(
      {
        method: 'POST',
        json: { query: { queries: [{ type: 'lead' }] }, limit: 5, since: '{cursor.start}' },
        incremental: incremental({ json: { query: { queries: [{ after: '{cursor.start}' }] } } }),
      },
      { 'cursor.start': 17 },
    )
    expect(request.body).toEqual({
      query: { queries: [{ type: 'lead' }, { after: 17 }] },
      limit: 5,
      since: 17,
    })
  })

  it('leaves out what a missing bound would fill, and sends an empty body when that is asked for', () => {
    expect(build({ params: { since: '{cursor.start}' } }).params).not.toHaveProperty('since')
    expect(build({ method: 'POST', json: {} }).body).toEqual({})
    expect(build({ method: 'POST' }).body).toBeUndefined()
  })
})

describe('sendsLowerBound', () => {
  it.each<[Partial<ExtractEndpoint>, boolean]>([
    [{}, false],
    [{ incremental: incremental({}) }, false],
    [{ incremental: incremental({ param_name: 'since' }) }, true],
    [{ incremental: incremental({ json: { since: 1 } }) }, true],
    [{ incremental: incremental({}), params: { q: 'at>"{cursor.start}"' } }, true],
  ])('%j: %s', (config, sends) => {
    expect(sendsLowerBound(endpoint(config))).toBe(sends)
  })
})

describe('parents', () => {
  const child = endpoint({
    name: 'posts',
    path: '/user/{user_id}/posts/',
    params: { org: '{parent.organization_id}' },
    depends_on: {
      endpoint: 'users',
      param_mapping: { user_id: 'id' },
      include: ['email'],
      only_changed: false,
    },
  })

  it('are asked for every field that is mapped, included or used in a template', () => {
    expect(parentFields(child)).toEqual(['id', 'email', 'organization_id'])
  })

  it('give a scope, included columns and the name of a partition', () => {
    const values = new Map<string, string>([
      ['id', 'user_1'],
      ['email', 'a@b.example'],
      ['organization_id', 'orga_1'],
    ])
    const given = parentValues(child, values)!
    expect(given.scope.get('user_id')).toBe('user_1')
    expect(given.scope.get('parent.organization_id')).toBe('orga_1')
    expect(given.included).toEqual({ _users_email: 'a@b.example' })
    expect(given.partition).toBe('{"user_id":"user_1"}')
  })

  it('without the mapped value have no children to ask for', () => {
    expect(parentValues(child, new Map([['id', null]]))).toBeNull()
  })

  it('whose table lacks a field are an error that lists what there is', () => {
    const table = {
      endpoint: 'users',
      columns: [{ path: null }, { path: ['uid'] }, { path: ['a', 'b'] }],
    }
    expect(() => knownParentFields(child, table)).toThrow(/no record of users has a field "id"/)
    const withId = { ...table, columns: [...table.columns, { path: ['id'] }] }
    expect(knownParentFields(child, withId)).toEqual(['id'])
  })

  it('give null for what no parent has, and are skipped where the path needs it', () => {
    const given = parentValues(child, new Map([['id', 'user_1']]))!
    expect(given.included).toEqual({ _users_email: null })
    expect(given.scope.get('parent.organization_id')).toBeNull()
    const inPath = { ...child, path: '/org/{parent.organization_id}/{user_id}/' }
    expect(parentValues(inPath, new Map([['id', 'user_1']]))).toBeNull()
  })
})
