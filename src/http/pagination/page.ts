import * as z from 'zod'
import type { Variant } from '../../core/registry.ts'
import type { RestRequest, RestResponse } from '../types.ts'
import type { PaginationContext, Paginator } from './paginator.ts'
import { listEnd, location, pageSize, paramOf, withParams } from './params.ts'
import { countSignal, hasMoreSignal, toCount } from './signals.ts'

const config = z.strictObject({
  type: z.literal('page'),
  page_param: z.string().min(1).default('page').describe('Parameter for the page number.'),
  ...pageSize,
  start: z.int().min(0).default(1).describe('Number of the first page.'),
  total_pages_path: z.string().optional().describe('Path to the number of pages.'),
  total_path: z
    .string()
    .optional()
    .describe(
      'Path to the number of records in the list: tells how far a walk is, and that a list has shifted while it was read.',
    ),
  ...listEnd,
  in: location,
})

/** Asks for page after page by number, until `has_more: false`, the last page, or an empty one. */
export const page = {
  config,
  create: (options, { warn }: PaginationContext): Paginator => {
    const { page_param, limit_param, limit, start, in: where } = options
    const hasMore = hasMoreSignal(options.has_more_path)
    const totalPages = countSignal(options.total_pages_path)
    const total = countSignal(options.total_path)
    const size = limit === undefined ? {} : { [limit_param]: limit }
    const at = (request: RestRequest, number: number): RestRequest =>
      withParams(request, { ...size, [page_param]: number }, where)
    const numberOf = (request: RestRequest): number =>
      toCount(paramOf(request, page_param, where)) ?? start
    const lastOf = (response: RestResponse): number | null => {
      const pages = totalPages(response)
      return pages === null || pages < 0 ? null : pages - 1 + Math.min(start, 1)
    }
    return {
      first: (request) => at(request, start),
      next: (request, response, records) => {
        const more = hasMore(response)
        const last = lastOf(response)
        const number = numberOf(request)
        if (records.length === 0) {
          if (more ?? (last !== null && number < last)) {
            warn('EMPTY_PAGE', `stopped at the empty page ${number}, which claims there is more`)
          }
          return null
        }
        if (more === null) {
          if (last !== null && number >= last) return null
          if (options.stop_on_short_page && limit !== undefined && records.length < limit)
            return null
        }
        return more === false ? null : at(request, number + 1)
      },
      total: (response) => {
        const count = total(response)
        return count !== null && count >= 0 ? count : null
      },
      counting: () => ({
        // Pages have fixed borders, so none can begin with the end of the one before.
        overlap: 0,
        back: (request, records) => {
          const number = numberOf(request)
          const pages = limit === undefined ? 1 : Math.ceil(records / limit)
          return number > start ? at(request, Math.max(start, number - pages)) : null
        },
        forward: (request, pages) => at(request, numberOf(request) + pages),
        pagesLeft: (request, response) => {
          const last = lastOf(response)
          return last === null ? null : Math.max(0, last - numberOf(request))
        },
      }),
    }
  },
} satisfies Variant<typeof config, [PaginationContext], Paginator>
