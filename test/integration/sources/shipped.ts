import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Clock } from '../../../src/core/clock.ts'
import type { RunSummary } from '../../../src/run/summary.ts'
import type { SyncOptions } from '../../../src/run/sync.ts'
import { DATA_ENDS_AT } from '../../../src/sandbox/data/world.ts'
import {
  startSandbox,
  type SandboxOptions,
  type SandboxSource,
  type SandboxSourceName,
} from '../../../src/sandbox/sandbox.ts'
import type { DestinationType } from '../../support/databases.ts'
import { createPipeline, type TestPipeline } from '../../support/pipeline.ts'

/** A source in a pipeline of its own, and a sandbox to read from; both gone when it is disposed. */
export interface Shipped<Name extends SandboxSourceName> extends AsyncDisposable {
  readonly source: SandboxSource<Name>
  readonly pipeline: TestPipeline
  /** A minute passes, then one sync. */
  sync(options?: SyncOptions): Promise<RunSummary>
}

interface Setting {
  readonly type: DestinationType
  readonly sandbox?: Partial<SandboxOptions>
  /** Default: the file as it is shipped. */
  readonly file?: object
  /** More keys of the pipeline. */
  readonly keys?: object
}

/** The text of a shipped source file. */
export function shippedText(name: SandboxSourceName): string {
  return readFileSync(new URL(`../../../config/${name}.yaml`, import.meta.url), 'utf8')
}

/** The API and the runs go by one clock, which stands still but for the minute before each sync and for waits. */
export async function startShipped<Name extends SandboxSourceName>(
  name: Name,
  { type, sandbox: options, file, keys }: Setting,
): Promise<Shipped<Name>> {
  let time = DATA_ENDS_AT
  const now = () => time
  const clock: Clock = {
    now,
    sleep: async (ms) => {
      time += ms
    },
  }
  const sandbox = await startSandbox({ now, ...options, sources: [name] })
  const source = sandbox.sources[name]
  const content = file ?? (parse(shippedText(name), { merge: true }) as object)
  const pipeline = createPipeline(type, content, keys)
  const variables = Object.entries(source.env).map(([variable, value]) => `${variable}=${value}\n`)
  writeFileSync(join(pipeline.folder, '.env'), variables.join(''))
  return {
    source,
    pipeline,
    sync: (more = {}) => {
      time += 60_000
      return pipeline.sync({ clock, ...more })
    },
    [Symbol.asyncDispose]: async () => {
      await sandbox.stop()
      await pipeline[Symbol.asyncDispose]()
    },
  }
}
