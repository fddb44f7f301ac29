import type { World } from '../data/world.ts'
import type { ApiRequest } from '../server/http.ts'
import type { Budget } from '../server/rate-limiter.ts'
import type { Shape, SkipCap } from './list.ts'

/** One generation of the API: what the groups of endpoints need to know to answer as it did. */
export interface CloseApi {
  readonly world: World
  readonly skip: SkipCap
  readonly shapes: {
    readonly lead: Shape
    readonly contact: Shape
    readonly opportunity: Shape
    readonly task: Shape
    readonly activity: Shape
  }
  /** The query parameter named `date_updated>=` narrows the list of leads, as the real service never did. */
  readonly literalLeadFilter: boolean
  /** Who is asking: a name for their budget, or null for someone unknown. */
  authorize(request: ApiRequest): string | null
  /** How a budget is told in the headers of every response. */
  budgetHeaders(budget: Budget): Readonly<Record<string, string>>
  /** The refusal of a request beyond the budget: headers on top of the above, and the body. */
  tooManyRequests(budget: Budget): {
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }
}
