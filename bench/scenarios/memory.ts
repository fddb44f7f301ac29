import { ordersEndpoint } from '../endpoints.ts'
import { createProject } from '../project.ts'
import type { Scenario } from '../scenario.ts'
import { peakAtMost } from '../target.ts'

const MANY = 1_000_000
const FEW = 100_000

/** Ten times the records must not take more memory. */
export const memory: Scenario = {
  cases: [
    {
      name: 'memory',
      title: '1,000,000 flat orders, SQLite: memory',
      floor: '100,000 orders',
      sluice: '1,000,000 orders',
      target: peakAtMost(200, 20),
    },
  ],
  async open(stage) {
    const few = createProject(stage, { name: 'few', endpoints: [ordersEndpoint(FEW)] })
    const many = createProject(stage, { name: 'many', endpoints: [ordersEndpoint(MANY)] })
    return {
      begin: async () => {
        await few.database.clear()
        await many.database.clear()
        await stage.server.set({ lists: [`orders/${FEW}`, `orders/${MANY}`] })
      },
      steps: { '100,000 orders': few.sync, '1,000,000 orders': many.sync },
    }
  },
}
