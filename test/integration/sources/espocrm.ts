import type { RunEvent } from '../../../src/core/events.ts'
import type { JsonRecord, JsonValue } from '../../../src/core/json.ts'
import { backfill, type BackfillOptions } from '../../../src/run/backfill.ts'
import type { RunSummary } from '../../../src/run/summary.ts'
import { sync, type SyncOptions } from '../../../src/run/sync.ts'
import type { EspocrmOptions } from '../../../src/sandbox/espocrm/espocrm.ts'
import { ENTITIES } from '../../../src/sandbox/espocrm/model/entities.ts'
import type { EntityName } from '../../../src/sandbox/espocrm/model/names.ts'
import type { SandboxSource } from '../../../src/sandbox/sandbox.ts'
import { dumpTables, type Dump } from '../../support/dump.ts'
import { openSource, shippedFile, type OpenSource, type SourceSetting } from './harness.ts'

export const ESPOCRM_YAML = shippedFile('espocrm')

export type World = SandboxSource<'espocrm'>['world']

interface Setting extends Omit<SourceSetting, 'file'> {
  readonly espocrm?: EspocrmOptions
  /** Records per page. */
  readonly limit?: number
}

export interface Espocrm extends Omit<OpenSource<'espocrm'>, 'load' | 'read' | 'execute'> {
  readonly world: World
  sync(options?: SyncOptions): Promise<RunSummary>
  backfill(options: BackfillOptions): Promise<RunSummary>
  dump(): Promise<Dump>
}

/** The shipped source in a pipeline of its own, and a sandbox to read from; gone when it is disposed. */
export async function start({ espocrm = {}, limit, ...setting }: Setting = {}): Promise<Espocrm> {
  const paged = limit === undefined ? {} : { defaults: { pagination: { limit } } }
  const opened = await openSource('espocrm', {
    ...setting,
    sandbox: { leads: 60, ...setting.sandbox, espocrm },
    pipeline: { ...paged, ...setting.pipeline },
  })
  return {
    ...opened,
    world: opened.source.world,
    sync: async (more = {}) => sync(await opened.load(), 'espocrm', more),
    backfill: async (range) => backfill(await opened.load(), 'espocrm', range),
    dump: () => opened.read((dataset) => dumpTables(dataset, { without: ['_dlt_load_id'] })),
  }
}

/** The tables of records, and the kind that each is filled from. */
export const TABLES = {
  accounts: 'Account',
  contacts: 'Contact',
  leads: 'Lead',
  opportunities: 'Opportunity',
  cases: 'Case',
  calls: 'Call',
  meetings: 'Meeting',
  tasks: 'Task',
  documents: 'Document',
  campaigns: 'Campaign',
  target_lists: 'TargetList',
  emails: 'Email',
  users: 'User',
  teams: 'Team',
  knowledge_base_articles: 'KnowledgeBaseArticle',
  notes: 'Note',
  roles: 'Role',
  campaign_log_records: 'CampaignLogRecord',
  action_history: 'ActionHistoryRecord',
} as const satisfies Record<string, EntityName>

/** The tables of links: whose they are, which link it is, and what its columns are called. */
export const LINK_TABLES = {
  target_list_contacts: ['TargetList', 'contacts', { optedOut: 'opted_out' }],
  target_list_leads: ['TargetList', 'leads', { optedOut: 'opted_out' }],
  target_list_accounts: ['TargetList', 'accounts', { optedOut: 'opted_out' }],
  team_users: ['Team', 'users', { role: 'role' }],
  account_contacts: ['Account', 'contacts', { role: 'role', isInactive: 'is_inactive' }],
  opportunity_contacts: ['Opportunity', 'contacts', { role: 'role' }],
  document_accounts: ['Document', 'accounts', {}],
  meeting_users: ['Meeting', 'users', { status: 'status' }],
  meeting_contacts: ['Meeting', 'contacts', { status: 'status' }],
  meeting_leads: ['Meeting', 'leads', { status: 'status' }],
  call_users: ['Call', 'users', { status: 'status' }],
  call_contacts: ['Call', 'contacts', { status: 'status' }],
  call_leads: ['Call', 'leads', { status: 'status' }],
} as const satisfies Record<string, readonly [EntityName, string, Record<string, string>]>

/** Every endpoint, those that are not selected among them. */
export const EVERYTHING = [...Object.keys(TABLES), 'email_texts', ...Object.keys(LINK_TABLES)]
/** What no endpoint of records has. */
const WITHOUT: Readonly<Record<string, readonly string[]>> = { emails: ['body', 'bodyPlain'] }
/** The lists of values that become child tables. */
const LISTS = ['cTags', 'positionList'] as const

const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** A text as databases can hold it. */
const storable = (text: string) => text.replaceAll('\0', '').replaceAll(/\p{Surrogate}/gu, '\ufffd')

/** What the tables should say of the world as it is, without what is null; as {@link liveRows} has it. */
export function expectedTables(world: World, names: readonly string[] = EVERYTHING): Dump {
  const tables: Dump = {}
  for (const [table, entity] of Object.entries(TABLES)) {
    if (!names.includes(table)) continue
    const records = world.list(entity)
    tables[table] = records.map((record) => expectedRow(entity, record, WITHOUT[table]))
    for (const list of LISTS) {
      const rows = records.flatMap((record) => expectedItems(record, list))
      if (rows.length > 0) tables[`${table}__${snake(list)}`] = rows
    }
  }
  if (names.includes('email_texts')) {
    tables.email_texts = world.list('Email').map(({ id, modifiedAt, body, bodyPlain }) =>
      expectedRow('Email', {
        id: id!,
        modifiedAt: modifiedAt!,
        body: body!,
        bodyPlain: bodyPlain!,
      }),
    )
  }
  for (const [table, [entity, link, columns]] of Object.entries(LINK_TABLES)) {
    if (!names.includes(table)) continue
    const other = ENTITIES[entity].links[link]!.entity
    tables[table] = world.links(entity, link).map(({ id, otherId, columns: values }) =>
      withoutNulls({
        [`${snake(entity).slice(1)}_id`]: id,
        [`${snake(other).slice(1)}_id`]: otherId,
        ...Object.fromEntries(
          Object.entries(columns).map(([column, name]) => [name, values[column]]),
        ),
      }),
    )
  }
  return sorted(tables)
}

function expectedRow(
  entity: EntityName,
  record: JsonRecord,
  without: readonly string[] = [],
): Record<string, unknown> {
  const { attributes } = ENTITIES[entity]
  const kept = Object.entries(record).filter(
    ([name]) => name !== 'deleted' && !without.includes(name) && attributes[name]!.type !== 'array',
  )
  return withoutNulls(
    Object.fromEntries(
      kept.map(([name, value]) => [snake(name), cell(attributes[name]!.type, value)]),
    ),
  )
}

function expectedItems(record: JsonRecord, list: string): Record<string, unknown>[] {
  const values = record[list]
  if (!Array.isArray(values)) return []
  return values.map((value, i) => ({ id: record.id, _dlt_list_idx: i, value }))
}

function cell(type: string, value: JsonValue): unknown {
  if (typeof value !== 'string') return value
  // Every time is UTC, and says so in the tables.
  return type === 'datetime' ? `${value.replace(' ', 'T')}.000000Z` : storable(value)
}

/** The rows that are not marked, without what is null and what Sluice adds; items of lists by the id of their record. */
export function liveRows(dump: Dump): Dump {
  const tables: Dump = {}
  for (const [table, rows] of Object.entries(dump)) {
    const [parent = table, list] = table.split('__')
    if (list === undefined) {
      tables[table] = rows
        .filter((row) => row._sluice_deleted_at == null)
        .map(({ _dlt_id, ...row }) => withoutNulls(row))
      continue
    }
    const ids = new Map(
      dump[parent]!.flatMap((row) =>
        row._sluice_deleted_at == null ? [[row._dlt_id, row.id]] : [],
      ),
    )
    tables[table] = rows.flatMap(({ _dlt_parent_id, _dlt_list_idx, value }) => {
      const id = ids.get(_dlt_parent_id)
      return id === undefined ? [] : [{ id, _dlt_list_idx, value }]
    })
  }
  return sorted(tables)
}

/** The ids of the rows that are marked as deleted, in order. */
export const marked = (rows: Dump[string]) =>
  rows.flatMap((row) => (row._sluice_deleted_at == null ? [] : [row.id as string])).sort()

function withoutNulls(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value != null))
}

/** Rows in the order of what names them: an id and a place in a list, or the ids of both ends of a link. */
function sorted(tables: Dump): Dump {
  const nameOf = ({ id, _dlt_list_idx: place = 0, ...row }: Record<string, unknown>) =>
    typeof id === 'string'
      ? `${id} ${Number(place)}`
      : Object.keys(row)
          .filter((column) => column.endsWith('_id'))
          .sort()
          .map((column) => row[column])
          .join(' ')
  return Object.fromEntries(
    Object.entries(tables).map(([table, rows]) => [
      table,
      rows.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)),
    ]),
  )
}

export const statusOf = ({ endpoints }: RunSummary, name: string) =>
  endpoints.find(({ endpoint }) => endpoint === name)!

/** Does something each time a page of an endpoint has been read, and before the next one is asked for. */
export function afterPages(endpoint: string, work: () => void) {
  return (event: RunEvent) => {
    if (event.type === 'page' && event.endpoint === endpoint) work()
  }
}

/** Days from now, by which snapshots are due again. */
export function inDays(days: number): SyncOptions {
  return { clock: { now: () => Date.now() + days * 86_400_000, sleep: async () => {} } }
}
