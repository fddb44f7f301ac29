import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadConfig } from '../../../src/config/load.ts'
import type { RunEvent } from '../../../src/core/events.ts'
import type { QueryResult } from '../../../src/load/destination.ts'
import type { RunSummary } from '../../../src/run/summary.ts'
import { sync, type SyncOptions } from '../../../src/run/sync.ts'
import type { ClosumOptions } from '../../../src/sandbox/closum/closum.ts'
import type { Lead } from '../../../src/sandbox/closum/rows.ts'
import {
  startSandbox,
  type SandboxOptions,
  type SandboxSource,
} from '../../../src/sandbox/sandbox.ts'
import { openDataset, type Dataset } from '../../../src/state/dataset.ts'
import { executeOn, freshOptions, type DestinationType } from '../../support/databases.ts'
import { dumpTables, type Dump } from '../../support/dump.ts'

export const CLOSUM_YAML = fileURLToPath(new URL('../../../config/closum.yaml', import.meta.url))

export type World = SandboxSource<'closum'>['world']

interface Setting {
  readonly type?: DestinationType
  readonly sandbox?: Partial<SandboxOptions>
  readonly closum?: ClosumOptions
  /** Records per page. */
  readonly limit?: number
  readonly env?: Readonly<Record<string, string>>
}

export interface Closum extends AsyncDisposable {
  readonly source: SandboxSource<'closum'>
  readonly world: World
  sync(options?: SyncOptions): Promise<RunSummary>
  dump(): Promise<Dump>
  query(sql: string): Promise<QueryResult>
  /** Runs a statement on the database behind Sluice's back. */
  execute(sql: string): Promise<void>
  /** The ids of the leads that are marked as deleted. */
  gone(): Promise<readonly unknown[]>
  /** Requests since the last time this was asked: how many of each path. */
  asked(): Readonly<Record<string, number>>
}

/** The shipped source in a pipeline of its own, and a sandbox to read from; gone when it is disposed. */
export async function start(setting: Setting = {}): Promise<Closum> {
  const { type = 'sqlite', limit, env } = setting
  const sandbox = await startSandbox({
    leads: 60,
    ...setting.sandbox,
    sources: ['closum'],
    closum: setting.closum ?? {},
  })
  const source = sandbox.sources.closum
  const { options, remove } = freshOptions(type)
  const file = join(options.folder, 'pipelines.yaml')
  const pipeline = {
    source: CLOSUM_YAML,
    dataset: options.dataset,
    ...(limit === undefined ? {} : { defaults: { pagination: { limit } } }),
  }
  const destinations = { it: options.destination }
  writeFileSync(file, JSON.stringify({ destinations, pipelines: { closum: pipeline } }))
  const load = () => loadConfig(file, { env: { ...source.env, ...env } })

  const read = async <T>(work: (dataset: Dataset) => Promise<T>): Promise<T> => {
    const dataset = (await openDataset({ ...options, mode: 'read' }))!
    try {
      return await work(dataset)
    } finally {
      await dataset.close()
    }
  }
  const dump = () =>
    read((dataset) => dumpTables(dataset, { without: ['_dlt_id', '_dlt_load_id'] }))
  return {
    source,
    world: source.world,
    sync: async (more = {}) => sync(await load(), 'closum', more),
    dump,
    query: (sql) => read((dataset) => dataset.query(sql)),
    execute: (sql) => executeOn(type, options, sql),
    gone: async () => marked((await dump()).leads!),
    asked: () => {
      const counts: Record<string, number> = {}
      for (const { path } of source.requests.entries) counts[path] = (counts[path] ?? 0) + 1
      source.requests.clear()
      return counts
    },
    [Symbol.asyncDispose]: async () => {
      await sandbox.stop()
      await remove()
    },
  }
}

export const byId = (a: Record<string, unknown>, b: Record<string, unknown>) =>
  Number(a.id) - Number(b.id)

/** The ids of the rows that are marked as deleted, in their order. */
export const marked = (rows: Dump[string]) =>
  rows
    .filter((row) => row._sluice_deleted_at !== null)
    .sort(byId)
    .map(({ id }) => id)

const utc = (text: string) => new Date(text).toISOString().replace('.000Z', '.000000Z')

/** A name as databases can hold it. */
const storable = (name: string | null) =>
  name === null ? null : name.replaceAll('\0', '').replaceAll(/\p{Surrogate}/gu, '\ufffd')

/** What the tables should say of the world as it is; every one of these rows is there, so that none is marked. */
export function expectedTables(world: World): Dump {
  const there = { _sluice_deleted_at: null }
  return {
    leads: world.leads.rows().map((lead) => expectedLead(world, lead)),
    cities: world.cities.rows().map((city) => ({ ...city, ...there })),
    emails: world.emails
      .rows()
      .map((row) => ({ ...row, register_date: utc(row.register_date), ...there })),
    phones: world.phones.rows().map(({ is_valid, ...row }) => ({
      ...row,
      is_valid: Boolean(is_valid),
      date_add: utc(row.date_add),
      ...there,
    })),
  }
}

function expectedLead({ phones, emails }: World, lead: Lead): Record<string, unknown> {
  const phone = phones.get(lead.phone_id ?? 0)
  return {
    id: lead.id,
    name: storable(lead.name),
    city_id: lead.city_id,
    custom_data: lead.custom_data,
    creation_date: utc(lead.creation_date),
    phone__extension: phone?.extension ?? null,
    phone__number: phone?.number ?? null,
    email__email: emails.get(lead.email_id ?? 0)?.email ?? null,
    _sluice_deleted_at: null,
  }
}

/** The rows that are not marked, in the order of their ids. */
export function liveRows(dump: Dump): Dump {
  return Object.fromEntries(
    Object.entries(dump).map(([table, rows]) => [
      table,
      rows.filter((row) => row._sluice_deleted_at === null).sort(byId),
    ]),
  )
}

export const statusOf = ({ endpoints }: RunSummary, name: string) =>
  endpoints.find(({ endpoint }) => endpoint === name)!

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
