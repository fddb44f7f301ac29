import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../../../../src/core/json.ts'
import { ENTITY_NAMES } from '../../../../src/sandbox/espocrm/model/names.ts'
import { createWorld, type EspocrmWorld } from '../../../../src/sandbox/espocrm/world.ts'

const world = (leads = 60, seed = 9) => createWorld({ leads, seed })
const everything = (of: EspocrmWorld) =>
  Object.fromEntries(ENTITY_NAMES.map((entity) => [entity, of.list(entity)]))
const byId = (records: readonly JsonRecord[]) =>
  new Map(records.map((record) => [record.id, record]))
const times = (records: readonly JsonRecord[]) => records.map(({ modifiedAt }) => modifiedAt)

describe('the world', () => {
  it('is the same for the same seed, and another for another', () => {
    const first = world()
    expect(everything(world())).toEqual(everything(first))
    expect(world(60, 10).list('Lead')).not.toEqual(first.list('Lead'))
    expect(world().links('TargetList', 'leads')).toEqual(first.links('TargetList', 'leads'))
  })

  it('changes in the same way for the same seed', () => {
    const counts = { edits: 14, adds: 13, deletes: 5, restores: 2, relates: 6, touches: 9, seed: 2 }
    const [one, other] = [world(), world()]
    expect(one.mutate(counts)).toEqual(other.mutate(counts))
    expect(everything(one)).toEqual(everything(other))
  })

  it('has values that careless code takes for something else', () => {
    const data = world(200)
    const ids = data.list('Lead').map(({ id }) => id as string)
    expect(new Set(ids).size).toBe(ids.length)
    for (const pattern of [/^[0-9a-f]{17}$/, /^65e1\d{13}$/, /^\d{17}$/, /^[0-9a-f-]{36}$/])
      expect(ids.some((id) => pattern.test(id))).toBe(true)
    const users = data.list('User').map(({ id }) => id)
    expect(users).toEqual(expect.arrayContaining(['1', 'system']))
    expect(data.list('Lead').some(({ modifiedAt }) => modifiedAt === null)).toBe(true)
    expect(data.list('Meeting').some(({ dateStartDate }) => dateStartDate !== null)).toBe(true)
    const names = JSON.stringify(data.list('Account'))
    for (const part of ['\\"', '\\n', '株', 'ü']) expect(names).toContain(part)
  })

  it('is empty but for its users without leads, and can still grow', () => {
    const data = world(0)
    expect(data.counts()).toMatchObject({ Lead: 0, Contact: 0, User: 12, Team: 4, Role: 3 })
    expect(data.mutate({ edits: 3, deletes: 2, relates: 1, touches: 4 })).toMatchObject({
      edited: [],
      deleted: [],
    })
    expect(data.mutate({ adds: 2 }).added).toHaveLength(2)
    expect(data.counts()).toMatchObject({ Lead: 1, Contact: 1 })
  })
})

describe('mutations', () => {
  it('stamp what is edited, and nothing else', () => {
    const data = world()
    const before = byId(data.list('Lead'))
    const [lead] = data.list('Lead')
    const after = data.edit('Lead', lead!.id as string, { firstName: 'Zoë' }, Date.UTC(2025, 7, 1))
    expect(after).toMatchObject({
      firstName: 'Zoë',
      modifiedAt: '2025-08-01 00:00:00',
      modifiedById: '1',
      streamUpdatedAt: '2025-08-01 00:00:00',
    })
    expect(after.name).toContain('Zoë')
    expect(byId(data.list('Lead'))).toEqual(before.set(lead!.id, after))
    const notes = data.list('Note').filter(({ createdAt }) => createdAt === '2025-08-01 00:00:00')
    expect(notes).toMatchObject([
      {
        type: 'Update',
        data: { fields: ['firstName'], attributes: { became: { firstName: 'Zoë' } } },
      },
    ])
  })

  it('change every record that a batch says was edited, with ties', () => {
    const data = world()
    const before = everything(data)
    const { edited } = data.mutate({ edits: 24 })
    expect(new Set(edited.map(({ id }) => id)).size).toBe(24)
    const after = edited.map(({ entity, id }) => {
      const now = byId(data.list(entity)).get(id)!
      expect(now).not.toEqual(byId(before[entity]!).get(id))
      return now
    })
    expect(new Set(times(after)).size).toBeLessThan(24)
    expect(times(after).every((at) => at! > '2025-06-30 12:00:00')).toBe(true)
  })

  it('of many records leave one second and no history', () => {
    const data = world()
    const history = data.counts().ActionHistoryRecord
    const { touched } = data.mutate({ touches: 20 })
    const changed = data.list('Lead').filter(({ id }) => touched.includes(id as string))
    expect(touched).toHaveLength(20)
    expect(new Set(times(changed)).size).toBe(1)
    expect(data.counts().ActionHistoryRecord).toBe(history)
  })

  it('delete and restore what no other record shows the name of', () => {
    const data = world(120)
    const untouched = () =>
      ENTITY_NAMES.filter((entity) => !['Note', 'ActionHistoryRecord'].includes(entity)).flatMap(
        (entity) => data.list(entity).map((record) => ({ entity, record })),
      )
    const before = new Map(untouched().map(({ record }) => [record.id, record]))
    const { deleted, restored } = data.mutate({ deletes: 8, restores: 4 })
    expect([deleted.length, restored.length]).toEqual([8, 4])
    const after = new Map(untouched().map(({ record }) => [record.id, record]))
    for (const { id } of deleted) {
      expect(before.has(id)).toBe(true)
      expect(after.has(id)).toBe(false)
      before.delete(id)
    }
    for (const { id } of restored) {
      expect(before.has(id)).toBe(false)
      expect(after.delete(id)).toBe(true)
    }
    expect(after).toEqual(before)
  })

  it('of a batch are all told by `modifiedAt`, but for restored records', () => {
    const data = world(120)
    const kinds = ENTITY_NAMES.filter((entity) => 'modifiedAt' in (data.list(entity)[0] ?? {}))
    const all = () => kinds.flatMap((entity) => data.list(entity))
    for (let round = 0; round < 3; round++) {
      const before = byId(all())
      const last = new Date(data.clock.now()).toISOString().slice(0, 19).replace('T', ' ')
      data.mutate({ edits: 15, adds: 13, deletes: 4, relates: 6, touches: 10 })
      const changed = all().filter((record) => !isDeepStrictEqual(record, before.get(record.id)))
      expect(changed.length).toBeGreaterThan(35)
      expect(times(changed).filter((at) => at == null || at < last)).toEqual([])
    }
  })

  it('never give a number twice', () => {
    const data = world()
    const last = data.list('Case').find(({ number }) => number === data.counts().Case)!
    data.remove('Case', last.id as string)
    const numbers = [data.add('Case'), data.add('Case')].map(({ number }) => number as number)
    expect(numbers[0]).toBeGreaterThan(last.number as number)
    expect(numbers[1]).toBe(numbers[0]! + 1)
  })

  it('move the stream of a record apart from the record', () => {
    const data = world()
    const [account] = data.list('Account')
    data.post('Account', account!.id as string, 'Hello', Date.UTC(2025, 7, 1))
    const after = byId(data.list('Account')).get(account!.id)!
    expect(after).toEqual({ ...account, streamUpdatedAt: '2025-08-01 00:00:00' })
  })

  it('take the account from a contact that loses it, silently', () => {
    const data = world()
    const contact = data.list('Contact').find(({ accountId }) => accountId !== null)!
    data.unrelate('Contact', contact.id as string, 'accounts', contact.accountId as string)
    expect(byId(data.list('Contact')).get(contact.id)).toEqual({
      ...contact,
      accountId: null,
      accountName: null,
      accountRole: null,
      accountIsInactive: false,
    })
  })

  it('refuse what does not exist', () => {
    const data = world(10)
    const id = data.list('Lead')[0]!.id as string
    const listId = data.list('TargetList')[0]!.id as string
    for (const wrong of [
      () => data.edit('Lead', 'none'),
      () => data.edit('Lead', id, { nothing: 1 }),
      () => data.edit('Lead', id, { campaignName: 'of another record' }),
      () => data.edit('Team', data.list('Team')[0]!.id as string),
      () => data.remove('Lead', 'none'),
      () => data.restore('Lead', id),
      () => data.relate('Lead', id, 'nothing', listId),
      () => data.relate('Lead', id, 'targetLists', 'none'),
      () => data.unrelate('Account', data.list('Account')[0]!.id as string, 'contacts', 'none'),
      () => data.links('Lead', 'nothing'),
      () => data.add('Lead', { id }),
      () => data.mutate({ edit: 1 } as object),
    ])
      expect(wrong).toThrow(RangeError)
  })
})
