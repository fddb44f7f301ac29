import * as z from 'zod'
import { SluiceError } from '../../core/errors.ts'
import type { Variant } from '../../core/registry.ts'
import type { RestRequest } from '../types.ts'
import type { PaginationContext, Paginator } from './paginator.ts'
import { listEnd, location, paramOf, withParams } from './params.ts'
import { countSignal, END, hasMoreSignal, MORE, toCount } from './signals.ts'

const config = z.strictObject({
  type: z.literal('offset'),
  limit_param: z.string().min(1).default('limit').describe('Parameter for the page size.'),
  offset_param: z
    .string()
    .min(1)
    .default('offset')
    .describe('Parameter for the number of records to skip.'),
  limit: z.int().positive().default(100).describe('Records to ask for per page.'),
  start: z.int().min(0).default(0).describe('Offset of the first record.'),
  max_offset: z
    .int()
    .min(0)
    .optional()
    .describe(
      'Greatest offset that the API accepts; where a greater one is needed, a window is split, and a list without windows fails.',
    ),
  total_path: z
    .string()
    .optional()
    .describe('Path to the number of records in the list; -1 means more, -2 the end (EspoCRM).'),
  overlap: z
    .int()
    .min(0)
    .default(1)
    .describe(
      'Records of the page before that each page begins with: a list that shifts while it is read is then noticed, and its place found again. 0 reads without this check.',
    ),
  ...listEnd,
  in: location,
})

/**
 * Asks for records `offset` to `offset + limit` and moves by the records received, so that an API that
 * lowers the limit loses none. Ends with `has_more: false`, at the total, or on an empty page.
 */
export const offset = {
  config,
  create: (options, { endpoint, warn }: PaginationContext): Paginator => {
    const { limit_param, offset_param, limit, start, max_offset, in: where } = options
    const hasMore = hasMoreSignal(options.has_more_path)
    const total = countSignal(options.total_path)
    const at = (request: RestRequest, skip: number): RestRequest => {
      if (max_offset !== undefined && skip > max_offset) throw beyond(endpoint, max_offset)
      return withParams(request, { [limit_param]: limit, [offset_param]: skip }, where)
    }
    return {
      first: (request) => at(request, start),
      next: (request, response, records) => {
        const more = hasMore(response)
        const count = total(response)
        const skip = (toCount(paramOf(request, offset_param, where)) ?? start) + records.length
        // A list that is counted from 1 has its last record at the total itself.
        const left = count === null || count < 0 ? null : count - (skip - Math.min(start, 1))
        if (records.length === 0) {
          if (more ?? (count === MORE || (left !== null && left > 0))) {
            warn(
              'EMPTY_PAGE',
              `stopped at an empty page at offset ${skip} that claims there is more`,
            )
          }
          return null
        }
        if (more === null) {
          if (count === END || (left !== null && left <= 0)) return null
          if (options.stop_on_short_page && count !== MORE && records.length < limit) return null
        }
        return more === false ? null : at(request, skip)
      },
      total: (response) => {
        const count = total(response)
        return count !== null && count >= 0 ? count : null
      },
      counting: () => ({
        overlap: options.overlap,
        back: (request, records) => {
          const skip = toCount(paramOf(request, offset_param, where)) ?? start
          return skip > start ? at(request, Math.max(start, skip - records)) : null
        },
        forward: (request, pages, size) => {
          const skip = (toCount(paramOf(request, offset_param, where)) ?? start) + pages * size
          return max_offset !== undefined && skip > max_offset ? null : at(request, skip)
        },
      }),
    }
  },
} satisfies Variant<typeof config, [PaginationContext], Paginator>

function beyond(endpoint: string, maxOffset: number): SluiceError {
  const message = `${endpoint}: records beyond offset ${maxOffset} can't be read by offset`
  return new SluiceError('PAGINATION_CAPPED', message, {
    hint: 'set incremental.window so that each range is a shorter list, or page by cursor or keyset',
    details: { endpoint, max_offset: maxOffset },
  })
}
