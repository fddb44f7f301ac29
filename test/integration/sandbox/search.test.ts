import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSandbox, type Sandbox, type SandboxSource } from '../../../src/sandbox/sandbox.ts'
import { ask, idsOf, post, type JsonRow } from './client.ts'

let sandbox: Sandbox<'close'>
let close: SandboxSource<'close'>
let now = Date.UTC(2025, 6, 1)

beforeAll(async () => {
  sandbox = await startSandbox({
    sources: ['close'],
    leads: 60,
    seed: 6,
    now: () => now,
    close: { searchLimit: 40, searchCursorTtlMs: 30_000 },
  })
  close = sandbox.sources.close
})

afterAll(() => sandbox.stop())

const regular = (field_name: string, object_type = 'lead') => ({
  type: 'regular_field',
  object_type,
  field_name,
})
const byUpdate = [{ direction: 'asc', field: regular('date_updated') }]

function query(...queries: unknown[]) {
  return { type: 'and', queries: [{ type: 'object_type', object_type: 'lead' }, ...queries] }
}

function range(bounds: Record<string, string>, field_name = 'date_updated') {
  const moments = Object.entries(bounds).map(([name, value]) => [
    name,
    { type: 'fixed_utc', value },
  ])
  const condition = { type: 'moment_range', ...Object.fromEntries(moments) }
  return { type: 'field_condition', field: regular(field_name), condition }
}

const search = async (body: Record<string, unknown>) => post(close, 'data/search/', body)

async function walk(body: Record<string, unknown>, onPage: () => void = () => {}) {
  const rows: JsonRow[] = []
  let cursor: unknown = null
  do {
    const answer = await search({ ...body, cursor })
    if (answer.status !== 200) throw new Error(answer.text)
    rows.push(...answer.body.data)
    cursor = answer.body.cursor
    onPage()
  } while (cursor !== null)
  return rows
}

/** All leads by ascending `date_updated`, starting anew from the last value when a walk ends. */
async function keyset(): Promise<string[]> {
  const seen = new Set<string>()
  let from = '2000-01-01T00:00:00Z'
  for (;;) {
    const rows = await walk({
      query: query(range({ on_or_after: from })),
      _fields: { lead: ['id', 'date_updated'] },
      sort: byUpdate,
      _limit: 11,
    })
    const fresh = rows.filter(({ id }) => !seen.has(id))
    if (fresh.length === 0) return [...seen]
    for (const { id } of fresh) seen.add(id)
    from = fresh.at(-1)!.date_updated as string
  }
}

describe('/data/search/', () => {
  it('reads everything in order once, past the end of each walk', async () => {
    expect(await keyset()).toEqual(idsOf(close.world.leads.list('date_updated')))
  })

  it('ends a walk at the limit, with no cursor to go on', async () => {
    const rows = await walk({ query: query(), sort: byUpdate, _limit: 11 })
    expect(rows).toHaveLength(40)
    expect(
      await walk({ query: query(), sort: byUpdate, results_limit: 5, _limit: 2 }),
    ).toHaveLength(5)
  })

  it('gives the id and the type unless fields are asked for', async () => {
    const bare = await search({ query: query(), _limit: 1 })
    expect(Object.keys(bare.body.data[0]!)).toEqual(['__object_type', 'id'])
    const { body } = await search({
      query: query(),
      _fields: { lead: ['name', 'contacts', 'custom'] },
      _limit: 200,
    })
    expect(body.data[0]).toMatchObject({ __object_type: 'lead', name: expect.any(String) })
    expect(body.data.some((row) => Object.keys(row).some((key) => key.startsWith('custom.')))).toBe(
      true,
    )
    expect(body.data.some(({ contacts }) => (contacts as unknown[]).length > 0)).toBe(true)
  })

  it('honours every bound of a range to the millisecond', async () => {
    const times = close.world.leads
      .list('date_updated')
      .map(({ record }) => record.date_updated as string)
    const at = times[20]!
    const found = async (bounds: Record<string, string>) =>
      (await walk({ query: query(range(bounds)), sort: byUpdate, _limit: 200 })).length
    const ties = times.filter((time) => time === at).length
    const earlier = times.filter((time) => time < at).length
    expect(await found({ on_or_after: at, on_or_before: at })).toBe(ties)
    expect(await found({ before: at })).toBe(earlier)
    expect(await found({ on_or_before: at })).toBe(earlier + ties)
    expect(await found({ after: at, before: '2100-01-01T00:00:00Z' })).toBe(60 - earlier - ties)
  })

  it('sees what is edited during a walk again, and misses nothing', async () => {
    const before = idsOf(close.world.leads.list('date_updated')).slice(0, 30)
    let page = 0
    const rows = await walk({ query: query(), sort: byUpdate, _limit: 6 }, () => {
      if (page++ === 1) close.world.editLead(before[2])
    })
    const found = idsOf(rows)
    expect(found).toEqual(expect.arrayContaining(before))
    expect(close.world.leads.list('date_updated').at(-1)!.id).toBe(before[2])
  })

  it('refuses a cursor that is too old, unknown, or of another search', async () => {
    const body = { query: query(), sort: byUpdate, _limit: 5 }
    const { cursor } = (await search(body)).body
    const other = await search({ ...body, sort: null, cursor })
    now += 29_999
    expect((await search({ ...body, cursor })).status).toBe(200)
    now += 1
    const expired = await search({ ...body, cursor })
    expect(expired).toMatchObject({ status: 400, text: '{"error":"Expired cursor"}' })
    expect((await search({ ...body, cursor: 'nonsense' })).status).toBe(400)
    expect(other.status).toBe(400)
  })

  it('counts on request', async () => {
    const { body } = await search({ query: query(), include_counts: true, _limit: 1 })
    expect(body.count).toEqual({ limited: 40, total: 60 })
  })

  it('finds by id, term, text, number, existence, negation and relation', async () => {
    const world = close.world
    const status = world.org.leadStatuses[1]!.id as string
    const found = async (...queries: unknown[]) =>
      idsOf(await walk({ query: query(...queries), _limit: 200 })).toSorted()
    const expected = (holds: (record: Record<string, unknown>) => boolean) =>
      idsOf(world.leads.list('id').filter(({ record }) => holds(record)))
    const term = {
      type: 'field_condition',
      field: regular('status_id'),
      condition: { type: 'term', values: [status] },
    }
    expect(await found(term)).toEqual(expected((record) => record.status_id === status))
    expect(await found({ ...term, negate: true })).toEqual(
      expected((record) => record.status_id !== status),
    )
    const { id: seats } = world.org.leadFields.seats
    const number = {
      type: 'field_condition',
      field: { type: 'custom_field', custom_field_id: seats },
      condition: { type: 'number_range', gte: 100 },
    }
    expect(await found(number)).toEqual(
      expected((record) => ((record[`custom.${seats}`] ?? 0) as number) >= 100),
    )
    const { id } = world.leads.list('id')[0]!
    const either = { type: 'or', queries: [{ type: 'id', value: id }, number] }
    expect(await found(either)).toContain(id)
    const won = {
      type: 'has_related',
      this_object_type: 'lead',
      related_object_type: 'opportunity',
      related_query: {
        type: 'field_condition',
        field: regular('status_type', 'opportunity'),
        condition: { type: 'term', values: ['won'] },
      },
    }
    const winners = world.opportunities
      .list('id')
      .filter(({ record }) => record.status_type === 'won')
    expect(await found(won)).toEqual(
      [...new Set(winners.map(({ record }) => record.lead_id as string))].toSorted(),
    )
  })

  it('searches contacts as well', async () => {
    const rows = await walk({
      query: { type: 'object_type', object_type: 'contact' },
      _fields: { contact: ['id', 'lead_id'] },
      results_limit: 30,
    })
    expect(rows.every(({ lead_id }) => close.world.leads.get(lead_id as string))).toBe(true)
    expect(rows).toHaveLength(30)
  })

  it('finds contacts by lead, and leads by id', async () => {
    const { world } = close
    const ids = idsOf(world.leads.list('id')).slice(0, 5)
    const ofLeads = {
      type: 'field_condition',
      field: regular('lead_id', 'contact'),
      condition: { type: 'reference', reference_type: 'lead', object_ids: ids },
    }
    const contacts = await walk({
      query: {
        type: 'and',
        queries: [{ type: 'object_type', object_type: 'contact' }, ofLeads],
      },
    })
    const expected = ids.flatMap((id) => world.children(id).contacts)
    expect(idsOf(contacts).toSorted()).toEqual(expected.toSorted())
    const leads = await walk({
      query: query({ type: 'or', queries: ids.map((value) => ({ type: 'id', value })) }),
    })
    expect(idsOf(leads).toSorted()).toEqual(ids.toSorted())
  })

  it('finds custom objects by type, and leads that have one', async () => {
    const { world } = close
    const [type] = world.org.objectTypes
    const ofType = {
      type: 'field_condition',
      field: regular('custom_object_type_id', 'custom_object'),
      condition: { type: 'term', values: [type!.id] },
    }
    const objects = await walk({
      query: {
        type: 'and',
        queries: [{ type: 'object_type', object_type: 'custom_object' }, ofType],
      },
      _fields: { custom_object: ['id', 'lead_id', 'name', 'custom'] },
      sort: [{ direction: 'asc', field: regular('date_updated', 'custom_object') }],
      _limit: 7,
    })
    const expected = world
      .listOf('custom_object')
      .filter((record) => record.custom_object_type_id === type!.id)
    expect(objects.length).toBeGreaterThan(7)
    expect(idsOf(objects).toSorted()).toEqual(expected.map(({ id }) => id as string).toSorted())
    expect(objects[0]!.__object_type).toBe('custom_object')
    expect(Object.keys(objects[0]!).some((key) => key.startsWith('custom.cf_'))).toBe(true)
    const having = {
      type: 'has_related',
      this_object_type: 'lead',
      related_object_type: 'custom_object',
      related_query: ofType,
    }
    const leads = await walk({ query: query(having) })
    const owners = new Set(expected.map((record) => record.lead_id as string))
    expect(idsOf(leads).toSorted()).toEqual([...owners].toSorted())
  })

  it('orders by a second key where the first is the same', async () => {
    const sort = [
      { direction: 'asc', field: regular('status_id') },
      { direction: 'desc', field: regular('date_created') },
    ]
    const rows = await walk({
      query: query(),
      sort,
      _fields: { lead: ['status_id', 'date_created'] },
      _limit: 9,
    })
    const keys = rows.map((row) => [row.status_id, row.date_created] as [string, string])
    const ordered = keys.toSorted(([a, x], [b, y]) =>
      a === b ? (x < y ? 1 : x > y ? -1 : 0) : a < b ? -1 : 1,
    )
    expect(keys).toEqual(ordered)
    expect(new Set(keys.map(([status]) => status)).size).toBeGreaterThan(1)
  })

  it('gives every custom value for `custom`, and the object by names where there is one', async () => {
    for (const type of ['lead', 'contact', 'opportunity'] as const) {
      const rows = await walk({
        query: { type: 'object_type', object_type: type },
        _fields: { [type]: ['custom'] },
        _limit: 200,
      })
      const records = new Map(close.world.listOf(type).map((record) => [record.id, record]))
      const values = rows.map((row) => Object.entries(row).filter(([key]) => /^custom\b/.test(key)))
      expect(values.flat().length).toBeGreaterThan(5)
      for (const [i, row] of rows.entries()) {
        const own = Object.entries(records.get(row.id)!).filter(([key]) => /^custom\b/.test(key))
        expect(values[i]).toEqual(own)
      }
    }
  })

  it.each([
    ['no type', { query: { type: 'match_all' } }],
    ['two types', { query: query({ type: 'object_type', object_type: 'contact' }) }],
    ['an unknown type', { query: { type: 'object_type', object_type: 'planet' } }],
    ['a _limit over 200', { query: query(), _limit: 201 }],
    ['too many fields', { query: query(), _fields: { lead: Array(101).fill('name') } }],
    ['a deleted custom field', { query: query(), _fields: { lead: ['custom.cf_gone'] } }],
    ['a moment that is none', { query: query(range({ before: 'soon' })) }],
    ['an unknown condition', { query: query({ type: 'nearby' }) }],
    ['no query', {}],
  ])('refuses %s', async (_, body) => {
    expect((await search(body)).status).toBe(400)
  })

  it('keeps the text of each choice of fields apart', async () => {
    const one = await search({ query: query(), _fields: { lead: ['name'] }, _limit: 1 })
    const two = await search({ query: query(), _fields: { lead: ['url'] }, _limit: 1 })
    expect(Object.keys(one.body.data[0]!)).toContain('name')
    expect(Object.keys(two.body.data[0]!)).not.toContain('name')
    expect((await ask(close, `lead/${one.body.data[0]!.id}/`)).body.name).toBe(
      one.body.data[0]!.name,
    )
  })
})
