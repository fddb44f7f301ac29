import type * as z from 'zod'
import type { Variant } from '../core/registry.ts'
import type { Auth, AuthContext } from '../http/auth/auth.ts'
import { auths } from '../http/auth/index.ts'
import { paginators } from '../http/pagination/index.ts'
import type { PaginationContext, Paginator } from '../http/pagination/paginator.ts'
import type { Destination, DestinationContext } from '../load/destination.ts'
import { destinations } from '../load/index.ts'

/**
 * Makes a paginator of one's own available to YAML by its `type`; of the same shape as the built-in ones. Call it
 * before the first `loadConfig`.
 *
 * @throws TypeError when there is a paginator of that type
 */
export function registerPaginator<Config extends z.ZodObject>(
  variant: Variant<Config, [PaginationContext], Paginator>,
): void {
  paginators.register(variant)
}

/** {@link registerPaginator} for an auth. */
export function registerAuth<Config extends z.ZodObject>(
  variant: Variant<Config, [AuthContext], Auth>,
): void {
  auths.register(variant)
}

/** {@link registerPaginator} for a destination; null is one that isn't there, opened for reading. */
export function registerDestination<Config extends z.ZodObject>(
  variant: Variant<Config, [DestinationContext], Promise<Destination | null>>,
): void {
  destinations.register(variant)
}
