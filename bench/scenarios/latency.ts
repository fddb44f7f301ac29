import { ordersEndpoint } from '../endpoints.ts'
import { createProject } from '../project.ts'
import type { Scenario } from '../scenario.ts'
import { timesAsFast } from '../target.ts'

const LATENCY_MS = 100
const COUNT = 4000
const ENDPOINTS = ['orders', 'invoices', 'refunds', 'returns', 'offers']

/** A server that is far away: what can be asked for side by side is. */
export const latency: Scenario = {
  cases: [
    {
      name: 'latency',
      title: 'five endpoints of 40 pages, 100 ms per response',
      floor: 'one request at a time',
      sluice: 'default settings',
      target: timesAsFast(6.5),
    },
  ],
  async open(stage) {
    const endpoints = ENDPOINTS.map((name) => ordersEndpoint(COUNT, name))
    const single = createProject(stage, {
      name: 'latency-single',
      endpoints,
      rate_limit: { concurrency: 1 },
    })
    const free = createProject(stage, { name: 'latency', endpoints })
    return {
      begin: async () => {
        await single.database.clear()
        await free.database.clear()
        await stage.server.set({ lists: [`orders/${COUNT}`], latency_ms: LATENCY_MS })
      },
      steps: { 'one request at a time': single.sync, 'default settings': free.sync },
    }
  },
}
