import { spawnSync } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dropSchemas, postgresAt } from '../databases/postgres.ts'
import { leadsEndpoint } from '../endpoints.ts'
import { createProject, type Project } from '../project.ts'
import type { Case, Rounds, Scenario } from '../scenario.ts'
import type { Stage } from '../stage.ts'
import { timesAsFast } from '../target.ts'

const PYTHON = process.env.PYTHON ?? 'python3'
const PROGRAM = fileURLToPath(new URL('dlt_leads.py', import.meta.url))
const COUNT = 20_000
const LIST = `leads/${COUNT}`

/** What is to be done where `dltVersion` is null. */
export const DLT_MISSING = `${PYTHON} has no dlt: pip install "dlt[sqlalchemy,postgres]", or name another Python in PYTHON`

/** The version of dlt that there is, with what it needs for both databases; null where it is missing. */
export function dltVersion(): string | null {
  const code = 'import dlt, sqlalchemy, psycopg2; print(dlt.__version__)'
  const { status, stdout } = spawnSync(PYTHON, ['-c', code], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : null
}

/** Where dlt writes, and where it keeps its own files. */
interface DltTarget {
  readonly url: string
  readonly dataset: string
  readonly folder: string
  clear(): Promise<void>
}

function play(stage: Stage, { database, sync }: Project, target: DltTarget): Rounds {
  const { server, meter } = stage
  const { url, dataset, folder } = target
  const dlt = () => meter.command(PYTHON, [PROGRAM, `${server.url}/${LIST}`, url, dataset, folder])
  return {
    begin: async () => {
      await database.clear()
      await target.clear()
      await rm(folder, { recursive: true, force: true })
      await mkdir(folder)
      await server.set({ lists: [LIST] })
    },
    steps: {
      'dlt, first load': dlt,
      'first load': sync,
      'dlt, all changed': async () => {
        await server.set({ lists: [LIST], version: 1 })
        return dlt()
      },
      'all changed': async () => {
        await server.set({ lists: [LIST], version: 1 })
        return sync()
      },
    },
  }
}

function casesOf(database: 'SQLite' | 'Postgres'): Case[] {
  const name = `dlt-${database.toLowerCase()}`
  return [
    {
      name: `${name}-first`,
      title: `20,000 nested leads, first load, ${database}`,
      floor: 'dlt, first load',
      sluice: 'first load',
      target: timesAsFast(1),
    },
    {
      name: `${name}-changed`,
      title: `second run, every lead changed, ${database}`,
      floor: 'dlt, all changed',
      sluice: 'all changed',
      target: timesAsFast(1),
    },
  ]
}

const endpoints = [leadsEndpoint(COUNT)]

const dltSqlite: Scenario = {
  cases: casesOf('SQLite'),
  async open(stage) {
    const project = createProject(stage, { name: 'sluice-sqlite', endpoints })
    const folder = join(stage.folder, 'dlt-sqlite')
    const url = `sqlite:///${join(folder, 'leads.db')}`
    // A dataset of any other name is a file of its own.
    return play(stage, project, { url, dataset: 'main', folder, clear: async () => {} })
  },
}

const dltPostgres: Scenario = {
  cases: casesOf('Postgres'),
  async open(stage) {
    const url = await stage.postgres()
    const database = postgresAt(url)
    const project = createProject(stage, { name: 'sluice-postgres', endpoints, database })
    const folder = join(stage.folder, 'dlt-postgres')
    const clear = () => dropSchemas(url, ['dlt', 'dlt_staging'])
    return play(stage, project, {
      url: url.replace(/^postgres:/, 'postgresql:'),
      dataset: 'dlt',
      folder,
      clear,
    })
  },
}

/** The work of the nested leads, by dlt and by Sluice. */
export const dltScenarios: readonly Scenario[] = [dltSqlite, dltPostgres]
