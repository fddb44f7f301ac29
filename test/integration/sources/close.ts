import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { loadConfig } from '../../../src/config/load.ts'
import type { Clock } from '../../../src/core/clock.ts'
import type { RunEvent } from '../../../src/core/events.ts'
import { backfill, type BackfillOptions } from '../../../src/run/backfill.ts'
import type { RunSummary } from '../../../src/run/summary.ts'
import { sync, type SyncOptions } from '../../../src/run/sync.ts'
import type { CloseOptions } from '../../../src/sandbox/close/close.ts'
import { DATA_ENDS_AT } from '../../../src/sandbox/data/world.ts'
import {
  startSandbox,
  type SandboxOptions,
  type SandboxSource,
} from '../../../src/sandbox/sandbox.ts'
import { openDataset, type Dataset } from '../../../src/state/dataset.ts'
import { executeOn, freshOptions, type DestinationType } from '../../support/databases.ts'
import { reply, serve, type Reply } from '../../support/http-server.ts'

export const CLOSE_YAML = fileURLToPath(new URL('../../../config/close.yaml', import.meta.url))

export type World = SandboxSource<'close'>['world']

export const MINUTE = 60_000
export const DAY = 86_400_000

/** A source file as far as tests change it. */
export interface SourceFile {
  endpoints: EndpointFile[]
  [key: string]: unknown
}

export interface EndpointFile {
  name: string
  selected?: boolean
  pagination?: Record<string, unknown>
  deletes?: { snapshot?: { pagination?: Record<string, unknown> } }
  [key: string]: unknown
}

export const endpointOf = ({ endpoints }: SourceFile, name: string): EndpointFile =>
  endpoints.find((endpoint) => endpoint.name === name)!

export const shippedSource = (): SourceFile => parse(readFileSync(CLOSE_YAML, 'utf8')) as SourceFile

/** Every endpoint, those that are not selected among them. */
export const EVERY_ENDPOINT: readonly string[] = shippedSource().endpoints.map(({ name }) => name)

export const SELECTED: readonly string[] = shippedSource()
  .endpoints.filter(({ selected = true }) => selected)
  .map(({ name }) => name)

interface Setting {
  readonly type?: DestinationType
  readonly sandbox?: Partial<SandboxOptions>
  readonly close?: CloseOptions
  /** Keys of the pipeline, and of the source, that are not as shipped. */
  readonly pipeline?: Readonly<Record<string, unknown>>
  /** Changes the source file before it is used. */
  readonly edit?: (source: SourceFile) => void
  readonly env?: Readonly<Record<string, string>>
  /** Where requests go instead of the sandbox, by its URL. */
  readonly through?: (url: string) => string
}

export interface Close extends AsyncDisposable {
  readonly source: SandboxSource<'close'>
  readonly world: World
  /** Milliseconds: what it is by every clock, that of the API and that of the run. */
  readonly now: () => number
  readonly pass: (ms: number) => void
  /** A minute passes, then one sync. */
  sync(options?: SyncOptions): Promise<RunSummary>
  backfill(options: BackfillOptions): Promise<RunSummary>
  /** Works on the dataset, opened for reading. */
  read<T>(work: (dataset: Dataset) => Promise<T>): Promise<T>
  rows(sql: string): Promise<readonly (readonly unknown[])[]>
  /** Runs a statement on the database behind Sluice's back. */
  execute(sql: string): Promise<void>
  /** Requests since the last time this was asked, by `path`, with a status that is not 200 before it: how many of each. */
  asked(): Readonly<Record<string, number>>
}

/**
 * The shipped source in a pipeline of its own, and a sandbox to read from; gone when it is disposed. Time stands still but
 * for what a test lets pass, and for waits of the run, which end at once.
 */
export async function start(setting: Setting = {}): Promise<Close> {
  const { type = 'sqlite', edit, env, through = (url: string) => url } = setting
  let time = setting.sandbox?.endsAt ?? DATA_ENDS_AT
  const sandbox = await startSandbox({
    leads: 40,
    now: () => time,
    ...setting.sandbox,
    sources: ['close'],
    close: setting.close ?? {},
  })
  const source = sandbox.sources.close
  const { options, remove } = freshOptions(type)
  const file = join(options.folder, 'pipelines.yaml')
  const pipeline = {
    source: edit ? 'close.yaml' : CLOSE_YAML,
    dataset: options.dataset,
    ...setting.pipeline,
  }
  if (edit) {
    const edited = shippedSource()
    edit(edited)
    writeFileSync(join(options.folder, 'close.yaml'), JSON.stringify(edited))
  }
  const destinations = { it: options.destination }
  writeFileSync(file, JSON.stringify({ destinations, pipelines: { close: pipeline } }))
  const variables = { ...source.env, CLOSE_BASE_URL: through(source.url), ...env }
  const load = () => loadConfig(file, { env: variables })
  const clock: Clock = {
    now: () => time,
    sleep: async (ms) => {
      time += ms
    },
  }

  const read = async <T>(work: (dataset: Dataset) => Promise<T>): Promise<T> => {
    const dataset = (await openDataset({ ...options, mode: 'read' }))!
    try {
      return await work(dataset)
    } finally {
      await dataset.close()
    }
  }
  return {
    source,
    world: source.world,
    now: () => time,
    pass: (ms) => void (time += ms),
    sync: async (more = {}) => {
      time += MINUTE
      return sync(await load(), 'close', { clock, ...more })
    },
    backfill: async (more) => backfill(await load(), 'close', { clock, ...more }),
    read,
    rows: (sql) => read(async (dataset) => (await dataset.query(sql)).rows),
    execute: (sql) => executeOn(type, options, sql),
    asked: () => {
      const counts: Record<string, number> = {}
      for (const { path, status } of source.requests.entries) {
        const name = path.replace('/api/v1/', '')
        const what = status === 200 ? name : `${status} ${name}`
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

export const statusOf = ({ endpoints }: RunSummary, name: string) =>
  endpoints.find(({ endpoint }) => endpoint === name)!

/**
 * What failed, and what a run warned of, by endpoint and code: nothing after a quiet run. Tests that read few endpoints read no
 * definitions of custom fields, which is not what they are about.
 */
export const troubles = ({ endpoints, warnings }: RunSummary): string[] => [
  ...endpoints.flatMap(({ endpoint, error }) => (error ? [`${endpoint}: ${error.message}`] : [])),
  ...warnings
    .filter(({ code }) => code !== 'LABELS_UNSEEN')
    .map(({ endpoint, code }) => `${endpoint} ${code}`),
]

/** A server before the sandbox that answers some requests itself. */
export interface Gate extends AsyncDisposable {
  /** Where requests go, given the URL of the sandbox behind. */
  readonly through: (url: string) => string
}

/** @param refuse the answer to a request, by its path and query; null lets it through */
export async function openGate(refuse: (url: string) => Reply | null): Promise<Gate> {
  let origin = ''
  const server = await serve(async ({ method, url, headers, body }) => {
    const refusal = refuse(url)
    if (refusal) return refusal
    const { authorization = '', 'content-type': type = '' } = headers
    const init = {
      method,
      headers: { authorization, ...(type && { 'content-type': type }) },
      ...(body && { body }),
    }
    const answer = await fetch(origin + url, init)
    return reply(answer.status, await answer.text(), Object.fromEntries(answer.headers))
  })
  return {
    through: (url) => {
      ;({ origin } = new URL(url))
      return url.replace(origin, server.url)
    },
    [Symbol.asyncDispose]: () => server.close(),
  }
}

/** Does something once, when an endpoint's page has been read and before the next one is asked for. */
export function afterPage(endpoint: string, index: number, work: () => void) {
  let done = false
  return (event: RunEvent) => {
    if (done || event.type !== 'page') return
    if (event.endpoint !== endpoint || event.index !== index) return
    done = true
    work()
  }
}
