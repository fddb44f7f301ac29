import { describe, expect, it } from 'vitest'
import { createLanes, type Lane, type Lanes } from '../../../../src/http/rate-limit/lanes.ts'

const leads = { group: 'search', endpoint: 'leads' }
const tasks = { group: 'source', endpoint: 'tasks' }

function queue(...waiting: readonly (readonly [Lane, string])[]): Lanes<string> {
  const lanes = createLanes<string>()
  for (const [lane, waiter] of waiting) lanes.join(lane, waiter)
  return lanes
}

function takeAll(lanes: Lanes<string>): string[] {
  const taken: string[] = []
  while (!lanes.isEmpty) taken.push(lanes.take([...lanes.inTurn()][0]!))
  return taken
}

describe('lanes', () => {
  it('take turns, and each is first come, first served', () => {
    const lanes = queue([leads, 'l1'], [leads, 'l2'], [leads, 'l3'], [tasks, 't1'], [tasks, 't2'])
    expect(takeAll(lanes)).toEqual(['l1', 't1', 'l2', 't2', 'l3'])
  })

  it('are one per endpoint and group', () => {
    const elsewhere = { group: 'source', endpoint: 'leads' }
    const lanes = queue([leads, 'l1'], [leads, 'l2'], [elsewhere, 'e1'])
    expect([...lanes.inTurn()]).toEqual([leads, elsewhere])
    expect(takeAll(lanes)).toEqual(['l1', 'e1', 'l2'])
  })

  it('keep their turn when someone leaves, and end with the last', () => {
    const lanes = queue([leads, 'l1'], [leads, 'l2'], [tasks, 't1'])
    lanes.leave({ ...leads }, 'l1')
    expect([...lanes.inTurn()]).toEqual([leads, tasks])
    lanes.leave(leads, 'l2')
    expect([...lanes.inTurn()]).toEqual([tasks])
  })

  it('can be emptied at once', () => {
    const lanes = queue([leads, 'l1'], [leads, 'l2'], [tasks, 't1'])
    expect(lanes.clear(leads)).toEqual(['l1', 'l2'])
    expect(takeAll(lanes)).toEqual(['t1'])
  })
})
