import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { sourceJsonSchema } from '../../../src/config/json-schema.ts'
import type { Clock } from '../../../src/core/clock.ts'
import type { ClosumOptions } from '../../../src/sandbox/closum/closum.ts'
import { destinationTypes } from '../../support/databases.ts'
import { asOutput, docQueries } from '../../support/doc-queries.ts'
import {
  CLOSUM_YAML,
  afterPage,
  byId,
  expectedTables,
  liveRows,
  marked,
  start,
  statusOf,
} from './closum.ts'

const DAY = 86_400_000
const WRONG = { CLOSUM_PASSWORD: 'not the password' }

const idsOf = (rows: readonly ({ readonly id: number } | null)[]) =>
  rows.flatMap((row) => row?.id ?? []).sort((a, b) => a - b)

describe('config/closum.yaml', () => {
  it('is what its schema allows, and describes every endpoint', () => {
    const source = parse(readFileSync(CLOSUM_YAML, 'utf8')) as {
      endpoints: { description?: string }[]
    }
    const schema = z.fromJSONSchema(sourceJsonSchema() as never)
    expect(schema.safeParse(source).error?.issues).toBeUndefined()
    expect(source.endpoints.filter(({ description }) => !description)).toEqual([])
  })
})

describe.each(destinationTypes)('Closum in %s', (type) => {
  it('is there whole, each record once and as it is, first and after every change', async () => {
    await using closum = await start({ type, sandbox: { leads: 130, seed: 5 } })
    const { world } = closum
    const first = await closum.sync()
    expect(first.status).toBe('ok')
    expect(liveRows(await closum.dump())).toEqual(expectedTables(world))

    world.mutate({ edits: 12, adds: 5, seed: 1 })
    const deleted = [3, 64, 129].map((id) => world.deleteLead(id))
    const second = await closum.sync()
    expect(statusOf(second, 'leads')).toMatchObject({ status: 'ok', deleted: 3 })
    expect(liveRows(await closum.dump())).toEqual(expectedTables(world))
    expect(await closum.gone()).toEqual([3, 64, 129])
    const { phones, emails } = await closum.dump()
    expect(marked(phones!)).toEqual(idsOf(deleted.map(({ phone }) => phone)))
    expect(marked(emails!)).toEqual(idsOf(deleted.map(({ email }) => email)))

    world.restoreLead(deleted[1]!)
    const third = await closum.sync()
    expect(statusOf(third, 'leads')).toMatchObject({ status: 'ok', deleted: 0 })
    expect(liveRows(await closum.dump())).toEqual(expectedTables(world))
    expect(await closum.gone()).toEqual([3, 129])
  })

  it('names the ids of phone, email and city in lead_details, for who asks for them', async () => {
    await using closum = await start({ type, sandbox: { leads: 12 } })
    const { world } = closum
    const vanish = afterPage('leads', 0, () => world.deleteLead(12))
    const summary = await closum.sync({ endpoints: ['lead_details'], onEvent: vanish })
    expect(summary.status).toBe('ok')
    expect(closum.asked()).toMatchObject({ '/api/lead': 1, '/api/lead/12': 1 })
    const { lead_details: details } = await closum.dump()
    const expected = world.leads.rows().map(({ id, phone_id, email_id, city_id }) => ({
      id,
      phone__id: phone_id,
      email__id: email_id,
      city__id: city_id,
    }))
    const ids = details!.toSorted(byId).map((row) => ({
      id: row.id,
      phone__id: row.phone__id,
      email__id: row.email__id,
      city__id: row.city__id,
    }))
    expect(ids).toEqual(expected)
  })
})

describe('requests', () => {
  it('are one for each page and one login, also when there is nothing new', async () => {
    await using closum = await start({ sandbox: { leads: 130 } })
    const { emails, phones } = closum.world.counts()
    const pages = (count: number) => Math.ceil(count / 100)
    const expected = {
      '/api/token': 1,
      '/api/lead': 2,
      '/api/city': 1,
      '/api/email': pages(emails!),
      '/api/phone': pages(phones!),
    }
    await closum.sync()
    expect(closum.asked()).toEqual(expected)
    const tables = await closum.dump()
    const { schema_changes: changes } = await closum.sync()
    expect(closum.asked()).toEqual(expected)
    expect(changes).toEqual([])
    expect(await closum.dump()).toEqual(tables)
  })

  it('ask in the order of ids, for as much as a page can hold', async () => {
    await using closum = await start({ sandbox: { leads: 10 } })
    await closum.sync()
    const [list] = closum.source.requests.entries.filter(({ path }) => path === '/api/lead')
    expect(list!.query).toEqual({ sort: 'id', direction: 'asc', limit: '100', page: '1' })
  })

  it('wait as long as a refusal says', async () => {
    let now = Date.UTC(2025, 6, 1)
    const waits: number[] = []
    const clock: Clock = {
      now: () => now,
      sleep: async (ms) => {
        waits.push(ms)
        now += ms
      },
    }
    await using closum = await start({ sandbox: { leads: 5, rps: 1, now: () => now } })
    const summary = await closum.sync({ clock })
    expect(summary.status).toBe('ok')
    expect(waits.length).toBeGreaterThan(0)
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1000)
    expect(liveRows(await closum.dump())).toEqual(expectedTables(closum.world))
  })
})

describe('the token', () => {
  it('that ends during a run is replaced by one login more', async () => {
    let now = Date.now()
    await using closum = await start({ sandbox: { now: () => now }, limit: 10 })
    const summary = await closum.sync({
      onEvent: afterPage('leads', 2, () => {
        now += 8 * DAY
      }),
    })
    expect(summary.status).toBe('ok')
    const refused = closum.source.requests.entries.filter(({ status }) => status === 401)
    expect(refused.length).toBeGreaterThan(0)
    const leads = refused.filter(({ path }) => path === '/api/lead').length
    expect(closum.asked()).toMatchObject({ '/api/token': 2, '/api/lead': 6 + leads })
    expect(liveRows(await closum.dump())).toEqual(expectedTables(closum.world))
  })

  it('is replaced before it ends, by what it says of itself', async () => {
    let now = Date.UTC(2025, 6, 1)
    const clock: Clock = { now: () => now, sleep: () => Promise.resolve() }
    await using closum = await start({ sandbox: { now: () => now }, limit: 10 })
    const later = afterPage('leads', 2, () => {
      now += 6.5 * DAY
    })
    expect((await closum.sync({ clock, onEvent: later })).status).toBe('ok')
    expect(closum.asked()).toMatchObject({ '/api/token': 2, '/api/lead': 6 })
  })

  it.each<[string, ClosumOptions]>([
    ['401', {}],
    ['a page of HTML', { errorsAs: 'html' }],
  ])('that is refused with %s ends the run after one login', async (_, options) => {
    await using closum = await start({ closum: options, env: WRONG })
    const summary = await closum.sync()
    expect(summary.status).toBe('failed')
    expect(closum.asked()).toEqual({ '/api/token': 1 })
    expect(summary.endpoints.map(({ status }) => status)).toEqual([
      'failed',
      'skipped',
      'skipped',
      'skipped',
    ])
    expect(statusOf(summary, 'leads').error).toMatchObject({
      code: 'AUTH_FAILED',
      message: expect.stringContaining('/api/token answered 401'),
      hint: expect.stringContaining('check the credentials'),
    })
    expect(JSON.stringify(summary)).not.toContain(WRONG.CLOSUM_PASSWORD)
  })

  it('that is refused with the status 200 ends the run after one login, too', async () => {
    await using closum = await start({ closum: { loginRefusedAs: 200 }, env: WRONG })
    const summary = await closum.sync()
    expect(summary.status).toBe('failed')
    expect(closum.asked()).toEqual({ '/api/token': 1 })
    expect(statusOf(summary, 'leads').error).toMatchObject({
      code: 'AUTH_FAILED',
      message: expect.stringMatching(/\/api\/token answered 200: Invalid username or password$/),
    })
  })
})

describe('a list', () => {
  it('that fails with the status 200 is an error, and loses and deletes nothing', async () => {
    const failOnce = { path: '/api/lead', page: 3 }
    await using closum = await start({ sandbox: { leads: 20 }, closum: { failOnce }, limit: 10 })
    const { world } = closum
    expect((await closum.sync()).status).toBe('ok')
    world.deleteLead(1)
    world.mutate({ adds: 5 })

    const failed = await closum.sync()
    expect(failed.status).toBe('partial')
    expect(statusOf(failed, 'leads').error).toMatchObject({
      code: 'RESPONSE_UNSUCCESSFUL',
      message: expect.stringContaining('An Internal Error Has Occurred'),
    })
    for (const name of ['cities', 'emails', 'phones'])
      expect(statusOf(failed, name).status).toBe('ok')
    expect(await closum.gone()).toEqual([])

    expect((await closum.sync()).status).toBe('ok')
    expect(liveRows(await closum.dump())).toEqual(expectedTables(world))
    expect(await closum.gone()).toEqual([1])
  })

  it('whose limit the service lowers is read to its end', async () => {
    await using closum = await start({ closum: { maxLimit: 7 } })
    expect((await closum.sync()).status).toBe('ok')
    expect(closum.asked()).toMatchObject({ '/api/lead': Math.ceil(60 / 7) })
    expect(liveRows(await closum.dump())).toEqual(expectedTables(closum.world))
  })

  it.each([
    { maxLimit: 100, limit: 10 },
    { maxLimit: 10, limit: 100 },
  ])('that shifts while it is read loses nothing, with $limit of $maxLimit', async (sizes) => {
    await using closum = await start({ closum: { maxLimit: sizes.maxLimit }, limit: sizes.limit })
    const { world } = closum
    const before = idsOf(world.leads.rows())
    const shift = afterPage('leads', 1, () => void world.deleteLead(4))
    const summary = await closum.sync({ onEvent: shift })
    expect(statusOf(summary, 'leads')).toMatchObject({ status: 'ok', deleted: 0 })
    // Number 4 had been read before it was deleted.
    const { leads } = await closum.dump()
    expect(leads!.sort(byId).map(({ id }) => id)).toEqual(before)

    expect((await closum.sync()).status).toBe('ok')
    expect(await closum.gone()).toEqual([4])
    expect(liveRows(await closum.dump())).toEqual(expectedTables(world))
  })

  it('whose last page vanishes while it is read ends with the page before', async () => {
    await using closum = await start({ sandbox: { leads: 31 }, limit: 10 })
    const { world } = closum
    world.deleteLead(30)
    expect((await closum.sync()).status).toBe('ok')
    world.addLead()
    const shift = afterPage('leads', 2, () => void world.deleteLead(4))
    const cut = await closum.sync({ onEvent: shift })
    expect(statusOf(cut, 'leads')).toMatchObject({ status: 'ok', error: null })
    expect((await closum.sync()).status).toBe('ok')
    expect(liveRows(await closum.dump())).toEqual(expectedTables(world))
    expect(await closum.gone()).toEqual([4])
  })

  it('that shifts so that its count stays the same has nothing taken for gone that is there', async () => {
    await using closum = await start({ limit: 10 })
    const { world } = closum
    expect((await closum.sync()).status).toBe('ok')
    const swap = afterPage('leads', 1, () => {
      world.deleteLead(4)
      world.addLead()
    })
    await closum.sync({ onEvent: swap })
    expect(await closum.gone()).toEqual([])
    expect((await closum.sync()).status).toBe('ok')
    expect(liveRows(await closum.dump())).toEqual(expectedTables(world))
    expect(await closum.gone()).toEqual([4])
  })
})

describe('docs/sources/closum.md', () => {
  const page = readFileSync(new URL('../../../docs/sources/closum.md', import.meta.url), 'utf8')
  const queries = docQueries(page)
  const printed = queries.filter(({ output }) => output !== null)
  const [forPostgres, tryJsonb] = queries.filter(({ output }) => output === null)

  it('shows what its queries give in SQLite', async () => {
    await using closum = await start({ sandbox: { leads: 200 } })
    await closum.sync()
    expect(printed).toHaveLength(3)
    for (const { sql, output } of printed) {
      expect(asOutput(await closum.query(sql))).toEqual(output)
    }
  })

  it('shows how Postgres says the same', async () => {
    await using closum = await start({ type: 'postgres', sandbox: { leads: 200 } })
    await closum.sync()
    const { columns, rows } = await closum.query(forPostgres!.sql)
    const named = rows.filter(([origin]) => origin !== null)
    expect(asOutput({ columns, rows: named })).toEqual(printed[2]!.output)
    await closum.execute(tryJsonb!.sql)
    const before16 = forPostgres!.sql.replace(
      /case when .* end as/,
      "try_jsonb(custom_data) ->> 'origem' as",
    )
    expect(before16).not.toBe(forPostgres!.sql)
    expect((await closum.query(before16)).rows).toEqual(rows)
  })
})
