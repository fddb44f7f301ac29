import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import { SluiceError } from '../../core/errors.ts'
import { compileGet } from '../../core/path.ts'
import type { Variant } from '../../core/registry.ts'
import type { PaginationContext, Paginator } from './paginator.ts'
import { location, pageSize, paramOf, withParams } from './params.ts'
import { hasMoreSignal } from './signals.ts'

const config = z.strictObject({
  type: z.literal('keyset'),
  param: z.string().min(1).describe('Parameter for the value to go on after.'),
  field: z
    .string()
    .min(1)
    .describe('Field of the last record that holds the value; the API must sort by it.'),
  ...pageSize,
  limit: pageSize.limit.describe(
    'Records to ask for per page; a page with fewer is the last, unless the API may have a lower limit of its own.',
  ),
  in: location,
})

/** APIs lower a limit to a round number. */
const LOWERED_TO = 5

/**
 * Goes on after the last record received (`after_id=42`), until a page is short or empty. A page that is short
 * by a limit of the API's own would end the list in silence, so a full multiple of five is asked beyond once more.
 */
export const keyset = {
  config,
  create: (options, { endpoint }: PaginationContext): Paginator => {
    const { param, field, limit_param, limit, in: where } = options
    const fieldOf = compileGet(field)
    const hasMore = hasMoreSignal(undefined)
    const size = limit === undefined ? {} : { [limit_param]: limit }
    return {
      first: (request) => withParams(request, size, where),
      next: (request, response, records) => {
        const last = records.at(-1)
        const more = hasMore(response)
        if (last === undefined || more === false) return null
        const value = fieldOf(last) ?? null
        if (limit !== undefined && records.length < limit && more === null) {
          const isAsked = isDeepStrictEqual(paramOf(request, param, where), value)
          if (records.length % LOWERED_TO > 0 || isAsked) return null
        }
        if (value !== null && typeof value !== 'object') {
          return withParams(request, { [param]: value }, where)
        }
        const message = `${endpoint}: the last record of a page has no value at "${field}"`
        throw new SluiceError('PAGINATION_INVALID', message, {
          hint: 'set pagination.field to a field that every record has and the API sorts by',
          details: { endpoint, field },
        })
      },
    }
  },
} satisfies Variant<typeof config, [PaginationContext], Paginator>
