import type * as z from 'zod'
import { defineRegistry } from '../core/registry.ts'
import type { Destination, DestinationContext } from './destination.ts'
import { postgres } from './postgres/variant.ts'
import { sqlite } from './sqlite/variant.ts'

/** Where datasets can live. Opening in `read` mode yields null when there is nothing to read. */
export const destinations = defineRegistry<[DestinationContext], Promise<Destination | null>>()(
  sqlite,
  postgres,
)

export type DestinationConfig = z.output<typeof destinations.config>
