import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import Database from 'better-sqlite3'
import type { DestinationConfig } from '../src/load/index.ts'
import { startPostgres } from '../test/support/embedded-postgres.ts'
import { proxyPostgres } from '../test/support/postgres-proxy.ts'
import type { Random } from './random.ts'

/** Where the datasets of a round are, and what may happen to it while a run writes. */
export interface Databases extends AsyncDisposable {
  /** What the run that is disturbed writes to, and what the calm one does. */
  readonly disturbed: DestinationConfig
  readonly calm: DestinationConfig
  /** Does something to the database; null where there is no server that it could be done to. */
  readonly disturb: ((random: Random) => Promise<string>) | null
  /** Fails if the files of a dataset are not sound. */
  check(folder: string, dataset: string): void
}

export async function openDatabases(type: DestinationConfig['type']): Promise<Databases> {
  return type === 'sqlite' ? sqliteFiles() : postgresServer()
}

function sqliteFiles(): Databases {
  const config = { type: 'sqlite', path: '{dataset}.db' } as const
  return {
    disturbed: config,
    calm: config,
    disturb: null,
    check: (folder, dataset) => {
      const database = new Database(join(folder, `${dataset}.db`), { readonly: true })
      const found = database.pragma('integrity_check', { simple: true })
      database.close()
      if (found !== 'ok') throw new Error(`integrity_check of ${dataset}: ${String(found)}`)
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

/** A server of its own, which can be killed; runs that are disturbed reach it by a line that can be cut. */
async function postgresServer(): Promise<Databases> {
  const server = await startPostgres()
  const proxy = await proxyPostgres(server.url)
  return {
    disturbed: { type: 'postgres', connection_string: proxy.url },
    calm: { type: 'postgres', connection_string: server.url },
    async disturb(random) {
      if (random.chance(0.7)) {
        const when = random.pick(['before', 'after'] as const)
        proxy.cutNextCommit(when)
        return `connection cut ${when} a commit`
      }
      await server.crash()
      await delay(random.int(0, 1000))
      await server.start()
      return 'database server killed'
    },
    check: () => {},
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]()
      await server.stop()
    },
  }
}
