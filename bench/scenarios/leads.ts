import type { Database } from '../databases/database.ts'
import { postgresAt } from '../databases/postgres.ts'
import { leadsEndpoint } from '../endpoints.ts'
import { readByHand } from '../floors.ts'
import { createProject } from '../project.ts'
import type { Case, Rounds, Scenario } from '../scenario.ts'
import type { Stage } from '../stage.ts'
import { timesAtMost } from '../target.ts'

const COUNT = 20_000
const LIST = `leads/${COUNT}`

function casesOf(database: 'SQLite' | 'Postgres'): Case[] {
  const name = `leads-${database.toLowerCase()}`
  return [
    {
      name: `${name}-first`,
      title: `20,000 nested leads, first load, ${database}`,
      floor: 'by hand',
      sluice: 'first load',
      target: timesAtMost(1.5),
    },
    {
      name: `${name}-unchanged`,
      title: `second run, every lead read again, none changed, ${database}`,
      floor: 'first load',
      sluice: 'none changed',
      target: timesAtMost(1.2),
    },
    {
      name: `${name}-changed`,
      title: `second run, every lead changed, ${database}`,
      floor: 'first load',
      sluice: 'all changed',
      target: timesAtMost(2),
    },
  ]
}

/** Nested records into an SQLite file, for the first time and again. */
export const leadsSqlite: Scenario = {
  cases: casesOf('SQLite'),
  open: async (stage) => play(stage, 'leads-sqlite'),
}

/** The same into Postgres. */
export const leadsPostgres: Scenario = {
  cases: casesOf('Postgres'),
  open: async (stage) => play(stage, 'leads-postgres', postgresAt(await stage.postgres())),
}

function play(stage: Stage, name: string, into?: Database): Rounds {
  const { server } = stage
  const endpoints = [leadsEndpoint(COUNT)]
  const { database, sync } = createProject(stage, {
    name,
    endpoints,
    ...(into && { database: into }),
  })
  return {
    begin: async () => {
      await database.clear()
      await server.set({ lists: [LIST] })
    },
    steps: {
      'first load': sync,
      'by hand': () => readByHand(stage, LIST, database),
      'none changed': sync,
      'all changed': async () => {
        await server.set({ lists: [LIST], version: 1 })
        return sync()
      },
    },
  }
}
