import { ordersEndpoint } from '../endpoints.ts'
import { createProject } from '../project.ts'
import type { Scenario } from '../scenario.ts'
import { refusedBelow, timesAtMost } from '../target.ts'

const PAGES = 200
const PER_SECOND = 20
/** Those that the server takes at once: enough for a network that is not quite even, and no more. */
const BURST = 2
const LATENCY_MS = 150

/** A server that refuses what comes too fast. */
export const rateLimit: Scenario = {
  cases: [
    {
      name: 'rate-limit',
      title: '200 pages at 20 requests per second, 150 ms per response',
      floor: 'pages / rate',
      sluice: 'sync',
      target: refusedBelow(0.01, timesAtMost(1.1)),
    },
  ],
  async open(stage) {
    const { server } = stage
    const list = PAGES * 100
    const { database, sync } = createProject(stage, {
      name: 'rate-limit',
      endpoints: [ordersEndpoint(list)],
      rate_limit: { requests_per_second: PER_SECOND },
    })
    return {
      begin: database.clear,
      steps: {
        // What the limit allows, whoever reads.
        'pages / rate': async () => ({ ms: (PAGES / PER_SECOND) * 1000, cpuMs: 0, peakMb: 0 }),
        sync: async () => {
          await server.set({
            lists: [`orders/${list}`],
            latency_ms: LATENCY_MS,
            limit: { per_second: PER_SECOND, burst: BURST },
          })
          const measure = await sync()
          const { requests, refused } = await server.counts()
          return { ...measure, refused: refused / requests }
        },
      },
    }
  },
}
