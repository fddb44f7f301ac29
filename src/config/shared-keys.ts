import * as z from 'zod'
import { jsonValue } from '../extract/config.ts'
import { paginators } from '../http/pagination/index.ts'

export const scalar = z.union([z.string(), z.number(), z.boolean()])

export const paramsConfig = z.record(z.string(), jsonValue)

export const maxPages = z
  .int()
  .positive()
  .describe(
    'Most pages to read in one run. An ascending list goes on from there in the next run; any other begins again.',
  )

/** Every paginator, with the limit that all of them share. */
export const paginationConfig = paginators.union((config) =>
  config.extend({ max_pages: maxPages.optional() }),
) as unknown as z.ZodType<z.output<typeof paginators.config> & { max_pages?: number | undefined }>

/** One of something, or a list of them. */
export const oneOrMore = <T extends z.ZodType>(one: T) => z.union([one, z.array(one).min(1)])
