import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JsonRecord } from '../../../src/core/json.ts'
import type { EntityName } from '../../../src/sandbox/espocrm/model/names.ts'
import { startSandbox, type Sandbox, type SandboxSource } from '../../../src/sandbox/sandbox.ts'
import { ask, idsOf, readAll, where, type EspocrmRow, type Params } from './espocrm-client.ts'

let sandbox: Sandbox<'espocrm'>
let espocrm: SandboxSource<'espocrm'>

beforeAll(async () => {
  sandbox = await startSandbox({ sources: ['espocrm'], leads: 150, seed: 4 })
  espocrm = sandbox.sources.espocrm
})

afterAll(() => sandbox.stop())

const all = (entity: EntityName) => espocrm.world.list(entity)
const found = async (entity: EntityName, params: Params) =>
  idsOf(await readAll(espocrm, entity, params, 200))

/** The ids that a filter finds, and those that a function does: some, and not all. */
async function compare(
  entity: EntityName,
  params: Params,
  fits: (record: JsonRecord) => boolean,
): Promise<{ found: string[]; wanted: string[] }> {
  const wanted = idsOf(all(entity).filter(fits))
  if (wanted.length === 0 || wanted.length === all(entity).length)
    throw new Error('a filter that tells nothing apart proves nothing')
  return { found: await found(entity, params), wanted }
}

const C = '2025-05-16 11:59:30'
const keyOf = ({ modifiedAt, id }: JsonRecord) => `${text(modifiedAt) ?? ''} ${text(id)}`
const text = (value: unknown) => (typeof value === 'string' ? value : null)

describe('conditions on one attribute', () => {
  it.each<[string, object, (lead: JsonRecord) => boolean]>([
    ['equals', { attribute: 'status', value: 'New' }, ({ status }) => status === 'New'],
    [
      'equals',
      { attribute: 'status', value: ['New', 'Dead'] },
      ({ status }) => status === 'New' || status === 'Dead',
    ],
    [
      'notEquals',
      { attribute: 'firstName', value: 'Ben' },
      ({ firstName }) => firstName !== null && firstName !== 'Ben',
    ],
    [
      'in',
      { attribute: 'source', value: ['', 'Call'] },
      ({ source }) => source === '' || source === 'Call',
    ],
    [
      'notIn',
      { attribute: 'firstName', value: ['Ben', 'Zoë'] },
      ({ firstName }) => firstName !== null && firstName !== 'Ben' && firstName !== 'Zoë',
    ],
    ['isNull', { attribute: 'modifiedAt' }, ({ modifiedAt }) => modifiedAt === null],
    ['isNotNull', { attribute: 'modifiedAt' }, ({ modifiedAt }) => modifiedAt !== null],
    ['isTrue', { attribute: 'doNotCall' }, ({ doNotCall }) => doNotCall === true],
    ['isFalse', { attribute: 'doNotCall' }, ({ doNotCall }) => doNotCall === false],
    ['equals', { attribute: 'doNotCall', value: 1 }, ({ doNotCall }) => doNotCall === true],
    ['greaterThan', { attribute: 'modifiedAt', value: C }, ({ modifiedAt }) => modifiedAt! > C],
    [
      'greaterThanOrEquals',
      { attribute: 'modifiedAt', value: C },
      ({ modifiedAt }) => modifiedAt! >= C,
    ],
    [
      'lessThan',
      { attribute: 'modifiedAt', value: C },
      ({ modifiedAt }) => modifiedAt !== null && modifiedAt! < C,
    ],
    [
      'lessThanOrEquals',
      { attribute: 'modifiedAt', value: C },
      ({ modifiedAt }) => modifiedAt !== null && modifiedAt! <= C,
    ],
    ['after', { attribute: 'createdAt', value: C }, ({ createdAt }) => createdAt! > C],
    ['before', { attribute: 'createdAt', value: C }, ({ createdAt }) => createdAt! < C],
    [
      'between',
      { attribute: 'createdAt', value: ['2024-12-01 00:00:00', C] },
      ({ createdAt }) => createdAt! >= '2024-12-01 00:00:00' && createdAt! <= C,
    ],
    [
      'greaterThan',
      { attribute: 'opportunityAmount', value: '9000' },
      ({ opportunityAmount }) => ((opportunityAmount as number | null) ?? 0) > 9000,
    ],
    [
      'like',
      { attribute: 'emailAddress', value: 'LEAD.1_@%' },
      ({ emailAddress }) => /^lead\.1\d@/.test(text(emailAddress) ?? ''),
    ],
    [
      'contains',
      { attribute: 'accountName', value: 'gMb' },
      ({ accountName }) => text(accountName)!.toLowerCase().includes('gmb'),
    ],
    [
      'startsWith',
      { attribute: 'accountName', value: 'Rocket 🚀' },
      ({ accountName }) => text(accountName)!.startsWith('Rocket 🚀'),
    ],
    [
      'endsWith',
      { attribute: 'lastName', value: "'neill" },
      ({ lastName }) => text(lastName)!.endsWith("'Neill"),
    ],
    [
      'notContains',
      { attribute: 'lastName', value: 'o' },
      ({ lastName }) => !/o/i.test(text(lastName)!),
    ],
    [
      'equals',
      { field: 'campaignName', value: 'Campaign 1: "Spring & Summer"' },
      ({ campaignName }) => text(campaignName)?.startsWith('Campaign 1:') ?? false,
    ],
  ])('%s %j', async (type, condition, fits) => {
    const { found, wanted } = await compare('Lead', where({ type, ...condition }), fits)
    expect(found).toEqual(wanted)
  })

  it.each<[string, (a: boolean, bc: boolean) => boolean]>([
    ['arrayAnyOf', (a, bc) => a || bc],
    ['arrayAllOf', (a, bc) => a && bc],
    ['arrayNoneOf', (a, bc) => !a && !bc],
  ])('%s looks at the items of a list', async (type, fits) => {
    const item = { type, attribute: 'cTags', value: ['a', 'b,c'] }
    const { found, wanted } = await compare('Contact', where(item), ({ cTags }) => {
      const tags = cTags as string[]
      return fits(tags.includes('a'), tags.includes('b,c'))
    })
    expect(found).toEqual(wanted)
  })
})

describe('times', () => {
  it('are compared as text: ISO 8601 loses the rest of the day', async () => {
    const at = (value: string) =>
      found('Lead', where({ type: 'greaterThanOrEquals', attribute: 'modifiedAt', value }))
    const right = await at(C)
    const wrong = await at(C.replace(' ', 'T') + 'Z')
    const lost = all('Lead').filter(
      ({ modifiedAt }) => text(modifiedAt)?.startsWith(C.slice(0, 10)) && modifiedAt! >= C,
    )
    expect(lost.length).toBeGreaterThan(10)
    expect(right.toSorted()).toEqual([...wrong, ...idsOf(lost)].toSorted())
  })

  it('that are said to be times may be ISO 8601', async () => {
    const item = { type: 'after', attribute: 'modifiedAt', dateTime: true }
    const iso = await found('Lead', where({ ...item, value: '2025-05-16T11:59:29Z' }))
    const plain = where({ type: 'after', attribute: 'modifiedAt', value: '2025-05-16 11:59:29' })
    expect(iso).toEqual(await found('Lead', plain))
    const zone = { ...item, value: C, timeZone: 'Europe/Berlin' }
    expect((await ask(espocrm, 'Lead', where(zone))).status).toBe(400)
  })
})

describe('groups', () => {
  const newer = { type: 'greaterThan', attribute: 'modifiedAt', value: C }

  it('walk a list by time and id, one page after the other', async () => {
    const rows: EspocrmRow[] = []
    let after = ['', '']
    for (;;) {
      const [time, id] = after as [string, string]
      const tie = [
        { type: 'equals', attribute: 'modifiedAt', value: time },
        { type: 'greaterThan', attribute: 'id', value: id },
      ]
      const keyset = {
        type: 'or',
        value: [
          { type: 'greaterThan', attribute: 'modifiedAt', value: time },
          { type: 'and', value: tie },
        ],
      }
      const page = { orderBy: 'modifiedAt', order: 'asc', maxSize: 7 }
      const { body } = await ask(espocrm, 'Lead', { ...where(keyset), ...page })
      if (body.list.length === 0) break
      rows.push(...body.list)
      after = [rows.at(-1)!.modifiedAt as string, rows.at(-1)!.id]
    }
    const stamped = all('Lead').filter(({ modifiedAt }) => modifiedAt !== null)
    expect(idsOf(rows).toSorted()).toEqual(idsOf(stamped))
  })

  it('can be denied', async () => {
    const not = where({ type: 'not', value: [newer, { type: 'isTrue', attribute: 'doNotCall' }] })
    const { found, wanted } = await compare(
      'Lead',
      not,
      ({ modifiedAt, doNotCall }) => !(modifiedAt! > C && doNotCall),
    )
    expect(found).toEqual(wanted)
  })

  it('can be in `where` too, `whereGroup` goes first', async () => {
    const only = Object.fromEntries(
      Object.entries(where(newer)).map(([name, value]) => [name.replace('Group', ''), value]),
    )
    const alone = await compare('Lead', only, ({ modifiedAt }) => modifiedAt! > C)
    expect(alone.found).toEqual(alone.wanted)
    const both = { ...only, ...where({ type: 'isNull', attribute: 'modifiedAt' }) }
    const beaten = await compare('Lead', both, ({ modifiedAt }) => modifiedAt === null)
    expect(beaten.found).toEqual(beaten.wanted)
  })

  it('take lists in brackets that count themselves', async () => {
    const query =
      'whereGroup[][type]=in&whereGroup[0][attribute]=status&whereGroup[0][value][]=New&whereGroup[0][value][]=Dead'
    const { body } = await ask(espocrm, `Lead?${query}`)
    const wanted = all('Lead').filter(({ status }) => status === 'New' || status === 'Dead')
    expect(body.total).toBe(wanted.length)
  })
})

describe('links', () => {
  it.each(['linkedWith', 'notLinkedWith'])('%s one of some records', async (type) => {
    const links = espocrm.world.links('Account', 'contacts')
    const accounts = [links[0]!.id, links.at(-1)!.id]
    const contacts = links.flatMap(({ id, otherId }) => (accounts.includes(id) ? [otherId] : []))
    const { found, wanted } = await compare(
      'Contact',
      where({ type, attribute: 'accounts', value: accounts }),
      ({ id }) => contacts.includes(id as string) === (type === 'linkedWith'),
    )
    expect(found).toEqual(wanted)
  })

  it.each(['isLinked', 'isNotLinked'])('%s to anything', async (type) => {
    const { found, wanted } = await compare(
      'Opportunity',
      where({ type, attribute: 'account' }),
      ({ accountId }) => (accountId !== null) === (type === 'isLinked'),
    )
    expect(found).toEqual(wanted)
  })
})

describe('one JSON parameter', () => {
  it('beats all others', async () => {
    const search = {
      where: [{ type: 'equals', attribute: 'status', value: 'New' }],
      orderBy: 'modifiedAt',
      order: 'desc',
      maxSize: 2,
      offset: 1,
      select: ['name'],
    }
    const others = { maxSize: 500, orderBy: 'nothing', select: 'id' }
    const { body } = await ask(espocrm, 'Lead', { searchParams: JSON.stringify(search), ...others })
    const wanted = all('Lead')
      .filter(({ status }) => status === 'New')
      .sort((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1))
    expect(body.list).toEqual(wanted.slice(1, 3).map(({ id, name }) => ({ id, name })))
    expect(body.total).toBe(wanted.length)
  })

  it.each([
    ['{"where":', 400, 'Invalid search params JSON.'],
    ['7', 400, 'Invalid search params JSON.'],
    ['{"maxSize":"20"}', 400, 'maxSize must be integer.'],
    ['{"maxSize":201}', 403, 'Max size should not exceed 200. Use offset and limit.'],
  ])('%s is refused', async (searchParams, status, reason) => {
    expect(await ask(espocrm, 'Lead', { searchParams })).toMatchObject({ status, reason, text: '' })
  })
})

describe('filters that do nothing', () => {
  it('are those that are no arrays: the whole table comes back', async () => {
    const json = JSON.stringify([{ type: 'equals', attribute: 'status', value: 'New' }])
    for (const params of [{ where: json }, { whereGroup: json }, { where: '[object Object]' }]) {
      const { status, body } = await ask(espocrm, 'Lead', params)
      expect([status, body.total]).toEqual([200, all('Lead').length])
    }
  })
})

describe('filters that are refused', () => {
  it.each([
    [
      { type: 'equals', attribute: 'email', value: 'x' },
      "Not existing attribute 'email' in where.",
    ],
    [
      { type: 'equals', attribute: 'toString', value: 'x' },
      "Not existing attribute 'toString' in where.",
    ],
    [{ type: 'equals', attribute: 'name', values: 'x' }, "Unknown parameter 'values'."],
    [{ attribute: 'name', value: 'x' }, "No 'type' in where item."],
    [{ type: 'equals', value: 'x' }, "No 'attribute' in where item."],
    [{ type: 'resembles', attribute: 'name' }, "Unknown where item type 'resembles'."],
    [{ type: 'in', attribute: 'name', value: 'x' }, "Bad where item 'in'."],
    [{ type: 'between', attribute: 'name', value: 'x' }, "Bad where item 'between'."],
    [
      { type: 'linkedWith', attribute: 'nothing', value: 'x' },
      "Not existing relation 'nothing' in where.",
    ],
    [{ type: 'or', value: 'x' }, "Bad 'value'."],
    [{ type: 'or', value: { a: { type: 'isNull', attribute: 'name' } } }, "Bad 'value'."],
  ])('%j', async (item, reason) => {
    expect(await ask(espocrm, 'Lead', where(item))).toMatchObject({ status: 400, reason, text: '' })
  })
})
