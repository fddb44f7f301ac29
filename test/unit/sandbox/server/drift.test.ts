import { describe, expect, it } from 'vitest'
import { createDrift, type DriftOptions } from '../../../../src/sandbox/server/drift.ts'
import { jsonReply } from '../../../../src/sandbox/server/http.ts'

/** A world that says what was done to it. */
function recordingWorld(drift?: readonly string[]) {
  const changes: string[] = []
  const known = new Set(['edits', 'adds', 'deletes', 'merges'])
  return {
    changes,
    ...(drift && { drift }),
    mutate: (counts: Readonly<Record<string, number>>) => {
      for (const [kind, count] of Object.entries(counts)) {
        if (!known.has(kind)) throw new RangeError(`no change is called ${kind}`)
        if (count > 0) changes.push(kind)
      }
    },
  }
}

const LIST = jsonReply({ data: [], has_more: false })

function changesAfter(lists: number, options: boolean | DriftOptions, kinds?: readonly string[]) {
  const world = recordingWorld(kinds)
  const drift = createDrift(world, options)
  for (let i = 0; i < lists; i++) drift.follow(LIST)
  return { changes: world.changes, drift }
}

describe('drift', () => {
  it('makes a change after every third list, of each kind by turns', () => {
    const { changes, drift } = changesAfter(14, true)
    expect(changes).toEqual(['edits', 'adds', 'deletes', 'edits'])
    expect(drift.counts).toEqual({ edits: 2, adds: 1, deletes: 1 })
  })

  it('makes none unless it is on', () => {
    expect(changesAfter(10, false).changes).toEqual([])
    expect(changesAfter(10, { every: 0 }).changes).toEqual([])
  })

  it('makes the kinds that the options name, else those that the world names', () => {
    expect(changesAfter(3, { every: 1 }, ['merges', 'adds']).changes).toEqual([
      'merges',
      'adds',
      'merges',
    ])
    expect(changesAfter(2, { every: 1, kinds: ['deletes'] }, ['merges']).changes).toEqual([
      'deletes',
      'deletes',
    ])
  })

  it('takes nothing else for a list', () => {
    const world = recordingWorld()
    const drift = createDrift(world, { every: 1 })
    drift.follow(jsonReply({ id: 'lead_1', contacts: [1] }))
    drift.follow(jsonReply({ success: true, data: { id: 1 } }))
    drift.follow(jsonReply({ data: [] }, 400))
    drift.follow({ status: 200, body: '<html>' })
    drift.follow({ status: 301, body: '' })
    expect(world.changes).toEqual([])
    drift.follow(jsonReply({ total: 1, list: [{ id: '1' }] }))
    drift.follow(jsonReply([{ id: 1 }]))
    expect(world.changes).toEqual(['edits', 'adds'])
  })

  it('counts anew when it is switched', () => {
    const { changes, drift } = changesAfter(2, true)
    drift.set({ every: 2 })
    drift.follow(LIST)
    expect(changes).toEqual([])
    drift.follow(LIST)
    expect(changes).toEqual(['edits'])
    drift.set(false)
    for (let i = 0; i < 5; i++) drift.follow(LIST)
    expect(changes).toEqual(['edits'])
  })

  it.each([
    [{ every: -1 }, 'a change every so many lists, received -1'],
    [{ every: 1.5 }, 'a change every so many lists, received 1.5'],
    [{ kinds: [] }, 'a list of kinds of changes'],
    [{ kinds: 'edits' }, 'a list of kinds of changes'],
    [{ kinds: ['edit'] }, 'no change is called edit'],
    [{ evry: 3 }, 'no option is called evry: every, kinds'],
  ])('refuses %j', (options, message) => {
    expect(() => createDrift(recordingWorld(), options as DriftOptions)).toThrow(message)
  })
})
