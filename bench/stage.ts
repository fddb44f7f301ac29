import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres, type PostgresServer } from './databases/postgres-server.ts'
import { createMeter, type Meter } from './measure.ts'
import { startServer, type Server } from './server/start.ts'

/** What scenarios play on: a server, databases, and a folder that is gone when this process ends. */
export interface Stage extends AsyncDisposable {
  readonly server: Server
  readonly meter: Meter
  readonly folder: string
  /** Connection string of a Postgres server, which is started when it is first asked for. */
  postgres(): Promise<string>
  say(line: string): void
}

export async function openStage(profiles: string | undefined): Promise<Stage> {
  const server = await startServer()
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  // After Ctrl-C nothing is disposed of.
  process.once('exit', () => {
    server.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  let postgres: Promise<PostgresServer> | undefined
  return {
    server,
    folder,
    meter: createMeter(profiles),
    postgres: async () => (await (postgres ??= startPostgres())).url,
    say: (line) => void process.stderr.write(`${line}\n`),
    async [Symbol.asyncDispose]() {
      server.stop()
      await postgres?.then((running) => running.stop())
    },
  }
}
