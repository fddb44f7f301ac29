import { ordersEndpoint } from '../endpoints.ts'
import { readByHand } from '../floors.ts'
import { createProject } from '../project.ts'
import type { Scenario } from '../scenario.ts'
import { timesAtMost } from '../target.ts'

const COUNT = 100_000
const LIST = `orders/${COUNT}`

/** Flat records into an SQLite file. */
export const orders: Scenario = {
  cases: [
    {
      name: 'flat-sqlite',
      title: '100,000 flat orders, first load, SQLite',
      floor: 'by hand',
      sluice: 'first load',
      target: timesAtMost(1.5),
    },
  ],
  async open(stage) {
    const endpoints = [ordersEndpoint(COUNT)]
    const { database, sync } = createProject(stage, { name: 'orders', endpoints })
    return {
      begin: async () => {
        await database.clear()
        await stage.server.set({ lists: [LIST] })
      },
      steps: {
        'first load': sync,
        'by hand': () => readByHand(stage, LIST, database),
      },
    }
  },
}
