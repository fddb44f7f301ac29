import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startSandbox, type Sandbox, type SandboxSource } from '../../../src/sandbox/sandbox.ts'
import { ask, idsOf, readAll, where } from './espocrm-client.ts'

let sandbox: Sandbox<'espocrm'>
let espocrm: SandboxSource<'espocrm'>

beforeEach(async () => {
  sandbox = await startSandbox({ sources: ['espocrm'], leads: 40, seed: 5 })
  espocrm = sandbox.sources.espocrm
})

afterEach(() => sandbox.stop())

const list = async (path: string, params = {}) => (await ask(espocrm, path, params)).body.list

describe('a record by its id', () => {
  it('holds what its list holds, links to many, and all addresses', async () => {
    const contact = espocrm.world
      .list('Contact')
      .find(({ accountId, emailAddress, phoneNumber }) => accountId && emailAddress && phoneNumber)!
    const { body } = await ask(espocrm, `Contact/${contact.id as string}`)
    const { accountId, accountName, accountRole, accountIsInactive } = contact
    expect(body).toMatchObject({
      ...contact,
      emailAddressData: [{ emailAddress: contact.emailAddress, primary: true, invalid: false }],
      phoneNumberData: [{ phoneNumber: contact.phoneNumber, type: 'Mobile', primary: true }],
      accountsIds: expect.arrayContaining([accountId]),
      accountsNames: { [accountId as string]: accountName },
      accountsColumns: {
        [accountId as string]: { role: accountRole, isInactive: accountIsInactive },
      },
      teamsIds: expect.any(Array),
      isFollowed: false,
    })
  })

  it('has texts in full', async () => {
    const [article] = espocrm.world
      .list('KnowledgeBaseArticle')
      .filter(({ body }) => (body as string).length > 10_000)
    const { body } = await ask(espocrm, `KnowledgeBaseArticle/${article!.id as string}`)
    expect(body.body).toBe(article!.body)
  })
})

describe('linked records', () => {
  it.each([
    ['Account', 'contacts', { role: 'accountRole', isInactive: 'accountIsInactive' }],
    ['Contact', 'accounts', { role: 'contactRole', isInactive: 'contactIsInactive' }],
    ['Contact', 'opportunities', { role: 'contactRole' }],
    ['Opportunity', 'contacts', { role: 'opportunityRole' }],
    ['TargetList', 'contacts', { optedOut: 'targetListIsOptedOut' }],
    ['TargetList', 'leads', { optedOut: 'targetListIsOptedOut' }],
    ['Meeting', 'users', { status: 'acceptanceStatus' }],
    ['Meeting', 'contacts', { status: 'acceptanceStatus' }],
    ['Call', 'leads', { status: 'acceptanceStatus' }],
    ['Team', 'users', { role: 'teamRole' }],
    ['Account', 'opportunities', {}],
    ['Account', 'cases', {}],
    ['Document', 'accounts', {}],
  ] as const)(
    '%s %s: each parent has its own, with the columns of the link',
    async (entity, link, columns) => {
      const wanted = espocrm.world.links(entity, link)
      expect(wanted.length).toBeGreaterThan(0)
      const rows = []
      for (const { id } of espocrm.world.list(entity)) {
        for (const row of await readAll(espocrm, `${entity}/${id as string}/${link}`, {}, 3)) {
          const own = Object.entries(columns).map(([column, attribute]) => [column, row[attribute]])
          rows.push({ id, otherId: row.id, columns: Object.fromEntries(own) })
        }
      }
      expect(rows).toEqual(wanted)
    },
  )

  it('are a list like any other', async () => {
    const { id } = espocrm.world.links('Account', 'contacts')[0]!
    const path = `Account/${id}/contacts`
    const { body } = await ask(espocrm, path, { select: 'name', maxSize: 1 })
    const columns = ['accountRole', 'accountIsInactive']
    expect(Object.keys(body.list[0]!)).toEqual(['id', 'name', ...columns])
    expect(body.total).toBeGreaterThan(0)
    const none = where({ type: 'equals', attribute: 'name', value: 'nobody' })
    expect((await ask(espocrm, path, none)).body).toEqual({ total: 0, list: [] })
    expect((await ask(espocrm, path, { maxSize: 201 })).status).toBe(403)
  })

  it('come and go without a trace on either record', async () => {
    const { world } = espocrm
    const listId = world.list('TargetList')[0]!.id as string
    const before = [world.list('TargetList'), world.list('Contact')]
    const linked = new Set(idsOf(await list(`TargetList/${listId}/contacts`)))
    const contactId = idsOf(world.list('Contact')).find((id) => !linked.has(id))!
    world.relate('TargetList', listId, 'contacts', contactId, { optedOut: true })
    expect(await list(`TargetList/${listId}/contacts`)).toContainEqual(
      expect.objectContaining({ id: contactId, targetListIsOptedOut: true }),
    )
    expect(idsOf(await list(`Contact/${contactId}/targetLists`))).toContain(listId)
    world.relate('Contact', contactId, 'targetLists', listId)
    expect(await list(`Contact/${contactId}/targetLists`)).toContainEqual(
      expect.objectContaining({ id: listId, targetListIsOptedOut: false }),
    )
    world.unrelate('TargetList', listId, 'contacts', contactId)
    expect(idsOf(await list(`TargetList/${listId}/contacts`))).not.toContain(contactId)
    expect([world.list('TargetList'), world.list('Contact')]).toEqual(before)
  })
})

describe('deleted records', () => {
  const someContact = () => espocrm.world.links('Account', 'contacts')[0]!

  it('are in no list, behind no path, and found by no filter', async () => {
    const { id: accountId, otherId: id } = someContact()
    const total = espocrm.world.counts().Contact!
    espocrm.world.remove('Contact', id)
    const { body } = await ask(espocrm, 'Contact')
    expect(body.total).toBe(total - 1)
    expect(body.list.every(({ deleted }) => deleted === false)).toBe(true)
    const gone = await ask(espocrm, `Contact/${id}`)
    expect([gone.status, gone.text]).toEqual([404, ''])
    expect((await ask(espocrm, `Contact/${id}/accounts`)).status).toBe(404)
    expect(idsOf(await list(`Account/${accountId}/contacts`))).not.toContain(id)
    expect(await list('Contact', where({ type: 'isTrue', attribute: 'deleted' }))).toEqual([])
  })

  it('leave a line in the action history, for fifteen days', async () => {
    const { world } = espocrm
    const { otherId: id } = someContact()
    world.remove('Contact', id)
    const filter = where(
      { type: 'equals', attribute: 'action', value: 'delete' },
      { type: 'equals', attribute: 'targetType', value: 'Contact' },
    )
    const params = { ...filter, orderBy: 'number', order: 'desc' }
    const [line] = await list('ActionHistoryRecord', params)
    expect(line).toMatchObject({ action: 'delete', targetId: id, userId: '1', userName: 'Admin' })
    const dates = (await list('ActionHistoryRecord')).map(({ createdAt }) => createdAt as string)
    expect(Math.max(...dates.map((at) => Date.parse(`${at}Z`)))).toBe(
      Date.parse(`${line!.createdAt as string}Z`),
    )
    world.edit(
      'Contact',
      world.list('Contact')[0]!.id as string,
      undefined,
      world.clock.now() + 16 * 86_400_000,
    )
    expect(idsOf(await list('ActionHistoryRecord'))).toHaveLength(1)
  })

  it('can come back, bearing the time they were deleted at', async () => {
    const { world } = espocrm
    const { id: accountId, otherId: id } = someContact()
    const before = (await ask(espocrm, `Contact/${id}`)).body
    world.remove('Contact', id, Date.UTC(2025, 6, 2, 8))
    world.restore('Contact', id)
    const { body } = await ask(espocrm, `Contact/${id}`)
    expect(body).toEqual({ ...before, modifiedAt: '2025-07-02 08:00:00' })
    expect(idsOf(await list(`Account/${accountId}/contacts`))).toContain(id)
  })

  it('have no name any more where others name them', async () => {
    const { world } = espocrm
    const opportunity = world.list('Opportunity').find(({ accountId }) => accountId !== null)!
    world.remove('Account', opportunity.accountId as string)
    const { body } = await ask(espocrm, `Opportunity/${opportunity.id as string}`)
    expect(body).toMatchObject({ ...opportunity, accountName: null })
  })
})

describe('many changes in one second', () => {
  it('span pages of the greatest size', async () => {
    const own = await startSandbox({ sources: ['espocrm'], leads: 260 })
    try {
      const { world } = own.sources.espocrm
      world.touch('Lead', idsOf(world.list('Lead')), Date.UTC(2025, 6, 1, 9, 30, 7, 999))
      const filter = where({
        type: 'equals',
        attribute: 'modifiedAt',
        value: '2025-07-01 09:30:07',
      })
      const { body } = await ask(own.sources.espocrm, 'Lead', filter)
      expect(body.total).toBe(world.counts().Lead)
      expect(body.list).toHaveLength(200)
    } finally {
      await own.stop()
    }
  })
})
