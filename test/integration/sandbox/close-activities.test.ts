import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ACTIVITY_LISTS } from '../../../src/sandbox/data/lists.ts'
import { startSandbox, type Sandbox, type SandboxSource } from '../../../src/sandbox/sandbox.ts'
import { ask, idsOf, readAll, type JsonRow } from './client.ts'

let sandbox: Sandbox<'close'>
let close: SandboxSource<'close'>

beforeAll(async () => {
  sandbox = await startSandbox({ sources: ['close'], leads: 150, seed: 14 })
  close = sandbox.sources.close
})

afterAll(() => sandbox.stop())

const KINDS = Object.entries(ACTIVITY_LISTS) as [keyof typeof ACTIVITY_LISTS, string][]

const all = (kind: keyof typeof ACTIVITY_LISTS) => readAll(close, `activity/${kind}/`, {}, 100)
const sorted = (ids: readonly string[]) => ids.toSorted()

describe('activities by kind', () => {
  it.each(KINDS)('%s: a list of %s, the newest first, whole over its pages', async (kind, type) => {
    const rows = await readAll(close, `activity/${kind}/`, {}, 9)
    expect(rows.length).toBeGreaterThan(0)
    expect(new Set(rows.map(({ _type }) => _type))).toEqual(new Set([type]))
    expect(rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(
      close.world.listOf(`activity/${kind}`).toSorted((a, b) => (a.id! < b.id! ? -1 : 1)),
    )
    const times = rows.map((row) => row.date_created as string)
    expect(times).toEqual(times.toSorted().toReversed())
  })

  it.each(KINDS)('%s can be asked for by ids', async (kind) => {
    const wanted = (await all(kind)).slice(0, 2)
    const query = `id__in=${idsOf(wanted).join(',')}`
    const found = (await ask(close, `activity/${kind}/?${query}`)).body.data
    expect(sorted(idsOf(found))).toEqual(sorted(idsOf(wanted)))
    expect((await ask(close, `activity/${kind}/${wanted[0]!.id}/`)).body).toEqual(wanted[0])
  })

  it('gives custom activities their type and the fields of that type', async () => {
    const types = new Map(close.world.org.activityTypes.map((type) => [type.id, type]))
    const rows = await all('custom')
    for (const row of rows) {
      const type = types.get(row.custom_activity_type_id as string)!
      const known = type.fields.map(({ id }) => `custom.${id}`)
      const keys = Object.keys(row).filter((key) => key.startsWith('custom.'))
      expect(keys.filter((key) => !known.includes(key))).toEqual([])
    }
    // Values are absent where there are none, and lists where a field holds several.
    const shapes = new Set(rows.map((row) => Object.keys(row).length))
    expect(shapes.size).toBeGreaterThan(2)
    const values = rows.flatMap((row) => Object.values(row))
    expect(values.some((value) => Array.isArray(value) && value.length > 0)).toBe(true)
  })

  it('filters custom activities by type together with a lead only', async () => {
    const [row] = await all('custom')
    const type = `custom_activity_type_id=${row!.custom_activity_type_id as string}`
    expect((await ask(close, `activity/custom/?${type}`)).status).toBe(400)
    const found = await ask(close, `activity/custom/?${type}&lead_id=${row!.lead_id as string}`)
    expect(idsOf(found.body.data)).toContain(row!.id)
  })

  it('filters messages and form submissions by what they come from', async () => {
    const [message] = await all('whatsapp_message')
    const id = message!.external_whatsapp_message_id as string
    const query = `activity/whatsapp_message/?external_whatsapp_message_id=${id}`
    expect(idsOf((await ask(close, query)).body.data)).toEqual([message!.id])
    const submissions = await all('form_submission')
    const form = submissions[0]!.form_id as string
    const ofForm = await readAll(close, 'activity/form_submission/', { form_id__in: form })
    expect(idsOf(ofForm)).toEqual(idsOf(submissions.filter((row) => row.form_id === form)))
    const { field_definitions: fields } = (await ask(close, `form/${form}/`)).body
    expect(Object.keys(submissions[0]!.values as object)).toEqual(idsOf(fields as JsonRow[]))
  })

  it('collects the emails of a conversation, without their bodies', async () => {
    const emails = await all('email')
    const threads = await all('emailthread')
    const inThreads = threads.flatMap((thread) => thread.emails as JsonRow[])
    expect(sorted(idsOf(inThreads))).toEqual(sorted(idsOf(emails)))
    expect(threads.some((thread) => (thread.n_emails as number) > 1)).toBe(true)
    for (const thread of threads) {
      const own = thread.emails as JsonRow[]
      expect(own).toHaveLength(thread.n_emails as number)
      expect(own.every((email) => email.thread_id === thread.id)).toBe(true)
    }
    expect(inThreads.some((email) => 'body_text' in email)).toBe(false)
    expect(emails.every((email) => 'body_text' in email)).toBe(true)
  })

  it('shows conversations beside emails, or in their place, on request', async () => {
    const { id } = close.world.leads
      .list('id')
      .find(({ id }) => close.world.children(id).emailThreads.length > 0)!
    const types = async (thread_emails: string) =>
      new Set(
        (await readAll(close, 'activity/', { lead_id: id, thread_emails })).map(
          ({ _type }) => _type,
        ),
      )
    expect((await types('false')).has('EmailThread')).toBe(false)
    expect(await types('true')).toEqual(new Set([...(await types('false')), 'EmailThread']))
    const only = await types('only')
    expect([only.has('Email'), only.has('EmailThread')]).toEqual([false, true])
    const rows = await readAll(close, 'activity/', { thread_emails: 'true' }, 40)
    const times = rows.map((row) => row.date_created as string)
    expect(times).toEqual(times.toSorted().toReversed())
  })

  it('tells of merges on the lead that is left', async () => {
    const { world } = close
    const [source, into] = world.leads.list('id')
    world.mergeLeads(source!.id, into!.id)
    const [merge] = (await ask(close, 'activity/lead_merge/?_limit=1')).body.data
    expect(merge).toMatchObject({
      lead_id: into!.id,
      source_lead_id: source!.id,
      destination_lead_id: into!.id,
      merge_status: 'completed',
    })
    expect((await ask(close, `lead/${source!.id}/`)).status).toBe(404)
  })

  it('gives tasks by ids', async () => {
    const ids = close.world.tasks.list('id').slice(0, 3)
    const query = `_type=all&id__in=${idsOf(ids).join(',')}`
    expect(idsOf((await ask(close, `task/?${query}`)).body.data)).toEqual(idsOf(ids))
  })
})
