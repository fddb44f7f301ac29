import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from './databases/database.ts'
import { sqliteIn } from './databases/sqlite.ts'
import type { Measure } from './measure.ts'
import type { Stage } from './stage.ts'

/** The files that Sluice needs to read endpoints of the server into a dataset, `bench`. */
export interface Project {
  readonly database: Database
  sync(this: void): Promise<Measure>
}

export interface ProjectOptions {
  readonly name: string
  readonly endpoints: readonly object[]
  readonly rate_limit?: object
  /** Default: an SQLite file. */
  readonly database?: Database
}

export function createProject(stage: Stage, options: ProjectOptions): Project {
  const { name, endpoints, rate_limit } = options
  const folder = join(stage.folder, name)
  mkdirSync(folder)
  const database = options.database ?? sqliteIn(folder)
  const source = { base_url: stage.server.url, auth: { type: 'none' }, rate_limit, endpoints }
  const pipelines = {
    destinations: { database: database.destination },
    pipelines: { bench: { source: 'source.yaml' } },
  }
  const file = join(folder, 'pipelines.yaml')
  // JSON is YAML.
  writeFileSync(join(folder, 'source.yaml'), JSON.stringify(source))
  writeFileSync(file, JSON.stringify(pipelines))
  return {
    database,
    sync: () => stage.meter.sluice(['--config', file, 'sync', '--progress', 'none']),
  }
}
