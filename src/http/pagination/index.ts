import type * as z from 'zod'
import { defineRegistry } from '../../core/registry.ts'
import { auto } from './auto.ts'
import { cursor } from './cursor.ts'
import { keyset } from './keyset.ts'
import { linkHeader } from './link-header.ts'
import { nextUrl } from './next-url.ts'
import { offset } from './offset.ts'
import { page } from './page.ts'
import type { PaginationContext, Paginator } from './paginator.ts'
import { single } from './single.ts'

/** Every paginator that `pagination.type` can name. */
export const paginators = defineRegistry<[PaginationContext], Paginator>()(
  auto,
  offset,
  page,
  cursor,
  linkHeader,
  nextUrl,
  keyset,
  single,
)

export type PaginationConfig = z.output<typeof paginators.config>
