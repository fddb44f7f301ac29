import type { Scenario } from '../scenario.ts'
import { latency } from './latency.ts'
import { leadsPostgres, leadsSqlite } from './leads.ts'
import { memory } from './memory.ts'
import { orders } from './orders.ts'
import { rateLimit } from './rate-limit.ts'
import { startUp } from './start-up.ts'

export const scenarios: readonly Scenario[] = [
  leadsSqlite,
  leadsPostgres,
  orders,
  startUp,
  memory,
  latency,
  rateLimit,
]
