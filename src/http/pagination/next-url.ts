import * as z from 'zod'
import { SluiceError } from '../../core/errors.ts'
import { compileGet } from '../../core/path.ts'
import type { Variant } from '../../core/registry.ts'
import type { RestRequest } from '../types.ts'
import { countingOfLink, followLink } from './links.ts'
import type { PaginationContext, Paginator } from './paginator.ts'

const config = z.strictObject({
  type: z.literal('next_url'),
  next_url_path: z
    .string()
    .min(1)
    .default('next')
    .describe('Path to the URL of the next page, absolute or relative.'),
})

/**
 * Follows the URL that the body names, until it names none.
 *
 * ```json
 * {"results": [...], "next": "https://api.example.com/items?page=2"}
 * ```
 */
export const nextUrl = {
  config,
  create: ({ next_url_path }, { endpoint }: PaginationContext): Paginator => {
    const get = compileGet(next_url_path)
    let followed: RestRequest | null = null
    return {
      first: (request) => request,
      next: (request, response) => {
        const link = get(response.body) ?? ''
        if (link === '' || link === false) return null
        if (typeof link === 'string') {
          followed = followLink(endpoint, link, request, response)
          return followed
        }
        throw new SluiceError('PAGINATION_INVALID', `${endpoint}: ${next_url_path} holds no URL`, {
          hint: 'set pagination.next_url_path to the field that holds the link',
          details: { endpoint },
        })
      },
      counting: () => countingOfLink(followed),
    }
  },
} satisfies Variant<typeof config, [PaginationContext], Paginator>
