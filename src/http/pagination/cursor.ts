import * as z from 'zod'
import { SluiceError } from '../../core/errors.ts'
import type { JsonValue } from '../../core/json.ts'
import { compileGet } from '../../core/path.ts'
import type { Variant } from '../../core/registry.ts'
import type { RestRequest } from '../types.ts'
import { findCursor } from './detect.ts'
import type { PaginationContext, Paginator } from './paginator.ts'
import { location, pageSize, withoutParamsNamed, withParams } from './params.ts'
import { hasMoreSignal } from './signals.ts'

const config = z.strictObject({
  type: z.literal('cursor'),
  cursor_param: z.string().min(1).default('cursor').describe('Parameter for the cursor.'),
  cursor_path: z
    .string()
    .optional()
    .describe(
      'Path to the next cursor. Default: the first of `cursor_next`, `next_cursor` and the like, at the top or in `meta`, `pagination`, `paging`.',
    ),
  ...pageSize,
  drop_params: z
    .array(z.string())
    .default([])
    .describe('Parameters of the first request that are not sent again with a cursor.'),
  max_records: z
    .int()
    .positive()
    .optional()
    .describe(
      "Records after which the API ends a longer list without saying so (Close's search: 10000). Where the list is sorted (`order: asc`) reading goes on from the bookmark; a window is split; any other list fails.",
    ),
  in: location,
})

/**
 * Sends back the cursor that the last response named, until one names none or says `has_more: false`.
 *
 * ```json
 * {"data": [...], "cursor_next": "WyIyMDI0Il0="}
 * ```
 */
export const cursor = {
  config,
  create: (options, { endpoint }: PaginationContext): Paginator => {
    const { cursor_param, cursor_path, limit_param, limit, drop_params, in: where } = options
    const find =
      cursor_path === undefined
        ? (body: JsonValue) => findCursor(body)?.value
        : compileGet(cursor_path)
    const hasMore = hasMoreSignal(undefined)
    const size = limit === undefined ? {} : { [limit_param]: limit }
    return {
      maxRecords: options.max_records,
      byCursor: true,
      first: (request) => withParams(request, size, where),
      next: (request, response): RestRequest | null => {
        const more = hasMore(response)
        if (more === false) return null
        const value = find(response.body) ?? ''
        if (typeof value === 'object') throw notACursor(endpoint, cursor_path)
        if (value === '' || value === false) {
          if (more) throw noCursor(endpoint, cursor_path)
          return null
        }
        const kept = withoutParamsNamed(request, drop_params, where)
        return withParams(kept, { [cursor_param]: value }, where)
      },
    }
  },
} satisfies Variant<typeof config, [PaginationContext], Paginator>

function notACursor(endpoint: string, path = 'the cursor'): SluiceError {
  return new SluiceError('PAGINATION_INVALID', `${endpoint}: ${path} holds an object or a list`, {
    hint: 'set pagination.cursor_path to the field that holds the cursor itself',
    details: { endpoint },
  })
}

function noCursor(endpoint: string, path = 'the response'): SluiceError {
  const message = `${endpoint}: has_more is true, but ${path} holds no cursor`
  return new SluiceError('PAGINATION_INVALID', message, {
    hint: 'set pagination.cursor_path to the field that holds the next cursor',
    details: { endpoint },
  })
}
