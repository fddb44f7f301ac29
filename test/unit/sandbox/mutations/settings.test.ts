import { describe, expect, it } from 'vitest'
import { eventsOf, makeWorld, told } from './support.ts'

describe('settings', () => {
  it('are added, changed and deleted, with events where the log knows such objects', () => {
    const world = makeWorld(5)
    const ids = () => world.listOf('email_template').map(({ id }) => id)
    const before = ids()
    const added = world.addSetting('email_template', { name: 'Fresh' })
    expect(ids()).toEqual([...before, added.id])
    expect(added.id).toMatch(/^tmpl_\w{43}$/)
    const edited = world.editSetting('email_template', added.id as string, { subject: 'Hi' })
    expect(edited).toMatchObject({ name: 'Fresh', subject: 'Hi' })
    expect(edited.date_updated! > added.date_updated!).toBe(true)
    const events = eventsOf(world, () => world.deleteSetting('email_template', added.id as string))
    expect(told(events)).toEqual(['deleted email_template'])
    expect(ids()).toEqual(before)
    expect(eventsOf(world, () => world.addSetting('outcome'))).toEqual([])
  })

  it('keep the way in which their kind writes dates', () => {
    const world = makeWorld(5)
    expect(world.editSetting('sequence').date_updated).toMatch(/\.\d{6}$/)
    expect(world.editSetting('group')).not.toHaveProperty('date_updated')
    const playbook = world.editSetting('playbook')
    expect(playbook.updated_at! > playbook.created_at!).toBe(true)
    expect(playbook).not.toHaveProperty('date_updated')
  })

  it('relabel what has a status, without a new date', () => {
    const world = makeWorld()
    const { status_id: id } = world.leads.list('id')[0]!.record
    const before = world.leads.list('id').map(({ id, updated }) => [id, updated])
    const events = eventsOf(world, () =>
      world.editSetting('status/lead', id as string, { label: 'Renamed' }),
    )
    expect(told(events)).toEqual(['updated status.lead'])
    const labels = world.leads
      .list('id')
      .filter(({ record }) => record.status_id === id)
      .map(({ record }) => record.status_label)
    expect(new Set(labels)).toEqual(new Set(['Renamed']))
    expect(world.leads.list('id').map(({ id, updated }) => [id, updated])).toEqual(before)
    const [won] = world.listOf('opportunity')
    world.editSetting('status/opportunity', won!.status_id as string, { label: 'Signed' })
    expect(world.opportunities.get(won!.id as string)!.record).toMatchObject({
      status_label: 'Signed',
      status_display_name: 'Signed',
    })
  })

  it('show a new status in its pipeline, and refuse to delete one in use', () => {
    const world = makeWorld()
    const status = world.addSetting('status/opportunity', { label: 'On hold', type: 'active' })
    const statuses = () => world.listOf('pipeline')[0]!.statuses as object[]
    expect(statuses().at(-1)).toEqual({ id: status.id, label: 'On hold', type: 'active' })
    expect(world.deleteSetting('status/opportunity').id).toBe(status.id)
    expect(statuses()).toHaveLength(4)
    const used = world.opportunities.list('id')[0]!.record.status_id as string
    expect(() => world.deleteSetting('status/opportunity', used)).toThrow(/is in use/)
  })

  it('move a user who leaves to the inactive members', () => {
    const world = makeWorld(5)
    const user = world.listOf('user').at(-1)!
    const events = eventsOf(world, () => world.removeUser())
    expect(told(events)).toEqual(['deactivated membership'])
    expect(world.listOf('user').some(({ id }) => id === user.id)).toBe(false)
    const membership = world.listOf('membership').find(({ user_id: id }) => id === user.id)
    expect(membership).toMatchObject({ is_active: false })
    expect(() => world.removeUser(user.id as string)).toThrow(RangeError)
    expect(() => world.removeUser(world.org.users[0]!.id as string)).toThrow(RangeError)
  })

  it('want to be told what to change where nothing has a name', () => {
    expect(() => makeWorld(1).editSetting('webhook')).toThrow(/say what to change/)
  })
})
