import type { RunEvent } from '../../../src/core/events.ts'
import type { RunSummary } from '../../../src/run/summary.ts'
import { sync, type SyncOptions } from '../../../src/run/sync.ts'
import type { ClosumOptions } from '../../../src/sandbox/closum/closum.ts'
import type { Lead } from '../../../src/sandbox/closum/rows.ts'
import type { SandboxSource } from '../../../src/sandbox/sandbox.ts'
import { dumpTables, type Dump } from '../../support/dump.ts'
import { openSource, shippedFile, type OpenSource, type SourceSetting } from './harness.ts'

export const CLOSUM_YAML = shippedFile('closum')

export type World = SandboxSource<'closum'>['world']

interface Setting extends Omit<SourceSetting, 'pipeline' | 'file'> {
  readonly closum?: ClosumOptions
  /** Records per page. */
  readonly limit?: number
}

export interface Closum extends Omit<OpenSource<'closum'>, 'load' | 'read'> {
  readonly world: World
  sync(options?: SyncOptions): Promise<RunSummary>
  dump(): Promise<Dump>
  /** The ids of the leads that are marked as deleted. */
  gone(): Promise<readonly unknown[]>
}

/** The shipped source in a pipeline of its own, and a sandbox to read from; gone when it is disposed. */
export async function start({ closum = {}, limit, ...setting }: Setting = {}): Promise<Closum> {
  const opened = await openSource('closum', {
    ...setting,
    sandbox: { leads: 60, ...setting.sandbox, closum },
    pipeline: limit === undefined ? {} : { defaults: { pagination: { limit } } },
  })
  const { source } = opened
  const dump = () =>
    opened.read((dataset) => dumpTables(dataset, { without: ['_dlt_id', '_dlt_load_id'] }))
  return {
    ...opened,
    world: source.world,
    sync: async (more = {}) => sync(await opened.load(), 'closum', more),
    dump,
    gone: async () => marked((await dump()).leads!),
    // Refused requests count as well.
    asked: () => {
      const counts: Record<string, number> = {}
      for (const { path } of source.requests.entries) counts[path] = (counts[path] ?? 0) + 1
      source.requests.clear()
      return counts
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
