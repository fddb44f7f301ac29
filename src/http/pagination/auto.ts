import * as z from 'zod'
import { SluiceError } from '../../core/errors.ts'
import type { Variant } from '../../core/registry.ts'
import type { RestRequest, RestResponse } from '../types.ts'
import { cursor } from './cursor.ts'
import {
  findCount,
  findCursor,
  findHasMore,
  findNextUrl,
  findTotal,
  findTotalPages,
  longestList,
} from './detect.ts'
import { linkHeader } from './link-header.ts'
import { linkWithRel } from './links.ts'
import { nextUrl } from './next-url.ts'
import { offset } from './offset.ts'
import { page } from './page.ts'
import type { PaginationContext, Paginator } from './paginator.ts'
import { toCount } from './signals.ts'
import { single } from './single.ts'

const config = z.strictObject({ type: z.literal('auto') })

/** Parameters that ask for a page size, and the offset that APIs with this name take. */
const OFFSET_OF_LIMIT: Readonly<Record<string, string>> = {
  _limit: '_skip',
  limit: 'offset',
  maxSize: 'offset',
  $top: '$skip',
  count: 'offset',
}
const PAGE_SIZES = ['per_page', 'page_size', 'pageSize', 'limit', 'size']
const OFFSETS = ['offset', '_skip', 'skip', '$skip']
const PAGES = ['page', 'page_number', 'pageNumber', 'p']

/**
 * Looks at the first response and goes on as the paginator that fits: a `Link` header, a next URL, a cursor,
 * or a total or `has_more` with the page size that the request itself asks for. Otherwise one page.
 */
export const auto = {
  config,
  create: (_options, context: PaginationContext): Paginator => {
    let chosen: Paginator | undefined
    let countsList: boolean | undefined
    return {
      first: (request) => request,
      next: (request, response, records) => {
        chosen ??= choose(request, response, records.length, context)
        return chosen.next(request, response, records)
      },
      total: (response) => {
        const count = findCount(response.body)
        // What it counts shows on the first page: the page's own count is no more than that, and a list's is only
        // where there are no other pages.
        countsList ??= count !== null && count.value > (longestList(response.body) ?? Infinity)
        const total = findTotal(response) ?? (countsList ? count : null)
        return total !== null && total.value >= 0 ? total.value : null
      },
      counting: () => chosen?.counting?.() ?? null,
    }
  },
} satisfies Variant<typeof config, [PaginationContext], Paginator>

function choose(
  request: RestRequest,
  response: RestResponse,
  received: number,
  context: PaginationContext,
): Paginator {
  const took = (what: string): void => {
    context.log.info(`${context.endpoint}: pagination detected: ${what}`)
  }
  if (linkWithRel(response.headers.link, 'next') !== null) {
    took('link_header')
    return linkHeader.create({ type: 'link_header', rel: 'next' }, context)
  }
  const link = findNextUrl(response.body)
  if (link) {
    took(`next_url at ${link.path}`)
    return nextUrl.create({ type: 'next_url', next_url_path: link.path }, context)
  }
  const hasMore = findHasMore(response.body)
  const token = findCursor(response.body)
  if (token && hasMore?.value !== false) {
    took(`cursor at ${token.path}, sent as ${token.param}`)
    const options = { type: 'cursor', cursor_path: token.path, cursor_param: token.param } as const
    return cursor.create(cursor.config.parse(options), context)
  }
  const count = findCount(response.body)
  const total = findTotal(response) ?? (count !== null && count.value > received ? count : null)
  const pages = findTotalPages(response.body)
  const more = hasMore?.value ?? (isMore(total?.value, received) || (pages?.value ?? 1) > 1)
  if (!more || received === 0) {
    took('single page')
    return single.create({ type: 'single' }, context)
  }
  const paths = {
    has_more_path: hasMore?.path,
    total_path: total?.path === 'X-Total-Count' ? undefined : total?.path,
    total_pages_path: pages?.path,
  }
  const counted = pageNumbers(request, paths, context) ?? offsets(request, paths, context)
  if (counted) {
    took(counted.what)
    return counted.paginator
  }
  const says = hasMore?.path ?? total?.path ?? pages?.path ?? 'the response'
  throw unreadable(context.endpoint, says, received)
}

function isMore(total: number | undefined, received: number): boolean {
  return total !== undefined && (total === -1 || total > received)
}

interface Counted {
  readonly what: string
  readonly paginator: Paginator
}

type Paths = Readonly<Record<string, string | undefined>>

function sentCount(request: RestRequest, name: string): number | null {
  return toCount(request.params[name])
}

/** Goes on by page number, where the request has one, or a page size of APIs that count pages. */
function pageNumbers(
  request: RestRequest,
  paths: Paths,
  context: PaginationContext,
): Counted | null {
  const pageParam = PAGES.find((name) => sentCount(request, name) !== null)
  const sizeParam = PAGE_SIZES.find((name) => (sentCount(request, name) ?? 0) > 0)
  if (pageParam === undefined && !sizeParam?.startsWith('p')) return null
  const page_param = pageParam ?? 'page'
  const options = page.config.parse({
    type: 'page',
    page_param,
    start: sentCount(request, page_param) ?? 1,
    ...(sizeParam && { limit_param: sizeParam, limit: sentCount(request, sizeParam) }),
    has_more_path: paths.has_more_path,
    total_pages_path: paths.total_pages_path,
  })
  return { what: `page numbers in ${page_param}`, paginator: page.create(options, context) }
}

/** Goes on by offset, where the request has a page size. */
function offsets(request: RestRequest, paths: Paths, context: PaginationContext): Counted | null {
  const limit_param = Object.keys(OFFSET_OF_LIMIT).find(
    (name) => (sentCount(request, name) ?? 0) > 0,
  )
  if (limit_param === undefined) return null
  const sent = OFFSETS.find((name) => sentCount(request, name) !== null)
  const offset_param = sent ?? OFFSET_OF_LIMIT[limit_param]!
  const options = offset.config.parse({
    type: 'offset',
    limit_param,
    offset_param,
    limit: sentCount(request, limit_param),
    start: sentCount(request, offset_param) ?? 0,
    has_more_path: paths.has_more_path,
    total_path: paths.total_path,
  })
  return {
    what: `offset in ${offset_param}, page size in ${limit_param}`,
    paginator: offset.create(options, context),
  }
}

function unreadable(endpoint: string, path: string, received: number): SluiceError {
  const message = `${endpoint}: ${path} says there are more than the ${received} records received, but not how to ask for them`
  return new SluiceError('PAGINATION_INVALID', message, {
    hint: 'set pagination for this endpoint: {type: offset, limit_param: ..., offset_param: ...} or another type',
    details: { endpoint, received },
  })
}
