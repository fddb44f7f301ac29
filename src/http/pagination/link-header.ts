import * as z from 'zod'
import type { Variant } from '../../core/registry.ts'
import { followLink, linkWithRel } from './links.ts'
import type { PaginationContext, Paginator } from './paginator.ts'

const config = z.strictObject({
  type: z.literal('link_header'),
  rel: z.string().min(1).default('next').describe('Relation of the link to the next page.'),
})

/** Follows the `Link` response header (RFC 8288) until it names no next page. */
export const linkHeader = {
  config,
  create: ({ rel }, { endpoint }: PaginationContext): Paginator => ({
    first: (request) => request,
    next: (request, response) => {
      const link = linkWithRel(response.headers.link, rel)
      return link === null ? null : followLink(endpoint, link, request, response)
    },
  }),
} satisfies Variant<typeof config, [PaginationContext], Paginator>
