import { describe, expect, it } from 'vitest'
import {
  CONSOLIDATION_MS,
  EventLog,
  type Happening,
} from '../../../../src/sandbox/data/event-log.ts'

const NOON = Date.UTC(2025, 5, 1, 12)

function update(at: number, previous: Happening['previous'] = { name: 'old' }): Happening {
  const object = { id: 'lead_1', name: `as of ${at}` }
  const people = { leadId: 'lead_1', userId: 'user_1' }
  return { objectType: 'lead', action: 'updated', object, ...people, at, previous }
}

describe('EventLog', () => {
  it('makes quick updates of one object one event that moves to the head', () => {
    const log = new EventLog(1, 'orga_1', () => [])
    const first = log.add(update(NOON))
    log.add({ ...update(NOON + 5), object: { id: 'lead_2' } })
    const grown = log.add(update(NOON + CONSOLIDATION_MS, { name: 'newer', url: null }))
    expect(grown.id).toBe(first.id)
    expect(log.size).toBe(2)
    expect(log.list()[0]!.record).toMatchObject({
      id: first.id,
      date_created: '2025-06-01T12:00:00.000000',
      date_updated: '2025-06-01T12:01:00.000000',
      data: { name: `as of ${NOON + CONSOLIDATION_MS}` },
      previous_data: { name: 'old', url: null },
    })
    expect(grown.record.changed_fields).toEqual(expect.arrayContaining(['name', 'url']))
  })

  it('keeps slow updates, and those of different users, apart', () => {
    const log = new EventLog(1, 'orga_1', () => [])
    log.add(update(NOON))
    log.add(update(NOON + CONSOLIDATION_MS + 1))
    log.add({ ...update(NOON + CONSOLIDATION_MS + 2), userId: 'user_2' })
    expect(log.size).toBe(3)
  })

  it('starts a new event after a deletion', () => {
    const log = new EventLog(1, 'orga_1', () => [])
    log.add(update(NOON))
    log.add({ ...update(NOON + 1), action: 'deleted' })
    log.add(update(NOON + 2))
    expect(log.list().map(({ record }) => record.action)).toEqual(['updated', 'deleted', 'updated'])
    expect(log.list()[1]!.record.data).toEqual({})
  })

  it('writes what happened before it was looked at below what is added', () => {
    const log = new EventLog(1, 'orga_1', () => [update(NOON)])
    log.add({ ...update(NOON + 10), action: 'deleted' })
    expect(log.list().map(({ record }) => record.action)).toEqual(['deleted', 'updated'])
  })
})
