import * as z from 'zod'
import type { Variant } from '../../core/registry.ts'
import type { PaginationContext, Paginator } from './paginator.ts'
import { hasMoreSignal } from './signals.ts'

const config = z.strictObject({ type: z.literal('single') })

/** One request, one page; says so when the API claims that there is more. */
export const single = {
  config,
  create: (_options, { warn }: PaginationContext): Paginator => {
    const hasMore = hasMoreSignal(undefined)
    return {
      first: (request) => request,
      next: (_request, response) => {
        if (hasMore(response)) {
          warn('MORE_PAGES', 'has_more is true, but pagination.type is single')
        }
        return null
      },
    }
  },
} satisfies Variant<typeof config, [PaginationContext], Paginator>
