import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { Clock } from '../../../src/core/clock.ts'
import type { RunEvent } from '../../../src/core/events.ts'
import { backfill, type BackfillOptions } from '../../../src/run/backfill.ts'
import type { RunSummary } from '../../../src/run/summary.ts'
import { sync, type SyncOptions } from '../../../src/run/sync.ts'
import type { CloseOptions } from '../../../src/sandbox/close/close.ts'
import { DATA_ENDS_AT } from '../../../src/sandbox/data/world.ts'
import type { SandboxSource } from '../../../src/sandbox/sandbox.ts'
import { reply, serve, type Reply } from '../../support/http-server.ts'
import { openSource, shippedFile, type OpenSource, type SourceSetting } from './harness.ts'

export const CLOSE_YAML = shippedFile('close')

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

interface Setting extends Omit<SourceSetting, 'file' | 'env'> {
  readonly close?: CloseOptions
  /** Changes the source file before it is used. */
  readonly edit?: (source: SourceFile) => void
  readonly env?: Readonly<Record<string, string>>
  /** Where requests go instead of the sandbox, by its URL. */
  readonly through?: (url: string) => string
}

export interface Close extends Omit<OpenSource<'close'>, 'load' | 'query'> {
  readonly world: World
  /** Milliseconds: what it is by every clock, that of the API and that of the run. */
  readonly now: () => number
  readonly pass: (ms: number) => void
  /** A minute passes, then one sync. */
  sync(options?: SyncOptions): Promise<RunSummary>
  backfill(options: BackfillOptions): Promise<RunSummary>
  rows(sql: string): Promise<readonly (readonly unknown[])[]>
}

/**
 * The shipped source in a pipeline of its own, and a sandbox to read from; gone when it is disposed. Time stands still but
 * for what a test lets pass, and for waits of the run, which end at once.
 */
export async function start({
  close = {},
  edit,
  env,
  through = (url) => url,
  ...setting
}: Setting = {}): Promise<Close> {
  let time = setting.sandbox?.endsAt ?? DATA_ENDS_AT
  const edited = edit ? shippedSource() : undefined
  if (edited) edit!(edited)
  const opened = await openSource('close', {
    ...setting,
    file: edited,
    sandbox: { leads: 40, now: () => time, ...setting.sandbox, close },
    env: (url) => ({ CLOSE_BASE_URL: through(url), ...env }),
  })
  const clock: Clock = {
    now: () => time,
    sleep: async (ms) => {
      time += ms
    },
  }
  return {
    ...opened,
    world: opened.source.world,
    now: () => time,
    pass: (ms) => void (time += ms),
    sync: async (more = {}) => {
      time += MINUTE
      return sync(await opened.load(), 'close', { clock, ...more })
    },
    backfill: async (more) => backfill(await opened.load(), 'close', { clock, ...more }),
    rows: async (sql) => (await opened.query(sql)).rows,
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
