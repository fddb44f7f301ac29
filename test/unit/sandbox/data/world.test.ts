import { afterEach, describe, expect, it } from 'vitest'
import { DATA_ENDS_AT, createWorld, type World } from '../../../../src/sandbox/data/world.ts'

const KINDS = ['leads', 'contacts', 'opportunities', 'tasks', 'activities'] as const

function everything(world: World) {
  const records = KINDS.map((kind) => world[kind].list('id').map(({ record }) => record))
  return JSON.stringify([world.org, records, world.events.list()])
}

describe('createWorld', () => {
  const zone = process.env.TZ

  afterEach(() => {
    process.env.TZ = zone ?? 'UTC'
  })

  it('makes up the same data for the same seed in every time zone', () => {
    process.env.TZ = 'Pacific/Kiritimati'
    const east = everything(createWorld({ leads: 60, seed: 7 }))
    process.env.TZ = 'America/St_Johns'
    expect(everything(createWorld({ leads: 60, seed: 7 }))).toBe(east)
  })

  it('makes up the same data on every machine', () => {
    const [first] = createWorld({ leads: 3, seed: 1 }).leads.list('id')
    expect(first!.id).toMatchInlineSnapshot(`"lead_8o1hfGZtJcaIOg14VyuvqP8Dh0hXKtBke8SsMJ8zTm5"`)
    expect(first!.record.date_created).toMatchInlineSnapshot(`"2024-05-14T02:47:29.730000+00:00"`)
    expect(first!.record.date_updated).toMatchInlineSnapshot(`"2025-06-11T05:53:36.793000+00:00"`)
  })

  it('makes up other data for another seed', () => {
    const ids = (seed: number) =>
      createWorld({ leads: 20, seed })
        .leads.list('id')
        .map(({ id }) => id)
    expect(ids(1).filter((id) => ids(2).includes(id))).toEqual([])
  })

  it('holds the same leads among many as among few', () => {
    const few = createWorld({ leads: 10, seed: 3 })
    const many = createWorld({ leads: 50, seed: 3 })
    for (const { id, record } of few.leads.list('id')) {
      expect(many.leads.get(id)?.record).toEqual(record)
    }
  })

  it('tells times and ids of an entry as its record has them', () => {
    const world = createWorld({ leads: 80, seed: 5 })
    for (const kind of KINDS) {
      for (const entry of world[kind].list('id')) {
        expect(entry.record.id).toBe(entry.id)
        expect(Date.parse(entry.record.date_created as string)).toBe(entry.created)
        expect(Date.parse(entry.record.date_updated as string)).toBe(entry.updated)
        expect(entry.updated).toBeGreaterThanOrEqual(entry.created)
        expect(entry.updated).toBeLessThanOrEqual(DATA_ENDS_AT)
      }
    }
  })

  it('refers only to objects that exist', () => {
    const world = createWorld({ leads: 80, seed: 5 })
    const users = new Set(world.org.users.map(({ id }) => id))
    const records = (kind: 'contacts' | 'opportunities' | 'tasks' | 'activities') =>
      world[kind].list('id').map(({ record }) => record)
    const all = [
      ...records('contacts'),
      ...records('opportunities'),
      ...records('tasks'),
      ...records('activities'),
    ]
    const dangling = all.filter(
      ({ lead_id: lead, contact_id: contact, user_id: user }) =>
        !world.leads.get(lead as string) ||
        (contact && !world.contacts.get(contact as string)) ||
        (user && !users.has(user as string)),
    )
    expect(all.length).toBeGreaterThan(100)
    expect(dangling).toEqual([])
    const completed = records('tasks').filter(({ object_id: object }) => object)
    const back = completed.map(
      ({ object_id: object }) => world.activities.get(object as string)?.record.task_id,
    )
    expect(back).toEqual(completed.map(({ id }) => id))
  })

  it('holds what breaks careless code', () => {
    const world = createWorld({ leads: 200, seed: 1 })
    const leads = world.leads.list('id').map(({ record }) => record)
    const names = leads.map(({ name }) => name as string)
    expect(names.some((name) => name.includes('\n'))).toBe(true)
    expect(names.some((name) => name.includes('"'))).toBe(true)
    expect(names.some((name) => /\p{Script=Han}/u.test(name))).toBe(true)
    expect(names).toContain('')
    const stamps = leads.map(({ date_updated }) => date_updated)
    expect(new Set(stamps).size).toBeLessThan(stamps.length)
    // Fields without a value are absent: leads differ in their keys.
    expect(new Set(leads.map((lead) => Object.keys(lead).length)).size).toBeGreaterThan(3)
    const zips = leads.flatMap(({ addresses }) => addresses as { zipcode: string }[])
    expect(zips.some(({ zipcode }) => zipcode.startsWith('0'))).toBe(true)
    const backdated = world.activities
      .list('id')
      .filter(({ created, record }) => created < world.leads.get(record.lead_id as string)!.created)
    expect(backdated.length).toBeGreaterThan(0)
  })

  it('drafts 20,000 leads quickly', { timeout: 20_000 }, () => {
    const start = process.cpuUsage()
    expect(createWorld({ leads: 20_000, seed: 1 }).leads.size).toBe(20_000)
    const { user, system } = process.cpuUsage(start)
    // About two seconds of processor time, whatever else the machine is doing.
    expect((user + system) / 1e6).toBeLessThan(10)
  })
})
