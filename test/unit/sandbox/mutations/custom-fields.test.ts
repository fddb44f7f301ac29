import { describe, expect, it } from 'vitest'
import type { World } from '../../../../src/sandbox/data/world.ts'
import { eventsOf, makeWorld, told } from './support.ts'

/** The leads with a value for a field, and when they were last changed. */
function holders(world: World, key: string) {
  return world.leads.list('id').filter(({ record }) => record[key] !== undefined)
}

describe('custom fields', () => {
  it('are renamed without a trace in the dates of leads, whose names follow', () => {
    const world = makeWorld()
    const { id } = world.org.leadFields.tier
    const before = holders(world, `custom.${id}`).map(({ id, updated }) => [id, updated])
    const events = eventsOf(world, () => world.renameCustomField(id, 'Level'))
    expect(told(events)).toEqual(['updated custom_fields.lead'])
    const field = world.listOf('custom_field/lead').find((field) => field.id === id)!
    expect(field.name).toBe('Level')
    expect(field.date_updated! > field.date_created!).toBe(true)
    const leads = holders(world, `custom.${id}`)
    expect(leads.length).toBeGreaterThan(5)
    expect(leads.map(({ id, updated }) => [id, updated])).toEqual(before)
    for (const { record } of leads) {
      expect(record.custom).toHaveProperty('Level', record[`custom.${id}`])
      expect(record.custom).not.toHaveProperty('Tier')
    }
  })

  it('are added without values, and hold what a lead is given', () => {
    const world = makeWorld()
    const field = world.addCustomField('custom_field/lead', { name: 'Segment', type: 'text' })
    const key = `custom.${field.id as string}`
    expect(holders(world, key)).toEqual([])
    expect(world.listOf('custom_field/lead').at(-1)).toMatchObject({ name: 'Segment' })
    const lead = world.editLead(undefined, { [key]: 'A' })
    expect(lead).toMatchObject({ [key]: 'A', custom: { Segment: 'A' } })
  })

  it('come to hold several values: every value becomes a list, unbumped', () => {
    const world = makeWorld()
    const { id } = world.org.leadFields.tier
    const key = `custom.${id}`
    const before = holders(world, key).map(({ id, updated, record }) => [
      id,
      updated,
      [record[key]],
    ])
    const widened = world.widenCustomField(id)
    expect(widened.accepts_multiple_values).toBe(true)
    expect(
      holders(world, key).map(({ id, updated, record }) => [id, updated, record[key]]),
    ).toEqual(before)
    // Also for leads that come later.
    for (let i = 0; i < 8; i++) world.addLead()
    expect(holders(world, key).every(({ record }) => Array.isArray(record[key]))).toBe(true)
  })

  it('take their values with them when they are deleted, unbumped', () => {
    const world = makeWorld()
    const { region } = world.org.sharedFields
    const key = `custom.${region.id}`
    const kinds = ['leads', 'contacts', 'opportunities', 'activities', 'customObjects'] as const
    const having = () =>
      kinds.map((kind) => world[kind].list('id').filter((entry) => key in entry.record).length)
    const dates = () =>
      kinds.flatMap((kind) => world[kind].list('id').map(({ updated }) => updated))
    expect(Math.min(...having())).toBeGreaterThan(0)
    const before = dates()
    const events = eventsOf(world, () => world.deleteCustomField(region.id))
    expect(told(events)).toEqual(['deleted custom_fields.shared'])
    expect(having()).toEqual([0, 0, 0, 0, 0])
    expect(dates()).toEqual(before)
    for (const { record } of world.leads.list('id')) {
      expect(record.custom).not.toHaveProperty(region.name)
    }
    world.addLead()
    world.addCustomObject()
    expect(having()).toEqual([0, 0, 0, 0, 0])
    expect(() => world.deleteCustomField(region.id)).toThrow(RangeError)
  })

  it('shows in the texts of leads what has changed within them', () => {
    const world = makeWorld()
    const key = `custom.${world.org.contactFields.topics.id}`
    const contact = world.contacts.list('id').find(({ record }) => record[key] !== undefined)!
    const lead = world.leads.get(contact.record.lead_id as string)!
    lead.text = 'stale'
    world.deleteCustomField(world.org.contactFields.topics.id)
    expect(lead.text).toBeUndefined()
  })
})
