import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../../src/core/json.ts'
import { silentLogger } from '../../src/core/log.ts'
import { paginators, type PaginationConfig } from '../../src/http/pagination/index.ts'
import type { Paginator } from '../../src/http/pagination/paginator.ts'
import type { RestRequest, RestResponse } from '../../src/http/types.ts'
import { withQuery } from '../../src/http/url.ts'

/** How an API that suits one paginator answers. */
export interface PaginatorSample {
  readonly type: PaginationConfig['type']
  /** The configuration as YAML has it. */
  readonly config: object
  /** Parameters of the endpoint itself; must reach the API with every request. */
  readonly params: RestRequest['params']
  /** One page of `all`, in the API's own envelope. */
  readonly respond: (request: RestRequest, all: readonly JsonRecord[]) => RestResponse
  /** Whether the API's pages name the next URL, which may then be on another origin. */
  readonly followsLinks: boolean
  /** Paginators that read only the first page. */
  readonly onePage?: boolean
}

export const pageSize = 3

export const firstRequest = (params: RestRequest['params'] = {}): RestRequest => ({
  method: 'GET',
  url: 'https://api.example.com/items/',
  params,
  queryStyle: 'plain',
  headers: { 'X-Tenant': 'acme' },
  body: undefined,
})

export const responseTo = (
  request: RestRequest,
  body: RestResponse['body'],
  headers: RestResponse['headers'] = {},
): RestResponse => ({
  status: 200,
  url: request.url,
  headers,
  body,
  bytes: 0,
  nulsRemoved: 0,
  serverTime: null,
})

/** Every query parameter of a request, whether in its URL or beside it. */
export function queryOf(request: RestRequest): Record<string, string> {
  const url = withQuery(request.url, request.params, request.queryStyle)
  return Object.fromEntries(new URL(url).searchParams)
}

const items = (count: number): JsonRecord[] =>
  Array.from({ length: count }, (_, index) => ({ id: index + 1 }))

/** What every paginator promises, whatever the API's style; a new one can't land without passing it. */
export function paginatorConformance(sample: PaginatorSample): void {
  const create = (): Paginator =>
    paginators.create(paginators.config.parse(sample.config), {
      endpoint: 'items',
      log: silentLogger,
      warn: () => {},
    })

  function walk(count: number): { requests: RestRequest[]; read: unknown[] } {
    const paginator = create()
    const all = items(count)
    const requests: RestRequest[] = []
    const read: unknown[] = []
    let request: RestRequest | null = paginator.first(firstRequest(sample.params))
    while (request && requests.length < 50) {
      requests.push(request)
      const response = sample.respond(request, all)
      const { data } = response.body as { data: JsonRecord[] }
      read.push(...data.map((record) => record.id))
      request = paginator.next(request, response, data)
    }
    return { requests, read }
  }

  describe(`the ${sample.type} paginator`, () => {
    it.each([1, 2, 3, 4, 6, 7, 20])('reads every one of %d records once, then stops', (count) => {
      const { read, requests } = walk(count)
      const readable = sample.onePage ? Math.min(count, pageSize) : count
      expect(read).toEqual(items(readable).map((record) => record.id))
      expect(requests.length).toBeLessThanOrEqual(Math.ceil(count / pageSize) + 1)
    })

    it('stops on an empty list', () => {
      expect(walk(0)).toMatchObject({ read: [], requests: [{}] })
    })

    it('never repeats a request', () => {
      const made = walk(20).requests.map((request) => JSON.stringify([request.url, request.params]))
      expect(new Set(made).size).toBe(made.length)
    })

    it("keeps the caller's parameters, headers and method", () => {
      for (const request of walk(7).requests) {
        expect(queryOf(request)).toMatchObject(sample.params)
        expect(request).toMatchObject({ method: 'GET', headers: { 'X-Tenant': 'acme' } })
      }
    })

    it('mutates neither the request nor the response', () => {
      const paginator = create()
      const request = Object.freeze(paginator.first(deepFreeze(firstRequest(sample.params))))
      const response = deepFreeze(sample.respond(request, items(7)))
      const { data } = response.body as { data: JsonRecord[] }
      expect(() => paginator.next(request, response, data)).not.toThrow()
    })

    it('is complete with its type, or names what is missing', () => {
      const result = paginators.config.safeParse({ type: sample.type, unknown_key: 1 })
      expect(result.error?.issues.map((issue) => issue.code)).toContain('unrecognized_keys')
    })

    const foreign = [
      'https://evil.example/items/?page=2',
      '//evil.example/x',
      'http://api.example.com/x',
    ]
    it.each(sample.followsLinks ? foreign : [])('refuses a next page at %s', (link) => {
      const request = create().first(firstRequest(sample.params))
      const body = { data: items(3), next: link }
      const response = responseTo(request, body, { link: `<${link}>; rel="next"` })
      expect(() => create().next(request, response, items(3))).toThrow(
        expect.objectContaining({ code: 'PAGINATION_ORIGIN' }),
      )
    })
  })
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}
