import { afterEach, describe, expect, it } from 'vitest'
import { SANDBOX_SOURCES, startSandbox, type DriftOptions } from '../../../src/sandbox/sandbox.ts'
import { ask, idsOf, post, readAll } from './client.ts'

const start = (drift: boolean | DriftOptions) =>
  startSandbox({ sources: ['close'], leads: 60, seed: 2, drift })

let sandbox: Awaited<ReturnType<typeof start>> | undefined

afterEach(() => sandbox?.stop())

/** The ids of all leads, ten pages of them, as a client reads them that knows nothing of drift. */
async function readLeads(drift: boolean | DriftOptions): Promise<string[]> {
  sandbox = await start(drift)
  const ids: string[] = []
  for (let page = 0; page < 20; page++) {
    const { body } = await ask(sandbox.sources.close, `lead/?_limit=6&_skip=${page * 6}`)
    ids.push(...idsOf(body.data))
    if (body.has_more !== true) break
  }
  return ids
}

describe('a list that is read page by page', () => {
  it('shifts while the data drifts: edits bring records twice, deletes hide them', async () => {
    const steady = await readLeads(false)
    expect(new Set(steady).size).toBe(steady.length)
    const before = sandbox!.sources.close.world.counts().leads
    expect(steady).toHaveLength(before!)
    await sandbox!.stop()

    const edited = await readLeads({ every: 1, kinds: ['edits'] })
    // The newest edit comes first, and pushes the rest down by one.
    expect(edited.length - new Set(edited).size).toBeGreaterThan(3)
    await sandbox!.stop()

    const deleted = await readLeads({ every: 1, kinds: ['deletes'] })
    const there = idsOf(await readAll(sandbox!.sources.close, 'lead/'))
    expect(deleted).toHaveLength(new Set(deleted).size)
    expect(there.filter((id) => !deleted.includes(id)).length).toBeGreaterThan(0)
  })

  it('shifts the same way in every run', async () => {
    const first = await readLeads({ every: 2 })
    await sandbox!.stop()
    expect(await readLeads({ every: 2 })).toEqual(first)
    expect(sandbox!.sources.close.drift.counts).toMatchObject({ edits: 2, adds: 2, deletes: 1 })
  })

  it('changes after lists only, searches among them', async () => {
    sandbox = await start({ every: 1 })
    const { close } = sandbox.sources
    const total = () => Object.values(close.drift.counts).reduce((sum, count) => sum + count, 0)
    await ask(close, 'me/')
    await ask(close, 'lead')
    expect((await ask(close, 'opportunity/?_order_by=nonsense')).status).toBe(400)
    const [lead] = close.world.leads.list('id')
    expect((await ask(close, `lead/${lead!.id}/`)).status).toBe(200)
    expect(total()).toBe(0)
    await post(close, 'data/search/', { query: { type: 'object_type', object_type: 'lead' } })
    await ask(close, 'event/')
    expect(total()).toBe(2)
  })
})

describe('drift', () => {
  it('is counted by kind, and switched while it runs', async () => {
    sandbox = await start(false)
    const { close } = sandbox.sources
    const drift = (body: unknown) => post(close, '/_sandbox/drift', body)
    for (let i = 0; i < 4; i++) await ask(close, 'lead/?_limit=1')
    const state = async () => (await ask(close, '/_sandbox/state')).body.drift
    expect(await state()).toMatchObject({ every: 0, counts: {} })
    expect(await drift({ every: 2, kinds: ['adds'] })).toMatchObject({
      status: 200,
      body: { every: 2, kinds: ['adds'] },
    })
    for (let i = 0; i < 4; i++) await ask(close, 'lead/?_limit=1')
    expect(await state()).toEqual({ every: 2, kinds: ['adds'], counts: { adds: 2 } })
    expect(close.world.counts().leads).toBe(62)
    for (const wrong of [{ every: -1 }, { kinds: ['nothing'] }, { evry: 1 }, [], 'x']) {
      expect((await drift(wrong)).status).toBe(400)
    }
    expect((await drift({ every: 0 })).status).toBe(200)
    for (let i = 0; i < 4; i++) await ask(close, 'lead/?_limit=1')
    expect(close.drift.counts).toEqual({ adds: 2 })
  })

  it('makes changes that the world of every source knows', async () => {
    const all = await startSandbox({ sources: SANDBOX_SOURCES, leads: 30, drift: true })
    try {
      for (const { drift, world } of Object.values(all.sources)) {
        const { kinds } = drift.settings
        const seen = new Set([JSON.stringify(world.counts())])
        for (const _ of kinds) {
          for (let i = 0; i < 3; i++) drift.follow({ status: 200, body: '{"data":[]}' })
          seen.add(JSON.stringify(world.counts()))
        }
        expect(Object.keys(drift.counts)).toEqual(kinds)
        expect(seen.size).toBeGreaterThan(1)
      }
    } finally {
      await all.stop()
    }
  })

  it('is refused where it can not be', async () => {
    await expect(start({ kinds: ['edit'] })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('sandbox: no change is called edit') as string,
    })
  })
})
