import { ordersEndpoint } from '../endpoints.ts'
import { median, type Measure } from '../measure.ts'
import { createProject } from '../project.ts'
import type { Scenario } from '../scenario.ts'
import { secondsOver } from '../target.ts'

/** What takes so little time is measured so often in each round. */
const TIMES = 5

const ENDPOINTS = ['orders', 'invoices', 'refunds', 'customers', 'products', 'carriers']

async function repeat(run: () => Promise<Measure>): Promise<Measure> {
  const measures: Measure[] = []
  for (let i = 0; i < TIMES; i++) measures.push(await run())
  return median(measures)
}

/** What Sluice takes where there is next to nothing to do. */
export const startUp: Scenario = {
  cases: [
    {
      name: 'start-sync',
      title: 'sync of six endpoints, nothing new, SQLite',
      floor: 'node -e 0',
      sluice: 'sync',
      target: secondsOver(0.35),
    },
    {
      name: 'start-help',
      title: 'sluice --help',
      floor: 'node -e 0',
      sluice: 'help',
      target: secondsOver(0.12),
    },
  ],
  async open(stage) {
    const { meter, server } = stage
    const endpoints = ENDPOINTS.map((name) => ordersEndpoint(100, name))
    const project = createProject(stage, { name: 'start-up', endpoints })
    await server.set({ lists: ['orders/100'] })
    await project.sync()
    return {
      begin: async () => {
        await server.set({ lists: ['orders/100'] })
      },
      steps: {
        'node -e 0': () => repeat(() => meter.node(['-e', '0'])),
        sync: () => repeat(project.sync),
        help: () => repeat(() => meter.sluice(['--help'])),
      },
    }
  },
}
