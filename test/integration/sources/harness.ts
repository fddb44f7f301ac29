import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config } from '../../../src/config/resolved.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { QueryResult } from '../../../src/load/destination.ts'
import {
  startSandbox,
  type SandboxOptions,
  type SandboxSource,
  type SandboxSourceName,
} from '../../../src/sandbox/sandbox.ts'
import { openDataset, type Dataset } from '../../../src/state/dataset.ts'
import { executeOn, freshOptions, type DestinationType } from '../../support/databases.ts'

/** Where a shipped source file is. */
export const shippedFile = (name: SandboxSourceName): string =>
  fileURLToPath(new URL(`../../../config/${name}.yaml`, import.meta.url))

type Variables = Readonly<Record<string, string>>

/** What every shipped source is tried with. */
export interface SourceSetting {
  readonly type?: DestinationType | undefined
  readonly sandbox?: Partial<SandboxOptions> | undefined
  /** Default: the file as it is shipped. */
  readonly file?: object | undefined
  /** More keys of the pipeline. */
  readonly pipeline?: Readonly<Record<string, unknown>> | undefined
  /** Variables that are not as the sandbox says; also as a function of its URL. */
  readonly env?: Variables | ((url: string) => Variables) | undefined
}

/** A source in a pipeline of its own, and a sandbox to read from; both gone when it is disposed. */
export interface OpenSource<Name extends SandboxSourceName> extends AsyncDisposable {
  readonly source: SandboxSource<Name>
  load(): Promise<Config>
  /** Works on the dataset, opened for reading. */
  read<T>(work: (dataset: Dataset) => Promise<T>): Promise<T>
  query(sql: string): Promise<QueryResult>
  /** Runs a statement on the database behind Sluice's back. */
  execute(sql: string): Promise<void>
  /**
   * Requests since the last time this was asked, by `path` below the version, with a status that is not 200 before it: how
   * many of each.
   */
  asked(): Readonly<Record<string, number>>
}

export async function openSource<Name extends SandboxSourceName>(
  name: Name,
  { type = 'sqlite', sandbox: sandboxOptions, file, pipeline, env }: SourceSetting,
): Promise<OpenSource<Name>> {
  const sandbox = await startSandbox<Name>({ ...sandboxOptions, sources: [name] })
  const source = sandbox.sources[name]
  const { options, remove } = freshOptions(type)
  const own = `${name}.yaml`
  if (file) writeFileSync(join(options.folder, own), JSON.stringify(file))
  const { dataset, destination } = options
  const settings = { source: file ? own : shippedFile(name), dataset, ...pipeline }
  const pipelines = join(options.folder, 'pipelines.yaml')
  writeFileSync(
    pipelines,
    JSON.stringify({ destinations: { it: destination }, pipelines: { [name]: settings } }),
  )
  const others = typeof env === 'function' ? env(source.url) : env
  const read = async <T>(work: (dataset: Dataset) => Promise<T>): Promise<T> => {
    const opened = (await openDataset({ ...options, mode: 'read' }))!
    try {
      return await work(opened)
    } finally {
      await opened.close()
    }
  }
  return {
    source,
    load: () => loadConfig(pipelines, { env: { ...source.env, ...others } }),
    read,
    query: (sql) => read((opened) => opened.query(sql)),
    execute: (sql) => executeOn(type, options, sql),
    asked: () => {
      const counts: Record<string, number> = {}
      for (const { path, status } of source.requests.entries) {
        const short = path.replace('/api/v1/', '')
        const what = status === 200 ? short : `${status} ${short}`
        counts[what] = (counts[what] ?? 0) + 1
      }
      source.requests.clear()
      return counts
    },
    [Symbol.asyncDispose]: async () => {
      await sandbox.stop()
      await remove()
    },
  }
}
