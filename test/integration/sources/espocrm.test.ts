import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { sourceJsonSchema } from '../../../src/config/json-schema.ts'
import { startSandbox } from '../../../src/sandbox/sandbox.ts'
import type { Changed } from '../../../src/sandbox/espocrm/batch.ts'
import type { EntityName } from '../../../src/sandbox/espocrm/model/names.ts'
import { destinationTypes } from '../../support/databases.ts'
import { asOutput, docQueries } from '../../support/doc-queries.ts'
import type { Dump } from '../../support/dump.ts'
import { createPipeline } from '../../support/pipeline.ts'
import {
  ESPOCRM_YAML,
  EVERYTHING,
  TABLES,
  afterPages,
  expectedTables,
  inDays,
  liveRows,
  marked,
  start,
  statusOf,
} from './espocrm.ts'

interface SourceFile {
  readonly endpoints: readonly {
    readonly name: string
    readonly description?: string
    readonly selected?: boolean
    readonly depends_on?: object
  }[]
}

const SOURCE = parse(readFileSync(ESPOCRM_YAML, 'utf8'), { merge: true }) as SourceFile
const SELECTED = SOURCE.endpoints.filter(({ selected = true }) => selected)
const NAMES = SELECTED.map(({ name }) => name)
const LEADS = { endpoints: ['leads'] }
const QUICK = { retry: { base_delay: '1ms' } }

const idsOf = (changed: readonly Changed[], entity: EntityName) =>
  changed.filter((one) => one.entity === entity).map(({ id }) => id)

describe('config/espocrm.yaml', () => {
  it('is what its schema allows, and describes every endpoint', () => {
    const schema = z.fromJSONSchema(sourceJsonSchema() as never)
    expect(schema.safeParse(SOURCE).error?.issues).toBeUndefined()
    expect(SOURCE.endpoints.filter(({ description }) => !description)).toEqual([])
    expect(SOURCE.endpoints.map(({ name }) => name).sort()).toEqual(EVERYTHING.toSorted())
  })
})

describe.each(destinationTypes)('EspoCRM in %s', (type) => {
  it('is there whole, each record and each link once and as it is, after every change', async () => {
    await using espocrm = await start({ type, sandbox: { leads: 40 }, limit: 7 })
    const { world } = espocrm
    const first = await espocrm.sync({ endpoints: EVERYTHING })
    expect(first.status).toBe('ok')
    expect(first.warnings).toEqual([])
    const records = expectedTables(world, Object.keys(TABLES))
    const live = liveRows(await espocrm.dump())
    expect(Object.fromEntries(Object.keys(records).map((table) => [table, live[table]]))).toEqual(
      records,
    )

    const batch = { edits: 24, adds: 24, deletes: 6, relates: 12, touches: 5, seed: 1 }
    const { deleted } = world.mutate(batch)
    const second = await espocrm.sync({ endpoints: EVERYTHING, ...inDays(2) })
    expect(second.status).toBe('ok')
    // Parents that are gone are asked for once more.
    expect(second.warnings.filter(({ code }) => code !== 'STATUS_SKIPPED')).toEqual([])
    const tables = await espocrm.dump()
    expect(liveRows(tables)).toEqual(expectedTables(world))
    for (const [table, entity] of Object.entries(TABLES)) {
      const gone = idsOf(deleted, entity)
      const found = { table, ids: marked(tables[table]!), count: statusOf(second, table).deleted }
      expect(found).toEqual({ table, ids: gone.sort(), count: gone.length })
    }
  })
})

describe('changes', () => {
  it('that fill more than a page with one second are all read', async () => {
    await using espocrm = await start({ sandbox: { leads: 260 } })
    const { world } = espocrm
    await espocrm.sync(LEADS)
    espocrm.asked()
    expect(world.mutate({ touches: 230 }).touched).toHaveLength(230)
    const summary = await espocrm.sync(LEADS)
    expect(espocrm.asked()).toEqual({ Lead: 2 })
    expect(statusOf(summary, 'leads').records).toBeGreaterThanOrEqual(230)
    expect(liveRows(await espocrm.dump())).toEqual(expectedTables(world, ['leads']))
  })

  it('that are made while the list is read are not lost, nor is anything else', async () => {
    await using espocrm = await start({ limit: 5 })
    const { world } = espocrm
    const before = world.list('Lead').map(({ id }) => id)
    let added: Changed[] = []
    let pages = 0
    const onEvent = afterPages('leads', () => {
      if (++pages > 6) return
      added = [...added, ...world.mutate({ edits: 12, adds: 12, deletes: 3 }).added]
    })
    expect((await espocrm.sync({ ...LEADS, onEvent })).status).toBe('ok')
    const { leads } = await espocrm.dump()
    expect(leads!.map(({ id }) => id)).toEqual(
      expect.arrayContaining([...idsOf(added, 'Lead'), ...before.filter((id) => isLive(id))]),
    )
    await espocrm.sync({ ...LEADS, ...inDays(2) })
    expect(liveRows(await espocrm.dump())).toEqual(expectedTables(world, ['leads']))

    function isLive(id: unknown) {
      return world.store.tables.Lead.get(id as string) !== undefined
    }
  })

  it('of a restored record are that it is there again', async () => {
    await using espocrm = await start()
    const { world } = espocrm
    await espocrm.sync(LEADS)
    const [first = '', second = '', other = ''] = world.store.tables.Lead.live.map(({ id }) => id)
    const at = Date.UTC(2025, 6, 1)
    world.remove('Lead', first, at)
    world.remove('Lead', second, at)
    world.edit('Lead', other, { title: 'moves the bookmark past the deletes' }, at + 3_600_000)
    await espocrm.sync({ ...LEADS, ...inDays(2) })
    expect(marked((await espocrm.dump()).leads!)).toEqual([first, second].sort())

    world.restore('Lead', first)
    await espocrm.sync({ ...LEADS, ...inDays(4) })
    expect(marked((await espocrm.dump()).leads!)).toEqual([second])
    world.edit('Lead', first, { title: 'back' }, at + 7_200_000)
    await espocrm.sync({ ...LEADS, ...inDays(4) })
    expect(liveRows(await espocrm.dump())).toEqual(expectedTables(world, ['leads']))
  })

  it('without modifiedAt come with the next snapshot, those dated back among them', async () => {
    // Where nulls come first, they fill a page.
    await using espocrm = await start({ limit: 2 })
    const { world } = espocrm
    await espocrm.sync(LEADS)
    world.add('Lead', { lastName: 'Unstamped', modifiedAt: null })
    world.add('Lead', { lastName: 'Dated back', modifiedAt: '2020-01-01 00:00:00' })
    const names = async () =>
      (await espocrm.dump()).leads!.map(({ last_name: name }) => name).filter(isNew)
    await espocrm.sync(LEADS)
    expect(await names()).toEqual([])
    await espocrm.sync({ ...LEADS, ...inDays(1) })
    expect((await names()).sort()).toEqual(['Dated back', 'Unstamped'])
    expect(liveRows(await espocrm.dump())).toEqual(expectedTables(world, ['leads']))

    function isNew(name: unknown) {
      return name === 'Unstamped' || name === 'Dated back'
    }
  })

  it('that move no modifiedAt are not seen until the record itself changes', async () => {
    await using espocrm = await start()
    const { world } = espocrm
    const named = { endpoints: ['accounts', 'contacts', 'account_contacts'] }
    await espocrm.sync(named)
    await espocrm.sync(named)
    const [link] = world.links('Account', 'contacts').filter(({ id, otherId }) => {
      const contact = world.list('Contact').find((one) => one.id === otherId)
      return contact!.accountId === id
    })
    const { id: accountId, otherId: contactId } = link!
    world.post('Account', accountId, 'A word in the stream')
    world.unrelate('Account', accountId, 'contacts', contactId)
    const seen = async () => {
      const { rows } = await espocrm.query(
        `select a.stream_updated_at, c.account_id,
           (select count(*) from account_contacts l where l.account_id = a.id
              and l.contact_id = c.id and l._sluice_deleted_at is null)
         from accounts a, contacts c where a.id = '${accountId}' and c.id = '${contactId}'`,
      )
      return rows[0]!
    }
    const [before] = await seen()
    await espocrm.sync({ ...named, ...inDays(2) })
    // The table of links is compared whole each time.
    expect((await seen()).map(String)).toEqual([before, accountId, 0].map(String))

    world.edit('Account', accountId)
    world.edit('Contact', contactId)
    await espocrm.sync(named)
    const [after, account] = await seen()
    expect(after).not.toBe(before)
    expect(account).toBeNull()
    expect(liveRows(await espocrm.dump())).toEqual(expectedTables(world, named.endpoints))
  })
})

describe('a part of the records', () => {
  const inRange = (tables: Dump, suits: (modified: string | undefined) => boolean): Dump => ({
    leads: tables.leads!.filter(({ modified_at: at }) => suits(at as string | undefined)),
  })

  it('is what start_date leaves, and what has no date', async () => {
    await using espocrm = await start({ pipeline: { start_date: '2025-04-01' } })
    await espocrm.sync(LEADS)
    const { leads } = liveRows(await espocrm.dump())
    const wanted = inRange(
      expectedTables(espocrm.world, ['leads']),
      (at) => at === undefined || at >= '2025-04-01',
    )
    expect(wanted.leads!.length).toBeLessThan(espocrm.world.list('Lead').length)
    expect(leads).toEqual(wanted.leads)
  })

  it('is what a backfill reads, from its first day to before its last', async () => {
    await using espocrm = await start({ limit: 5 })
    const range = { from: '2024-06-01', to: '2025-03-01' }
    expect((await espocrm.backfill({ ...LEADS, ...range })).status).toBe('ok')
    const wanted = inRange(
      expectedTables(espocrm.world, ['leads']),
      (at) => at !== undefined && at >= range.from && at < range.to,
    )
    expect(wanted.leads!.length).toBeGreaterThan(5)
    expect(liveRows(await espocrm.dump()).leads).toEqual(wanted.leads)
  })
})

describe('requests', () => {
  it('are one for each list and each parent when there is nothing new', async () => {
    await using espocrm = await start()
    await espocrm.sync()
    const tables = await espocrm.dump()
    espocrm.asked()
    const { schema_changes: changes } = await espocrm.sync()
    const asked = espocrm.asked()
    const { TargetList: lists, Team: teams } = espocrm.world.counts()
    const parents = 3 * lists! + teams!
    const ofLists = SELECTED.filter(({ depends_on: parent }) => !parent)
    expect(Object.values(asked).reduce((sum, count) => sum + count)).toBe(ofLists.length + parents)
    expect(asked).toMatchObject({ Account: 1, Contact: 1, Lead: 1, Email: 1, User: 1, Team: 1 })
    expect(changes).toEqual([])
    expect(await espocrm.dump()).toEqual(tables)
  })

  it('ask in the order of modifiedAt, and for pages as large as there are', async () => {
    await using espocrm = await start({ sandbox: { leads: 260 } })
    await espocrm.sync(LEADS)
    const [first, second, ids] = espocrm.source.requests.entries.map(({ query }) => query)
    const list = { orderBy: 'modifiedAt', order: 'asc' }
    const isStamped = { 'where[0][type]': 'isNotNull', 'where[0][attribute]': 'modifiedAt' }
    expect(first).toEqual({ ...list, ...isStamped })
    expect(second).toMatchObject({
      ...list,
      ...isStamped,
      'where[1][type]': 'or',
      'where[1][value][0][type]': 'greaterThan',
      'where[1][value][1][value][1][attribute]': 'id',
    })
    expect(ids).toEqual({ orderBy: 'id', order: 'asc', select: 'id,modifiedAt' })
  })
})

describe('credentials', () => {
  const hmac = (digest: string) => ({
    type: 'hmac',
    api_key: '${ESPOCRM_API_KEY}',
    secret_key: '${ESPOCRM_SECRET_KEY}',
    digest,
  })

  it.each(['hex', 'raw'])('that sign with a digest in %s read the same tables', async (digest) => {
    await using espocrm = await start({ pipeline: { auth: hmac(digest) } })
    const endpoints = ['leads', 'target_lists', 'target_list_leads']
    expect((await espocrm.sync({ endpoints })).status).toBe('ok')
    expect(liveRows(await espocrm.dump())).toEqual(expectedTables(espocrm.world, endpoints))
  })

  it.each([
    ['key', {}],
    ['signature', { auth: hmac('hex') }],
  ])(
    'with a wrong %s are one error after two requests, and lock nobody out',
    async (_, pipeline) => {
      const env = { ESPOCRM_API_KEY: 'not the key', ESPOCRM_SECRET_KEY: 'not the secret' }
      await using espocrm = await start({ pipeline, env })
      for (let runs = 0; runs < 3; runs++) {
        const summary = await espocrm.sync()
        expect(summary.status).toBe('failed')
        expect(espocrm.asked()).toEqual({ '401 Account': 1, '401 Contact': 1 })
        expect(statusOf(summary, 'accounts').error).toMatchObject({
          code: 'HTTP_UNAUTHORIZED',
          message: expect.stringMatching(/Account\?.* answered 401/),
        })
        expect(statusOf(summary, 'leads').status).toBe('skipped')
        expect(JSON.stringify(summary)).not.toContain('not the')
      }
    },
  )
})

describe('a service that', () => {
  it('refuses a page says why, in a header', async () => {
    await using espocrm = await start({ limit: 500 })
    const { error } = statusOf(await espocrm.sync(LEADS), 'leads')
    expect(error).toMatchObject({
      code: 'HTTP_STATUS',
      message: expect.stringMatching(/answered 403: Max size should not exceed 200/),
    })
    expect(espocrm.asked()).toEqual({ '403 Lead': 1 })
  })

  it('does not let the user read everything leaves out what may be left out, and fails for the rest', async () => {
    await using espocrm = await start({ espocrm: { forbidden: ['Case', 'TargetList', 'User'] } })
    const summary = await espocrm.sync()
    expect(summary.status).toBe('partial')
    const notOk = summary.endpoints.filter(({ status }) => status !== 'ok')
    expect(notOk.map(({ endpoint }) => endpoint)).toEqual(['cases'])
    expect(notOk[0]!.error!.message).toMatch(/answered 403: No read access\.$/)
    const skipped = summary.warnings.map(({ endpoint, code }) => `${endpoint} ${code}`)
    const { Team: teams } = espocrm.world.counts()
    expect(skipped.filter((text) => text === 'team_users STATUS_SKIPPED')).toHaveLength(teams!)
    expect(new Set(skipped)).toEqual(
      new Set(['target_lists', 'users', 'team_users'].map((name) => `${name} STATUS_SKIPPED`)),
    )
    const names = NAMES.filter((name) => !/^cases|^target_list|^users|^team_users/.test(name))
    expect(liveRows(await espocrm.dump())).toEqual(expectedTables(espocrm.world, names))
  })

  it('is in maintenance is asked again, and says so in the end', async () => {
    const retry = { ...QUICK.retry, max_attempts: 3 }
    await using espocrm = await start({ espocrm: { maintenance: true }, pipeline: { retry } })
    const { error } = statusOf(await espocrm.sync(LEADS), 'leads')
    expect(error?.message).toMatch(
      /answered 503: Application is in maintenance mode\. \(3 attempts\)$/,
    )
    expect(espocrm.asked()).toEqual({ '503 Lead': 3 })
  })

  it('comes back after a while has lost nothing', async () => {
    const faults = { rate: 0.4, kinds: ['503'] } as const
    await using espocrm = await start({ sandbox: { faults }, pipeline: QUICK, limit: 10 })
    const summary = await espocrm.sync(LEADS)
    expect(statusOf(summary, 'leads')).toMatchObject({ status: 'ok', error: null })
    expect(statusOf(summary, 'leads').retries).toBeGreaterThan(0)
    expect(liveRows(await espocrm.dump())).toEqual(expectedTables(espocrm.world, ['leads']))
  })

  it('drops a filter without a word is found out, and Sluice filters by itself', async () => {
    const sandbox = await startSandbox({ sources: ['espocrm'], leads: 60 })
    const { url, world } = sandbox.sources.espocrm
    // As the document has it: a filter in JSON, and pages by offset.
    const asDocumented = {
      base_url: url,
      auth: { type: 'api_key', name: 'X-Api-Key', api_key: 'sandbox_key' },
      endpoints: [
        {
          name: 'leads',
          path: 'Lead',
          data_selector: 'list',
          primary_key: 'id',
          query_style: 'json',
          params: { orderBy: 'modifiedAt', order: 'asc' },
          transform: [{ exclude: ['deleted'] }],
          incremental: {
            cursor_path: 'modifiedAt',
            format: 'yyyy-MM-dd HH:mm:ss',
            order: 'asc',
            params: {
              where: [{ type: 'after', field: 'modifiedAt', value: '{cursor.start}' }],
            },
          },
          pagination: {
            type: 'offset',
            offset_param: 'offset',
            limit_param: 'maxSize',
            limit: 20,
            total_path: 'total',
          },
        },
      ],
    }
    await using pipeline = createPipeline('sqlite', asDocumented)
    try {
      await pipeline.sync()
      const { edited } = world.mutate({ edits: 3 })
      const summary = await pipeline.sync()
      const changed = idsOf(edited, 'Lead').length
      expect(summary.warnings).toContainEqual(
        expect.objectContaining({ endpoint: 'leads', code: 'FILTER_IGNORED' }),
      )
      const { records, rows } = statusOf(summary, 'leads')
      expect(records).toBeGreaterThanOrEqual(world.list('Lead').length)
      expect(rows.leads).toBeGreaterThanOrEqual(changed)
      expect(rows.leads).toBeLessThan(10)
      expect(liveRows(await pipeline.dump())).toEqual(expectedTables(world, ['leads']))
    } finally {
      await sandbox.stop()
    }
  })
})

describe('docs/sources/espocrm.md', () => {
  const page = readFileSync(new URL('../../../docs/sources/espocrm.md', import.meta.url), 'utf8')
  const queries = docQueries(page)

  it.each(destinationTypes)('shows what its queries give in %s', async (type) => {
    await using espocrm = await start({ type, sandbox: { leads: 200 } })
    const tables = ['opportunities', 'leads', 'contacts', 'target_lists', 'target_list_contacts']
    await espocrm.sync({ endpoints: tables })
    expect(queries).toHaveLength(3)
    for (const { sql, output } of queries) {
      expect(asOutput(await espocrm.query(sql))).toEqual(output)
    }
  })

  it('names every table that there is', () => {
    const named = new Set([...page.matchAll(/`(\w+)`/g)].map(([, name]) => name))
    expect(EVERYTHING.filter((name) => !named.has(name))).toEqual([])
  })
})
