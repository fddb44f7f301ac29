import { describe, expect, it } from 'vitest'
import { createWorld } from '../../../../src/sandbox/data/world.ts'
import { eventsOf, makeWorld, told } from './support.ts'

describe('activities', () => {
  it('come in late: an old email has an event of now and a date of then', () => {
    const world = makeWorld()
    const leadId = world.leads.list('id')[0]!.id
    const sentAt = Date.UTC(2019, 4, 1)
    const events = eventsOf(world, () => world.syncOldEmail(leadId, sentAt))
    expect(told(events)[0]).toBe('created activity.email')
    const email = world.activities.get(events[0]!.object_id as string)!.record
    expect(email).toMatchObject({
      date_created: '2019-05-01T00:00:00.000000+00:00',
      date_sent: '2019-05-01T00:00:00.000000+00:00',
    })
    expect(email.date_updated! > '2025-06').toBe(true)
    expect(events[0]!.date_created! > '2025-06').toBe(true)
    expect(world.activities.list('-date_created').at(-1)!.id).toBe(email.id)
  })

  it('join the conversation of their lead, or begin it', () => {
    const world = makeWorld()
    const without = world.leads
      .list('id')
      .find(({ id }) => world.children(id).emailThreads.length === 0)!
    const begun = eventsOf(world, () => world.addActivity(without.id, 'Email'))
    expect(told(begun)).toEqual(['created activity.email', 'created activity.email_thread'])
    const joined = eventsOf(world, () => world.addActivity(without.id, 'Email'))
    expect(told(joined)).toEqual(['created activity.email', 'updated activity.email_thread'])
    const thread = world.listOf('activity/emailthread').find(({ lead_id: id }) => id === without.id)
    expect(thread).toMatchObject({ n_emails: 2 })
  })

  it.each([
    ['Call', 'duration'],
    ['Note', 'note'],
    ['SMS', 'text'],
    ['Email', 'opens_summary'],
  ] as const)('are edited: %s, its %s, told by the log only', (type, field) => {
    const world = makeWorld()
    const before = world.activities.list('id').find(({ record }) => record._type === type)!.record
    const created = world.activities.list('-date_created').map(({ id }) => id)
    const events = eventsOf(world, () => world.editActivity(before.id as string))
    const after = world.activities.get(before.id as string)!.record
    expect(after[field]).not.toEqual(before[field])
    expect(after.date_created).toBe(before.date_created)
    expect(after.date_updated! > before.date_updated!).toBe(true)
    expect(events[0]).toMatchObject({ action: 'updated', object_id: before.id })
    // The one order there is does not show it.
    expect(world.activities.list('-date_created').map(({ id }) => id)).toEqual(created)
  })

  it('of a custom kind carry its type', () => {
    const world = makeWorld()
    const type = world.org.activityTypes[1]!.id
    const activity = world.addCustomActivity(undefined, type)
    expect(activity).toMatchObject({ _type: 'CustomActivity', custom_activity_type_id: type })
    expect(() => world.addCustomActivity(undefined, 'actitype_none')).toThrow(RangeError)
  })
})

describe('younger kinds', () => {
  it('subscribes a contact to a sequence', () => {
    const world = makeWorld()
    const contact = world.contacts.list('id')[0]!
    const events = eventsOf(world, () => world.subscribe(contact.id))
    expect(told(events)).toEqual(['created sequence_subscription'])
    const made = world.listOf('sequence_subscription').find(({ id }) => id === events[0]!.object_id)
    expect(made).toMatchObject({
      contact_id: contact.id,
      lead_id: contact.record.lead_id,
      status: 'active',
    })
  })

  it('counts the comments of a thread', () => {
    const world = makeWorld()
    const call = world.listOf('activity/call')[0]!.id as string
    expect(told(eventsOf(world, () => world.addComment(call)))).toEqual([
      'created comment_thread',
      'created comment',
    ])
    const second = eventsOf(world, () => world.addComment(call))
    expect(told(second)).toEqual(['updated comment_thread', 'created comment'])
    const thread = world.listOf('comment_thread').find((row) => row.object_id === call)!
    expect(thread).toMatchObject({ num_comments: 2, object_type: 'activity.call' })
    expect(thread.updated_at! > thread.created_at!).toBe(true)
  })

  it('adds, changes and deletes custom objects', () => {
    const world = makeWorld()
    const made = world.addCustomObject()
    const id = made.id as string
    expect(world.editCustomObject(id, { name: 'New' }).date_updated! > made.date_updated!).toBe(
      true,
    )
    const events = eventsOf(world, () => world.deleteCustomObject(id))
    expect(told(events)).toEqual(['deleted custom_object'])
    expect(world.customObjects.get(id)).toBeUndefined()
  })

  it('go with their lead, and move with it when it is merged', () => {
    const world = makeWorld()
    const [source, into, other] = world.leads.list('id')
    for (const { id } of [source!, other!]) {
      world.addCustomObject(id)
      world.addComment(world.addActivity(id, 'Note').id as string)
    }
    const kinds = ['customObjects', 'comments', 'threads'] as const
    const before = kinds.map((kind) => world.children(source!.id)[kind].length)
    const there = kinds.map((kind) => world.children(into!.id)[kind].length)
    world.mergeLeads(source!.id, into!.id)
    expect(kinds.map((kind) => world.children(into!.id)[kind].length)).toEqual(
      before.map((count, i) => count + there[i]!),
    )
    expect(told(eventsOf(world, () => world.deleteLead(other!.id)))).toEqual(
      expect.arrayContaining([
        'deleted custom_object',
        'deleted comment',
        'deleted comment_thread',
      ]),
    )
    const leads = new Set(world.leads.list('id').map(({ id }) => id))
    for (const path of ['custom_object', 'comment', 'comment_thread'] as const) {
      expect(world.listOf(path).every(({ lead_id: id }) => leads.has(id as string))).toBe(true)
    }
  })

  it('did not exist in the first years', () => {
    const world = createWorld({ leads: 30, seed: 11, era: 'first_years' })
    expect(world.counts()).toMatchObject({ customObjects: 0, comments: 0, emailThreads: 0 })
    expect(() => world.subscribe()).toThrow(RangeError)
    const [source, into] = world.leads.list('id')
    world.mergeLeads(source!.id, into!.id)
    expect(world.listOf('activity/lead_merge')).toEqual([])
  })
})

describe('batches', () => {
  it('make changes of every kind, and say to what', () => {
    const world = makeWorld(120)
    const counts = {
      touches: 9,
      oldEmails: 2,
      activityDeletes: 2,
      comments: 2,
      contactDeletes: 2,
      opportunityDeletes: 2,
      taskDeletes: 2,
      subscriptions: 2,
      customObjects: 2,
      customObjectEdits: 2,
      customObjectDeletes: 2,
      fieldRenames: 1,
      fieldAdds: 1,
      fieldWidenings: 1,
      fieldDeletes: 1,
      settingAdds: 3,
      settingEdits: 3,
      settingDeletes: 2,
      leavers: 1,
    }
    const made = world.mutate(counts)
    expect(made.touched).toHaveLength(9)
    expect(new Set(made.touched.map((id) => world.leads.get(id)?.updated)).size).toBe(1)
    const done = Object.values(made).reduce((sum, ids: readonly string[]) => sum + ids.length, 0)
    expect(done).toBe(Object.values(counts).reduce((sum, count) => sum + count, 0))
    expect(made.contactsDeleted.every((id) => !world.contacts.get(id))).toBe(true)
  })

  it('touch every lead within one millisecond', () => {
    const world = makeWorld()
    expect(world.touchLeads()).toHaveLength(40)
    expect(new Set(world.leads.list('id').map(({ updated }) => updated)).size).toBe(1)
    expect(new Set(world.leads.list('date_updated').map(({ id }) => id)).size).toBe(40)
  })

  it('make the same changes in every run', () => {
    const run = () => {
      const world = makeWorld()
      const counts = {
        oldEmails: 2,
        comments: 2,
        fieldDeletes: 1,
        settingAdds: 2,
        contactDeletes: 2,
      }
      return JSON.stringify([world.mutate(counts), world.listOf('lead'), world.listOf('comment')])
    }
    expect(run()).toBe(run())
  })
})
