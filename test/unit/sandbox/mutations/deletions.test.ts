import { describe, expect, it } from 'vitest'
import { eventsOf, makeWorld, told } from './support.ts'

describe('deletions', () => {
  it('deletes a contact with its subscriptions and bumps the lead', () => {
    const world = makeWorld()
    const contact = world.contacts.list('id')[0]!
    const leadId = contact.record.lead_id as string
    const before = world.leads.get(leadId)!.updated
    world.subscribe(contact.id)
    const events = eventsOf(world, () => world.deleteContact(contact.id))
    expect(told(events)).toEqual(
      expect.arrayContaining(['deleted contact', 'deleted sequence_subscription', 'updated lead']),
    )
    expect(world.contacts.get(contact.id)).toBeUndefined()
    expect(world.children(leadId).contacts).not.toContain(contact.id)
    const left = world.listOf('sequence_subscription')
    expect(left.some(({ contact_id: id }) => id === contact.id)).toBe(false)
    expect(world.leads.get(leadId)!.updated).toBeGreaterThan(before)
    expect(events[0]).toMatchObject({ previous_data: { id: contact.id }, lead_id: leadId })
  })

  it.each([
    ['opportunities', 'deleteOpportunity', 'deleted opportunity'],
    ['tasks', 'deleteTask', 'deleted task.'],
  ] as const)('deletes one of %s and leaves the lead as it was', (kind, method, event) => {
    const world = makeWorld()
    const [entry] = world[kind].list('id')
    const lead = world.leads.get(entry!.record.lead_id as string)!
    const { record } = lead
    lead.text = 'stale'
    const events = eventsOf(world, () => world[method](entry!.id))
    expect(told(events)[0]).toContain(event)
    expect(events).toHaveLength(1)
    expect(world[kind].get(entry!.id)).toBeUndefined()
    expect(lead.record).toBe(record)
    // The lead embeds what is gone.
    expect(lead.text).toBeUndefined()
    expect(() => world[method](entry!.id)).toThrow(RangeError)
  })

  it('deletes an activity with the comments on it', () => {
    const world = makeWorld()
    const note = world.listOf('activity/note')[0]!
    const comment = world.addComment(note.id as string)
    const events = eventsOf(world, () => world.deleteActivity(note.id as string))
    expect(told(events)).toEqual([
      'deleted activity.note',
      'deleted comment',
      'deleted comment_thread',
    ])
    expect(world.listOf('comment').some(({ id }) => id === comment.id)).toBe(false)
    expect(world.listOf('comment_thread').some((row) => row.object_id === note.id)).toBe(false)
  })

  it('opens a task again when its completion is deleted', () => {
    const world = makeWorld()
    const task = world.completeTask()
    const events = eventsOf(world, () => world.deleteActivity(task.object_id as string))
    expect(told(events)).toEqual([
      'deleted activity.task_completed',
      expect.stringMatching(/^updated task/),
    ])
    expect(world.tasks.get(task.id as string)!.record).toMatchObject({
      is_complete: false,
      object_id: null,
    })
  })

  it('ends a conversation with its last email', () => {
    const world = makeWorld()
    const thread = world
      .listOf('activity/emailthread')
      .find(({ emails }) => (emails as object[]).length === 2)!
    const [first, second] = thread.emails as { id: string }[]
    world.deleteActivity(first!.id)
    const left = world.listOf('activity/emailthread').find(({ id }) => id === thread.id)!
    expect(left).toMatchObject({ n_emails: 1, emails: [{ id: second!.id }] })
    const events = eventsOf(world, () => world.deleteActivity(second!.id))
    expect(told(events)).toContain('deleted activity.email_thread')
    expect(world.emailThreads.get(thread.id as string)).toBeUndefined()
  })
})
