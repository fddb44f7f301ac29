import * as z from 'zod'
import type { Variant } from '../../core/registry.ts'
import { countingOfLink, followLink, linkWithRel } from './links.ts'
import type { RestRequest } from '../types.ts'
import type { PaginationContext, Paginator } from './paginator.ts'

const config = z.strictObject({
  type: z.literal('link_header'),
  rel: z.string().min(1).default('next').describe('Relation of the link to the next page.'),
})

/** Follows the `Link` response header (RFC 8288) until it names no next page. */
export const linkHeader = {
  config,
  create: ({ rel }, { endpoint }: PaginationContext): Paginator => {
    let followed: RestRequest | null = null
    return {
      first: (request) => request,
      next: (request, response) => {
        const link = linkWithRel(response.headers.link, rel)
        followed = link === null ? null : followLink(endpoint, link, request, response)
        return followed
      },
      counting: () => countingOfLink(followed),
    }
  },
} satisfies Variant<typeof config, [PaginationContext], Paginator>
