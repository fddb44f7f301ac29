import { describe, expect, it } from 'vitest'
import { createWorld, type World } from '../../../../src/sandbox/data/world.ts'
import { makeWorld as world, newest } from './support.ts'

/** The ids of what hangs on a lead, without the entry that says where it came from: that has no events. */
function withEvents(world: World, leadId: string): string[] {
  return Object.values(world.children(leadId))
    .flat()
    .filter((id) => world.activities.get(id)?.record._type !== 'Created')
}

const leadWith = (world: World, kind: 'contacts' | 'opportunities' | 'activities') =>
  world.leads.list('id').find(({ id }) => world.children(id)[kind].length > 0)!

describe('mutations', () => {
  it('moves an edited lead forward and says what it was', () => {
    const data = world()
    const newestBefore = data.leads.list('-date_updated')[0]!
    const { id, record: before } = data.leads.list('id')[0]!
    const after = data.editLead(id, { description: 'new' })
    expect(data.leads.list('-date_updated')[0]!.id).toBe(id)
    expect(after.date_updated! > newestBefore.record.date_updated!).toBe(true)
    expect(newest(data, 1)[0]).toMatchObject({
      object_type: 'lead',
      action: 'updated',
      object_id: id,
      data: { description: 'new' },
      previous_data: { description: before.description, date_updated: before.date_updated },
    })
  })

  it('writes a change of status into the history of a lead', () => {
    const data = world()
    const { id, record } = data.leads.list('id')[0]!
    const other = data.org.leadStatuses.find((status) => status.id !== record.status_id)!
    const after = data.editLead(id, { status_id: other.id! })
    expect(after.status_label).toBe(other.label)
    const change = data.activities.get(data.children(id).activities.at(-1)!)!.record
    expect(change).toMatchObject({
      _type: 'LeadStatusChange',
      old_status_id: record.status_id,
      new_status_id: other.id,
    })
  })

  it('adds a lead that is newer than all others, with events for all it brings', () => {
    const data = world()
    const { id } = data.addLead({ name: 'Fresh' })
    expect(data.leads.list('-date_created')[0]!.record).toMatchObject({ id, name: 'Fresh' })
    const brought = withEvents(data, id as string)
    const events = newest(data, brought.length + 1)
    expect(events.every(({ action, lead_id }) => action === 'created' && lead_id === id)).toBe(true)
    expect(events.filter(({ object_type }) => object_type === 'lead')).toHaveLength(1)
  })

  it('deletes a lead with all that hangs on it, and says so for each', () => {
    const data = world()
    const { id } = leadWith(data, 'contacts')
    const children = withEvents(data, id)
    const before = data.counts()
    data.deleteLead(id)
    expect(data.leads.get(id)).toBeUndefined()
    expect(data.contacts.list('id').some(({ record }) => record.lead_id === id)).toBe(false)
    expect(data.counts().leads).toBe(before.leads! - 1)
    const events = newest(data, children.length + 1)
    expect(new Set(events.map(({ object_id }) => object_id))).toEqual(new Set([id, ...children]))
    expect(events.every(({ action }) => action === 'deleted')).toBe(true)
    expect(() => data.deleteLead(id)).toThrow(RangeError)
  })

  it('bumps the lead of an edited contact, a moment later and without an event', () => {
    const data = world()
    const { id } = leadWith(data, 'contacts')
    const contactId = data.children(id).contacts[0]!
    const contact = data.editContact(contactId)
    expect(data.leads.get(id)!.record.date_updated! > contact.date_updated!).toBe(true)
    expect(newest(data, 1)[0]).toMatchObject({ object_type: 'contact', object_id: contactId })
  })

  it('leaves the lead of an edited opportunity, and of a new activity, as it was', () => {
    const data = world()
    const { id, record } = leadWith(data, 'opportunities')
    const text = 'stale'
    data.leads.get(id)!.text = text
    data.editOpportunity(data.children(id).opportunities[0])
    data.addActivity(id, 'Note')
    data.editActivity(data.children(id).activities[0])
    expect(data.leads.get(id)!.record.date_updated).toBe(record.date_updated)
    expect(data.leads.get(id)!.text).not.toBe(text)
    expect(newest(data, 3).map(({ object_type }) => object_type)).toContain('activity.note')
  })

  it('completes a task: an activity, a bumped lead, an event of its own', () => {
    const data = world()
    const task = data.completeTask()
    const lead = data.leads.get(task.lead_id as string)!.record
    expect(task).toMatchObject({ is_complete: true, view: 'archive' })
    expect(data.activities.get(task.object_id as string)!.record._type).toBe('TaskCompleted')
    expect(lead.date_updated! > task.date_updated!).toBe(true)
    expect(newest(data, 2).map(({ action }) => action)).toEqual(['created', 'completed'])
  })

  it('merges leads: children move unbumped, the source is gone, only `merged` tells', () => {
    const data = world()
    const source = leadWith(data, 'contacts')
    const into = data.leads.list('id').find(({ id }) => id !== source.id)!
    const contactId = data.children(source.id).contacts[0]!
    const contactBefore = data.contacts.get(contactId)!.record
    const after = data.mergeLeads(source.id, into.id)
    expect(data.leads.get(source.id)).toBeUndefined()
    expect(data.contacts.get(contactId)!.record).toEqual({ ...contactBefore, lead_id: into.id })
    expect(data.children(into.id).contacts).toContain(contactId)
    expect(after.date_updated! > into.record.date_created!).toBe(true)
    expect(newest(data, 1)[0]).toMatchObject({
      action: 'merged',
      object_id: into.id,
      meta: { merge_source_lead_id: source.id, merge_destination_lead_id: into.id },
    })
    const told = data.events.list().filter(({ record }) => record.object_id === source.id)
    expect(told.every(({ record }) => record.action !== 'deleted')).toBe(true)
  })

  it('makes the same changes in every run', () => {
    const run = () => {
      const data = world()
      const counts = { edits: 5, adds: 2, deletes: 2, merges: 1, activities: 3, contactEdits: 2 }
      const made = [data.mutate(counts), data.mutate({ edits: 2, seed: 9 })]
      return JSON.stringify([made, data.leads.list('id').map(({ record }) => record)])
    }
    expect(run()).toBe(run())
  })

  it('edits different leads, some in the same millisecond, and never one it deletes', () => {
    const data = world()
    const { edited, deleted } = data.mutate({ edits: 12, deletes: 4 })
    expect(new Set([...edited, ...deleted]).size).toBe(16)
    const times = edited.map((id) => data.leads.get(id)!.updated)
    expect(new Set(times).size).toBe(9)
  })

  it('changes as much as there is, and refuses a kind of change it does not know', () => {
    const data = world(3)
    expect(data.mutate({ deletes: 10 }).deleted).toHaveLength(3)
    expect(() => data.mutate({ edit: 1 } as never)).toThrow(/no change is called edit/)
  })

  it('stamps changes with the time given, never twice the same and never backwards', () => {
    let time = Date.UTC(2030, 0, 1)
    const data = createWorld({ leads: 5, seed: 1, now: () => time })
    const first = data.editLead().date_updated
    expect(first).toBe('2030-01-01T00:00:00.000000+00:00')
    time -= 5000
    expect(data.editLead().date_updated).toBe('2030-01-01T00:00:00.001000+00:00')
  })
})
