import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSandbox, type Sandbox, type SandboxSource } from '../../../src/sandbox/sandbox.ts'
import { ask, idsOf, readAll, type JsonRow } from './client.ts'

let sandbox: Sandbox<'close'>
let close: SandboxSource<'close'>

beforeAll(async () => {
  sandbox = await startSandbox({ sources: ['close'], leads: 120, seed: 15 })
  close = sandbox.sources.close
})

afterAll(() => sandbox.stop())

const listed = (path: 'custom_object' | 'sequence_subscription' | 'comment_thread' | 'comment') =>
  close.world.listOf(path) as unknown as readonly JsonRow[]
const sorted = (ids: readonly string[]) => ids.toSorted()
const rows = async (path: string) => (await ask(close, path)).body.data

describe('lists that answer only about something', () => {
  it.each([
    ['custom_object/', 'lead_id'],
    ['custom_object/?custom_object_type_id=cotype_x', 'lead_id'],
    ['sequence_subscription/', 'One of'],
    ['comment_thread/', 'One of'],
    ['comment/', 'Exactly one'],
    ['comment/?thread_id=a&object_id=b', 'Exactly one'],
  ])('refuse %s', async (path, text) => {
    const refused = await ask(close, path)
    expect(refused.status).toBe(400)
    expect(refused.text).toContain(text)
  })

  it('custom_object: those of every lead are all there are', async () => {
    const { leads, org } = close.world
    const byLead = await Promise.all(
      leads.list('id').map(({ id }) => rows(`custom_object/?lead_id=${id}`)),
    )
    const found = byLead.flat()
    expect(found.length).toBeGreaterThan(20)
    expect(sorted(idsOf(found))).toEqual(sorted(idsOf(listed('custom_object'))))
    const type = org.objectTypes[0]!.id
    const [first] = found.filter((row) => row.custom_object_type_id === type)
    const query = `lead_id=${first!.lead_id as string}&custom_object_type_id=${type}`
    expect(idsOf(await rows(`custom_object/?${query}`))).toEqual([first!.id])
    expect((await ask(close, `custom_object/${first!.id}/`)).body).toEqual(first)
  })

  it('custom objects refer to each other and to contacts that exist', () => {
    const pointer = close.world
      .listOf('custom_field/custom_object_type')
      .find((field) => field.type === 'custom_object')!
    const ids = new Set(idsOf(listed('custom_object')))
    const targets = listed('custom_object').flatMap(
      (object) => (object[`custom.${pointer.id as string}`] ?? []) as string,
    )
    expect(targets.length).toBeGreaterThan(0)
    expect(targets.every((id) => ids.has(id))).toBe(true)
  })

  it('sequence_subscription: those of every sequence are all there are, page by page', async () => {
    const bySequence = await Promise.all(
      close.world
        .listOf('sequence')
        .map(({ id }) =>
          readAll(close, 'sequence_subscription/', { sequence_id: id as string }, 3),
        ),
    )
    expect(bySequence.every((found) => found.length > 3)).toBe(true)
    const found = bySequence.flat()
    expect(sorted(idsOf(found))).toEqual(sorted(idsOf(listed('sequence_subscription'))))
    const [first] = found
    for (const key of ['contact_id', 'lead_id']) {
      const own = await rows(`sequence_subscription/?${key}=${first![key] as string}`)
      expect(idsOf(own)).toContain(first!.id)
    }
    expect(first!.date_created).toMatch(/\.\d{6}$/)
    expect(close.world.contacts.get(first!.contact_id as string)!.record.lead_id).toBe(
      first!.lead_id,
    )
  })

  it('comments: threads by what they are about, comments by thread or by that', async () => {
    const notes = idsOf(close.world.activities.list('id'))
    const object_ids = notes.join(',')
    const { body } = await ask(close, 'comment_thread/', {
      method: 'POST',
      headers: { 'x-http-method-override': 'GET', 'content-type': 'application/json' },
      body: JSON.stringify({ _params: { object_ids, _limit: 100 } }),
    })
    const threads = body.data
    expect(threads.length).toBeGreaterThan(3)
    expect(sorted(idsOf(threads))).toEqual(sorted(idsOf(listed('comment_thread'))))
    const comments = await Promise.all(threads.map(({ id }) => rows(`comment/?thread_id=${id}`)))
    expect(comments.map((own) => own.length)).toEqual(threads.map((row) => row.num_comments))
    expect(sorted(idsOf(comments.flat()))).toEqual(sorted(idsOf(listed('comment'))))
    const [thread] = threads
    const byObject = await rows(`comment/?object_id=${thread!.object_id as string}`)
    expect(byObject).toEqual(comments[0])
    expect(idsOf(await rows(`comment_thread/?ids=${thread!.id}`))).toEqual([thread!.id])
    expect(thread).toMatchObject({ object_type: 'activity.note', created_at: expect.any(String) })
  })

  it('gives contacts and opportunities custom values, some of several choices', async () => {
    const all = [
      ...(await readAll(close, 'contact/', {}, 200)),
      ...(await readAll(close, 'opportunity/', {}, 200)),
    ]
    const values = all.flatMap((row) =>
      Object.entries(row).filter(([key]) => key.startsWith('custom.')),
    )
    expect(values.some(([, value]) => Array.isArray(value))).toBe(true)
    expect(values.every(([, value]) => value !== null)).toBe(true)
    expect(new Set(values.map(([key]) => key)).size).toBeGreaterThan(6)
  })
})
