import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ENTITIES } from '../../../src/sandbox/espocrm/model/entities.ts'
import { ENTITY_NAMES } from '../../../src/sandbox/espocrm/model/names.ts'
import { startSandbox, type Sandbox, type SandboxSource } from '../../../src/sandbox/sandbox.ts'
import { KEY, ask, idsOf, readAll, where } from './espocrm-client.ts'

let sandbox: Sandbox<'espocrm'>
let espocrm: SandboxSource<'espocrm'>

beforeAll(async () => {
  // Enough that more than one page of the greatest size shares a second.
  sandbox = await startSandbox({ sources: ['espocrm'], leads: 1200, seed: 3 })
  espocrm = sandbox.sources.espocrm
})

afterAll(() => sandbox.stop())

const UNCOUNTED = { headers: { ...KEY, 'x-no-total': 'true' } }

describe('pages', () => {
  it.each(ENTITY_NAMES)('%s: by offset they hold everything once', async (entity) => {
    expect(await readAll(espocrm, entity, {}, 200)).toEqual(espocrm.world.list(entity))
  })

  it('are of 200 unless a size is asked for, and never greater', async () => {
    for (const params of [{}, { maxSize: '' }, { maxSize: 200 }]) {
      const { body } = await ask(espocrm, 'Lead', params)
      expect(body.list).toHaveLength(200)
      expect(body.total).toBe(espocrm.world.counts().Lead)
    }
    const { status, reason, text } = await ask(espocrm, 'Lead', { maxSize: 201 })
    expect([status, text]).toEqual([403, ''])
    expect(reason).toBe('Max size should not exceed 200. Use offset and limit.')
  })

  it.each([
    ['0', 0],
    ['abc', 0],
    ['3rows', 3],
  ])('of size %s have %i rows, of a total that says there is more', async (maxSize, rows) => {
    const { body } = await ask(espocrm, 'Lead', { maxSize })
    expect(body.list).toHaveLength(rows)
    expect(body.total).toBeGreaterThan(1000)
  })

  it('beyond the end are empty', async () => {
    const { body } = await ask(espocrm, 'Team', { offset: 100 })
    expect(body).toEqual({ total: 4, list: [] })
  })
})

describe('totals that nobody counted', () => {
  it('say -1 for more and -2 for the end', async () => {
    const total = async (path: string, params: object, init?: RequestInit) =>
      (await ask(espocrm, path, { ...params }, init)).body.total
    expect(await total('Team', { maxSize: 3 }, UNCOUNTED)).toBe(-1)
    expect(await total('Team', { maxSize: 4 }, UNCOUNTED)).toBe(-2)
    expect(await total('Team', { maxSize: 3, offset: 3 }, UNCOUNTED)).toBe(-2)
    expect(await total('Team', { maxSize: 0 }, UNCOUNTED)).toBe(-2)
    expect(await total('Email', { maxSize: 2 })).toBe(-1)
    expect(await total('ActionHistoryRecord', { offset: 200, maxSize: 99 })).toBe(-1)
    expect(await total('Note', { maxSize: 2 })).toBe(600)
    expect(await total('Lead', { q: 'a', maxSize: 1 })).toBe(-1)
    expect(await total('Lead', { textFilter: 'no such name' })).toBe(-2)
  })

  it('change nothing about the rows, filtered or not', async () => {
    const filter = where({ type: 'isNull', attribute: 'modifiedAt' })
    const params = { ...filter, maxSize: 10, offset: 5 }
    const counted = (await ask(espocrm, 'Lead', params)).body
    const uncounted = (await ask(espocrm, 'Lead', params, UNCOUNTED)).body
    expect(uncounted.list).toEqual(counted.list)
    expect([uncounted.total, counted.total]).toEqual([-1, 29])
  })
})

describe('orders', () => {
  it.each(ENTITY_NAMES)('%s has an order of its own', async (entity) => {
    const { by, direction } = ENTITIES[entity].order
    const { body } = await ask(espocrm, entity, { maxSize: 50 })
    const explicit = await ask(espocrm, entity, { maxSize: 50, orderBy: by, order: direction })
    expect(body.list.length).toBeGreaterThan(2)
    expect(body.list).toEqual(explicit.body.list)
  })

  it('settle ties by id in their own direction, over more than a page of them', async () => {
    for (const order of ['asc', 'desc'] as const) {
      const rows = await readAll(espocrm, 'Lead', { orderBy: 'modifiedAt', order }, 200)
      const keys = rows.map(({ id, modifiedAt }) => `${(modifiedAt as string | null) ?? ''} ${id}`)
      expect(keys).toEqual(order === 'asc' ? keys.toSorted() : keys.toSorted().toReversed())
    }
    const seconds = espocrm.world.list('Lead').map(({ modifiedAt }) => modifiedAt)
    const tied = seconds.filter((second) => second === '2025-05-16 11:59:30')
    expect(tied.length).toBeGreaterThan(200)
  })

  it('go up unless told otherwise, and can be asked for as they were of old', async () => {
    const first = async (params: Record<string, string>) =>
      (await ask(espocrm, 'Case', { ...params, maxSize: 1 })).body.list[0]!.number
    const last = await first({})
    expect(await first({ orderBy: 'number' })).toBe(1)
    expect(await first({ order: 'ASC' })).toBe(1)
    expect(await first({ sortBy: 'number', asc: 'true' })).toBe(1)
    expect(await first({ sortBy: 'number', asc: 'false' })).toBe(last)
    expect(await first({ sortBy: 'number', orderBy: 'id', order: 'asc' })).not.toBe(1)
  })

  it('by a link go by the name of what it leads to', async () => {
    const rows = await readAll(espocrm, 'Opportunity', { orderBy: 'account' }, 200)
    const names = rows.map(({ accountName }) => (accountName as string | null) ?? '')
    expect(names).toEqual(names.toSorted())
  })

  it('that make no sense are refused', async () => {
    expect(await ask(espocrm, 'Lead', { orderBy: 'nothing' })).toMatchObject({
      status: 400,
      reason: "Order by non-existing field 'nothing'.",
    })
    expect((await ask(espocrm, 'Lead', { order: 'up' })).status).toBe(400)
  })
})

describe('selections', () => {
  const rowWith = async (select: string, path = 'Contact') =>
    (await ask(espocrm, path, { select, maxSize: 1 })).body.list[0]!

  it('hold the id, what exists of the attributes asked for, and nothing else', async () => {
    expect(Object.keys(await rowWith('name,email,accountId'))).toEqual(['id', 'name', 'accountId'])
    // A space belongs to the name.
    expect(Object.keys(await rowWith('name, accountId'))).toEqual(['id', 'name'])
    const { body } = await ask(espocrm, 'Contact', { attributeSelect: 'title', maxSize: 1 })
    expect(Object.keys(body.list[0]!)).toEqual(['id', 'title'])
  })

  it('of everything are no selection', async () => {
    expect(await rowWith('*')).toEqual(await rowWith(''))
  })

  it('add links to many, which lists leave out', async () => {
    const all = await rowWith('')
    expect(all).not.toHaveProperty('teamsIds')
    expect(all).not.toHaveProperty('emailAddressData')
    const row = await rowWith('teamsIds,teamsNames,accountsIds,accountsColumns')
    expect(row).toEqual({
      id: all.id,
      accountsIds: expect.any(Array),
      accountsColumns: expect.any(Object),
      teamsIds: expect.any(Array),
      teamsNames: expect.any(Object),
    })
  })

  it('cut long texts, and only they do', async () => {
    const filter = where({ type: 'contains', attribute: 'body', value: 'several pages' })
    const lengths = async (params: object) =>
      (await ask(espocrm, 'KnowledgeBaseArticle', { ...filter, ...params })).body.list.map(
        ({ body }) => (body as string).length,
      )
    expect(new Set(await lengths({ select: 'id,body' }))).toEqual(new Set([10_000]))
    expect(Math.min(...(await lengths({})))).toBeGreaterThan(10_000)
  })
})

describe('filters by name', () => {
  it('narrow a list when they are known, and are ignored when not', async () => {
    const { body } = await ask(espocrm, 'Opportunity', { primaryFilter: 'won' })
    const won = espocrm.world.list('Opportunity').filter(({ stage }) => stage === 'Closed Won')
    expect(body.total).toBe(won.length)
    for (const primaryFilter of ['nothing', 'toString']) {
      const all = await ask(espocrm, 'Opportunity', { primaryFilter })
      expect(all.body.total).toBe(espocrm.world.counts().Opportunity)
    }
  })

  it('give a user its own records', async () => {
    const { body } = await ask(espocrm, 'Lead', { 'boolFilterList[]': 'onlyMy' })
    const own = espocrm.world
      .list('Lead')
      .filter(({ assignedUserName }) => assignedUserName === 'ETL Bot')
    expect(body.total).toBe(own.length)
    expect(own.length).toBeGreaterThan(0)
  })

  it('find texts by how names and addresses begin', async () => {
    const { body } = await ask(espocrm, 'Lead', { q: 'LEAD.11', orderBy: 'id', order: 'asc' })
    const found = espocrm.world
      .list('Lead')
      .filter(({ emailAddress }) => (emailAddress as string | null)?.startsWith('lead.11'))
    expect(idsOf(body.list)).toEqual(idsOf(found))
    expect(found.length).toBeGreaterThan(20)
  })
})
