import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../../../../src/core/json.ts'
import { paginators } from '../../../../src/http/pagination/index.ts'
import type { RestRequest } from '../../../../src/http/types.ts'
import {
  pageSize,
  paginatorConformance,
  queryOf,
  responseTo,
  type PaginatorSample,
} from '../../../conformance/paginator.ts'

const slice = (all: readonly JsonRecord[], from: number): JsonRecord[] =>
  all.slice(from, from + pageSize)

const number = (request: RestRequest, name: string, otherwise: number): number =>
  Number(queryOf(request)[name] ?? otherwise)

/** The link to the page after this one, with the parameters it was asked with. */
function nextLink(request: RestRequest, all: readonly JsonRecord[]): string | null {
  const page = number(request, 'page', 1)
  if (page * pageSize >= all.length) return null
  return `/items/?${new URLSearchParams({ ...queryOf(request), page: String(page + 1) }).toString()}`
}

function pageOf(request: RestRequest, all: readonly JsonRecord[]): JsonRecord[] {
  return slice(all, (number(request, 'page', 1) - 1) * pageSize)
}

const samples: PaginatorSample[] = [
  {
    type: 'offset',
    config: { type: 'offset', limit: pageSize },
    params: { sort: 'id' },
    followsLinks: false,
    respond: (request, all) =>
      responseTo(request, { data: slice(all, number(request, 'offset', 0)) }),
  },
  {
    type: 'page',
    config: { type: 'page', limit: pageSize },
    params: { sort: 'id' },
    followsLinks: false,
    respond: (request, all) => responseTo(request, { data: pageOf(request, all) }),
  },
  {
    type: 'cursor',
    config: { type: 'cursor', cursor_param: 'after' },
    params: { sort: 'id' },
    followsLinks: false,
    respond: (request, all) => {
      const data = slice(all, number(request, 'after', 0))
      const last = data.at(-1)?.id ?? null
      return responseTo(request, { data, next_cursor: last === all.length ? null : last })
    },
  },
  {
    type: 'keyset',
    config: { type: 'keyset', param: 'after_id', field: 'id', limit: pageSize },
    params: { sort: 'id' },
    followsLinks: false,
    respond: (request, all) =>
      responseTo(request, { data: slice(all, number(request, 'after_id', 0)) }),
  },
  {
    type: 'keyset',
    config: { type: 'keyset', params: { after_id: '{last.id}' }, limit: pageSize },
    params: { sort: 'id' },
    followsLinks: false,
    respond: (request, all) =>
      responseTo(request, { data: slice(all, number(request, 'after_id', 0)) }),
  },
  {
    type: 'link_header',
    config: { type: 'link_header' },
    params: { sort: 'id' },
    followsLinks: true,
    respond: (request, all) => {
      const link = nextLink(request, all)
      return responseTo(
        request,
        { data: pageOf(request, all) },
        link ? { link: `<${link}>; rel=next` } : {},
      )
    },
  },
  {
    type: 'next_url',
    config: { type: 'next_url' },
    params: { sort: 'id' },
    followsLinks: true,
    respond: (request, all) =>
      responseTo(request, { data: pageOf(request, all), next: nextLink(request, all) }),
  },
  {
    type: 'single',
    config: { type: 'single' },
    params: { sort: 'id' },
    followsLinks: false,
    onePage: true,
    respond: (request, all) => responseTo(request, { data: slice(all, 0) }),
  },
  {
    type: 'auto',
    config: { type: 'auto' },
    params: { sort: 'id', limit: String(pageSize) },
    followsLinks: true,
    respond: (request, all) => {
      const data = slice(all, number(request, 'offset', 0))
      return responseTo(request, { data, meta: { total: all.length } })
    },
  },
]

for (const sample of samples) paginatorConformance(sample)

describe('the registry', () => {
  it('has no paginator that is not covered here', () => {
    const covered = new Set(samples.map((sample) => sample.type))
    expect([...covered].sort()).toEqual([...paginators.types].sort())
  })
})
