import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSandbox, type Sandbox, type SandboxSource } from '../../../src/sandbox/sandbox.ts'
import { ask, idsOf, type JsonRow } from './client.ts'

let sandbox: Sandbox<'close'>
let close: SandboxSource<'close'>

beforeAll(async () => {
  sandbox = await startSandbox({ sources: ['close'], leads: 120, seed: 4 })
  close = sandbox.sources.close
  close.world.mutate({ edits: 6, deletes: 3, merges: 1 })
})

afterAll(() => sandbox.stop())

/** Follows one of the cursors to its end. */
async function walk(
  params: Record<string, string>,
  along: 'cursor_next' | 'cursor_previous' = 'cursor_next',
  onPage: (index: number) => void = () => {},
): Promise<JsonRow[][]> {
  const pages: JsonRow[][] = []
  let cursor: string | null = params._cursor ?? null
  do {
    const query = new URLSearchParams({ ...params, ...(cursor ? { _cursor: cursor } : {}) })
    const { status, body, text } = await ask(close, `event/?${query.toString()}`)
    if (status !== 200) throw new Error(text)
    pages.push(body.data)
    cursor = body[along] as string | null
    onPage(pages.length)
  } while (cursor !== null)
  return pages
}

const visibleTypes = () => close.world.events.list().map(({ record }) => record.object_type)

const firstOf = (type: string) =>
  close.world.activities.list('id').find(({ record }) => record._type === type)!.id

const visible = () => close.world.events.list().map(({ id }) => id)

describe('/event/', () => {
  it('is read the latest first, at most 50 at a time, each event once', async () => {
    const pages = await walk({ _limit: '1000' })
    expect(pages[0]).toHaveLength(50)
    const rows = pages.flat()
    expect(idsOf(rows)).toEqual(visible())
    const times = rows.map(({ date_updated }) => date_updated as string)
    expect(times).toEqual(times.toSorted().toReversed())
    expect(times[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/)
  })

  it('has neither has_more nor _skip, and no newer page at the head', async () => {
    const { body } = await ask(close, 'event/?_limit=3&_skip=2')
    expect(Object.keys(body)).toEqual(['data', 'cursor_next', 'cursor_previous'])
    expect(body.cursor_previous).toBeNull()
    expect(idsOf(body.data)).toEqual(visible().slice(0, 3))
  })

  it('carries the dates inside the cursor, and nothing else', async () => {
    const all = close.world.events.list()
    const { record } = all[40]!
    const since = { date_updated__gte: record.date_updated as string }
    const inRange = all.filter(({ updatedAt }) => updatedAt >= all[40]!.updatedAt)
    expect((await walk({ ...since, _limit: '7' })).flat()).toHaveLength(inRange.length)
    const first = (
      await ask(close, `event/?${new URLSearchParams({ ...since, _limit: '7' }).toString()}`)
    ).body
    const rest = await walk({ _limit: '7', _cursor: first.cursor_next as string })
    expect(idsOf([...first.data, ...rest.flat()])).toEqual(idsOf(inRange))
    const filtered = await ask(close, 'event/?object_type=lead&action=updated&_limit=1')
    const next = filtered.body.cursor_next as string
    const forgotten = await ask(close, `event/?_cursor=${next}`)
    expect(new Set(forgotten.body.data.map(({ object_type }) => object_type)).size).toBeGreaterThan(
      1,
    )
  })

  it('leads back to newer events, those that came meanwhile among them', async () => {
    const last = (await walk({ _limit: '50' })).length
    let cursor: string | null = null
    for (let i = 0; i < last - 1; i++) {
      const { body } = await ask(close, `event/?${cursor ? `_cursor=${cursor}` : ''}`)
      cursor = body.cursor_next as string
    }
    const end = (await ask(close, `event/?_cursor=${cursor}`)).body
    const { id } = close.world.addLead()
    const pages = await walk({ _cursor: end.cursor_previous as string }, 'cursor_previous')
    const rows = [...pages.toReversed().flat(), ...end.data]
    expect(idsOf(rows)).toEqual(visible())
    expect(rows.some(({ object_id }) => object_id === id)).toBe(true)
  })

  it('loses nothing to events that come while it is read', async () => {
    const before = visible()
    const pages = await walk({}, 'cursor_next', () => close.world.addActivity())
    expect(idsOf(pages.flat())).toEqual(before)
  })

  it.each([
    ['object_type=lead&action=deleted', 200],
    ['object_type=lead&object_id=lead_x', 200],
    ['object_id=lead_x&action=updated', 200],
    ['lead_id=lead_x', 200],
    ['lead_id=lead_x&object_type=lead&action=updated', 200],
    ['lead_id=lead_x&user_id=u&object_type=lead', 200],
    ['user_id=u&object_id=lead_x', 200],
    ['request_id=r&date_updated__lt=2025-01-01', 200],
    ['object_type=lead', 400],
    ['action=deleted', 400],
    ['object_id=lead_x', 400],
    ['lead_id=lead_x&action=updated', 400],
    ['request_id=r&user_id=u', 400],
    ['object_type=lead&object_id=x&action=updated', 400],
    ['date_updated__gte=yesterday', 400],
    ['_cursor=nonsense', 400],
    ['_limit=0', 400],
  ])('answers %s with %i', async (query, status) => {
    expect((await ask(close, `event/?${query}`)).status).toBe(status)
  })

  it('tells of deleted leads', async () => {
    const rows = (await walk({ object_type: 'lead', action: 'deleted' })).flat()
    expect(rows).toHaveLength(3)
    for (const row of rows) {
      expect(close.world.leads.get(row.object_id as string)).toBeUndefined()
      expect(row.previous_data).toMatchObject({ id: row.object_id })
    }
  })

  it('names the types of objects as the log does', async () => {
    const { world } = close
    const change = {
      'activity.whatsapp_message': () => world.deleteActivity(firstOf('WhatsAppMessage')),
      'activity.custom_activity': () => world.addCustomActivity(),
      'activity.email_thread': () => world.addActivity(undefined, 'Email'),
      lead_merge: () => world.mergeLeads(),
      custom_object: () => world.addCustomObject(),
      sequence_subscription: () => world.subscribe(),
      comment_thread: () => world.addComment(),
      'custom_fields.lead': () => world.addCustomField(),
      'status.lead': () => world.addSetting('status/lead'),
      membership: () => world.removeUser(),
      email_template: () => world.editSetting('email_template'),
    }
    for (const [type, make] of Object.entries(change)) {
      const before = world.events.size
      make()
      const added = world.events.list().slice(0, Math.max(1, world.events.size - before))
      expect(added.map(({ record }) => record.object_type)).toContain(type)
      const { body } = await ask(close, `event/?_limit=${added.length}`)
      expect(idsOf(body.data)).toEqual(idsOf(added))
    }
    expect(visibleTypes()).not.toContain('activity.created')
  })

  it('gives one event by id', async () => {
    const [id] = visible()
    expect((await ask(close, `event/${id}/`)).body.id).toBe(id)
    expect((await ask(close, 'event/ev_none/')).status).toBe(404)
  })

  it('forgets after 30 days', async () => {
    let now = Date.UTC(2025, 5, 30, 12)
    const own = await startSandbox({ sources: ['close'], leads: 50, now: () => now })
    try {
      const count = async () => (await ask(own.sources.close, 'event/')).body.data.length
      expect(await count()).toBeGreaterThan(0)
      now += 31 * 86_400_000
      expect(await count()).toBe(0)
      own.sources.close.world.editLead()
      expect(await count()).toBe(1)
    } finally {
      await own.stop()
    }
  })
})
