import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts'
import { ask, idsOf, readAll } from './client.ts'

let seed: Sandbox<'closeio'>
let truth: Sandbox<'closeio'>

beforeAll(async () => {
  const options = { sources: ['closeio'], leads: 50, seed: 8 } as const
  seed = await startSandbox(options)
  truth = await startSandbox({ ...options, closeio: { mode: 'truth' } })
})

afterAll(async () => {
  await seed.stop()
  await truth.stop()
})

describe('Close.io', () => {
  it.each([
    'custom_fields/lead/',
    'lead/',
    'activity/',
    'task/',
    'user/',
    'contact/',
    'opportunity/',
  ])('%s pages by _limit and _skip', async (path) => {
    const rows = await readAll(seed.sources.closeio, path, {}, 5)
    expect(new Set(idsOf(rows)).size).toBe(rows.length)
    expect(rows.length).toBeGreaterThan(5)
  })

  it('shows a lead as it was: status as a word, custom values by name, activities within', async () => {
    const { closeio } = seed.sources
    const rows = await readAll(closeio, 'lead/', {}, 50)
    const activities = rows.flatMap((row) => row.activities as { id: string; lead_id: string }[])
    expect(idsOf(activities).toSorted()).toEqual(idsOf(closeio.world.activities.list('id')))
    for (const row of rows) {
      expect(['potential', 'qualified', 'bad fit', 'customer']).toContain(row.status)
      expect(Object.keys(row).some((key) => key.includes('.'))).toBe(false)
      expect(row).toMatchObject({
        organization_id: closeio.world.org.id,
        custom: expect.any(Object),
      })
    }
    const [contact] = rows.flatMap((row) => row.contacts as object[])
    expect(Object.keys(contact!).toSorted()).toEqual([
      'emails',
      'id',
      'name',
      'organization_id',
      'phones',
      'title',
    ])
  })

  it('narrows leads by the parameter named `date_updated>=`, or ignores it as it did', async () => {
    const { closeio } = seed.sources
    const since = closeio.world.leads.list('-date_updated')[9]!.record.date_updated as string
    const param = { 'date_updated>=': since }
    const found = await readAll(closeio, 'lead/', param, 4)
    expect(found.every((row) => (row.date_updated as string) >= since)).toBe(true)
    expect(found.length).toBeGreaterThanOrEqual(10)
    expect(found.length).toBeLessThan(50)
    expect(await readAll(truth.sources.closeio, 'lead/', param)).toHaveLength(50)
    // Unencoded it is another name, `date_updated>`, which nobody knows.
    expect(
      (await ask(closeio, `lead/?date_updated>=${since.slice(0, 19)}`)).body.total_results,
    ).toBe(50)
    expect((await ask(closeio, 'lead/?date_updated%3E%3D=soon')).status).toBe(400)
  })

  it('answers the other incremental parameters as Close does', async () => {
    const { closeio } = seed.sources
    const [newest] = (await ask(closeio, 'activity/?_limit=1')).body.data
    const second = (newest!.date_created as string).slice(0, 19)
    const later = await ask(closeio, `activity/?date_created__gt=${second}`)
    expect(later.body.data).toEqual([])
    const all = closeio.world.events.list()
    const { record } = all[5]!
    const events = await ask(closeio, `event/?date_updated__gte=${record.date_updated as string}`)
    expect(idsOf(events.body.data)).toEqual(
      idsOf(all.filter(({ updatedAt }) => updatedAt >= all[5]!.updatedAt)),
    )
    const first = await ask(closeio, 'event/')
    const second50 = await ask(closeio, `event/?_cursor=${first.body.cursor_next as string}`)
    expect(idsOf([...first.body.data, ...second50.body.data])).toEqual(idsOf(all.slice(0, 100)))
  })

  it('tells the truth on request: no activities in the list of leads', async () => {
    const [row] = (await ask(truth.sources.closeio, 'lead/?_limit=1')).body.data
    expect(row).not.toHaveProperty('activities')
  })

  it('has the size of the benchmark: about 1.9 kB and ten rows a lead', async () => {
    const big = await startSandbox({ sources: ['closeio'], leads: 1000 })
    try {
      let bytes = 0
      let rows = 0
      for (let skip = 0; skip < 1000; skip += 200) {
        const { text, body } = await ask(big.sources.closeio, `lead/?_limit=200&_skip=${skip}`)
        bytes += Buffer.byteLength(text)
        rows += countItems(body.data)
      }
      expect(bytes / 1000).toBeGreaterThan(1700)
      expect(bytes / 1000).toBeLessThan(2100)
      expect(rows / 1000).toBeGreaterThan(9)
      expect(rows / 1000).toBeLessThan(10.5)
    } finally {
      await big.stop()
    }
  })
})

/** The items of all lists within a value: what becomes a row. */
function countItems(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const own = Array.isArray(value) ? value.length : 0
  return Object.values(value).reduce<number>((sum, item) => sum + countItems(item), own)
}
