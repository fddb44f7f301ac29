import type { TestProject } from 'vitest/node'
import { startPostgres, type PostgresServer } from './embedded-postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection string of the Postgres that serves the whole run; tests make schemas of their own. */
    postgresUrl: string
  }
}

/** Every project runs this file; they share one server. */
interface Shared {
  users: number
  server: Promise<PostgresServer>
}

const KEY = Symbol.for('sluice.test.postgres')
const shared = globalThis as { [KEY]?: Shared }

/** Starts the server with the first project that wants it, and stops it with the last. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const running = (shared[KEY] ??= { users: 0, server: startPostgres() })
  running.users++
  project.provide('postgresUrl', (await running.server).url)
  return async () => {
    if (--running.users > 0) return
    delete shared[KEY]
    await (await running.server).stop()
  }
}
