import { describe, expect, it, vi } from 'vitest'
import { DAY, afterPage, start, statusOf, troubles, type Close } from './close.ts'
import { compare, goneFrom } from './close-expected.ts'

// Many requests and loads, which take long where other tests have the cores.
vi.setConfig({ testTimeout: 120_000 })

const ACTIVITIES = ['notes', 'calls', 'emails', 'sms', 'meetings'] as const
const FOLLOWERS = ['leads', 'contacts', 'opportunities', 'tasks', ...ACTIVITIES] as const
const NAMES = ['event_log', ...FOLLOWERS]
const SMALL = { leads: 30, seed: 51 }

/** The queries of requests by key since this was last asked: `path?id__in=...`. */
const askedByKey = ({ source }: Close) =>
  source.requests.entries.flatMap(({ path, query }) =>
    query.id__in === undefined ? [] : [[path.replace('/api/v1/', ''), query.id__in.split(',')]],
  )

/** An activity that is older than what each sync reads again. */
const anActivity = ({ world, now }: Close, type: string, index = 0) =>
  world.activities
    .list('id')
    .filter(({ record, created }) => record._type === type && created < now() - 2 * DAY)[index]!.id

describe('the event log of Close', () => {
  it('that fails after its first page moves no bookmark, and all of it is read by the next sync', async () => {
    await using close = await start({ sandbox: SMALL, pipeline: { retry: { max_attempts: 1 } } })
    const { world, source } = close
    expect(troubles(await close.sync({ endpoints: NAMES }))).toEqual([])
    const lead = world.leads.list('id')[0]!.id
    world.deleteLead(lead)
    const note = anActivity(close, 'Note')
    world.editActivity(note)
    // More than a page of events is newer than these.
    for (let i = 0; i < 60; i++) world.addActivity(undefined, 'Note')

    const failed = await close.sync({
      endpoints: NAMES,
      onEvent: (event) => {
        if (event.type === 'page' && event.endpoint === 'event_log')
          source.faults.set({ rate: 1, kinds: ['500'] })
        if (event.type === 'endpoint_finished') source.faults.set(0)
      },
    })
    const log = statusOf(failed, 'event_log')
    expect(log).toMatchObject({ status: 'failed', pages: 1, records: 50 })
    expect(log.bookmark.after).toBe(log.bookmark.before)
    expect(await goneFrom(close, 'leads')).toEqual([])

    const summary = await close.sync({ endpoints: NAMES })
    expect(troubles(summary)).toEqual([])
    expect(statusOf(summary, 'event_log').records).toBeGreaterThan(60)
    expect(await compare(close, NAMES)).toEqual([])
    expect(await goneFrom(close, 'leads')).toEqual([lead])
  })

  it('that fails in its first read is read whole by the next sync', async () => {
    await using close = await start({ sandbox: SMALL, pipeline: { retry: { max_attempts: 1 } } })
    const { source } = close
    const failed = await close.sync({
      endpoints: ['event_log'],
      onEvent: afterPage('event_log', 0, () => source.faults.set({ rate: 1, kinds: ['reset'] })),
    })
    expect(statusOf(failed, 'event_log').bookmark).toEqual({ before: null, after: null })
    source.faults.set(0)
    expect(troubles(await close.sync({ endpoints: ['event_log'] }))).toEqual([])
    expect(await compare(close, ['event_log'])).toEqual([])
  })

  it('is followed again where an event has grown after it was read', async () => {
    await using close = await start({ sandbox: SMALL })
    const { world } = close
    const note = anActivity(close, 'Note')
    const eventsOfNote = () => world.events.list().filter(({ record }) => record.object_id === note)
    await close.sync({ endpoints: NAMES })
    world.editActivity(note, { note: 'first' })
    const [first] = eventsOfNote()
    await close.sync({ endpoints: NAMES })
    world.editActivity(note, { note: 'second' })
    const [second] = eventsOfNote()
    expect(second).toMatchObject({ id: first!.id })
    expect(second!.updatedAt).toBeGreaterThan(first!.updatedAt)
    await close.sync({ endpoints: NAMES })
    expect(await close.rows(`select note from notes where id = '${note}'`)).toEqual([['second']])
    expect(await compare(close, NAMES)).toEqual([])
  })

  it('names activities that were edited, which are asked for together, and each once', async () => {
    await using close = await start({ sandbox: SMALL })
    const { world } = close
    await close.sync({ endpoints: NAMES })
    const notes = [0, 1, 2, 3].map((i) => anActivity(close, 'Note', i))
    const call = anActivity(close, 'Call')
    for (const id of [...notes, call, notes[0]!]) world.editActivity(id)
    close.asked()
    expect(troubles(await close.sync({ endpoints: NAMES }))).toEqual([])
    const [ofNotes, ofCalls] = askedByKey(close)
    expect(ofCalls).toEqual(['activity/call/', [call]])
    expect(ofNotes).toEqual(['activity/note/', expect.arrayContaining(notes)])
    expect(ofNotes![1]).toHaveLength(notes.length)
    expect(await compare(close, NAMES)).toEqual([])

    close.asked()
    await close.sync({ endpoints: NAMES })
    expect(askedByKey(close)).toEqual([])
  })

  it('brings emails that came in with the date of long ago on which they were sent', async () => {
    await using close = await start({ sandbox: SMALL })
    const { world } = close
    await close.sync({ endpoints: NAMES })
    const old = [1, 2, 3].map(() => world.syncOldEmail())
    expect(old.every(({ date_created: at }) => (at as string) < '2024-06')).toBe(true)
    close.asked()
    await close.sync({ endpoints: NAMES })
    expect(askedByKey(close)).toEqual([
      ['activity/email/', expect.arrayContaining(old.map(({ id }) => id))],
    ])
    expect(await compare(close, NAMES)).toEqual([])
  })

  it('tells of a merge: what hung on the source is at the destination, and the source is marked', async () => {
    await using close = await start({ sandbox: SMALL })
    const { world } = close
    const names = [...NAMES, 'custom_objects', 'lead_merges', 'created_activities', 'activities']
    await close.sync({ endpoints: names })
    const rich = world.leads
      .list('id')
      .filter(({ id }) => Object.values(world.children(id)).flat().length > 8)
    const [from, into] = rich.map(({ id }) => id) as [string, string]
    const moved = {
      contacts: [...world.children(from).contacts],
      opportunities: [...world.children(from).opportunities],
      tasks: [...world.children(from).tasks],
    }
    world.mergeLeads(from, into)
    expect(troubles(await close.sync({ endpoints: names }))).toEqual([])
    expect(await compare(close, names)).toEqual([])
    expect(await goneFrom(close, 'leads')).toEqual([from])
    for (const [table, ids] of Object.entries(moved)) {
      const rows = await close.rows(`select id, lead_id from ${table}`)
      const lead = new Map(rows as [string, string][])
      for (const id of ids) expect(lead.get(id)).toBe(into)
    }
    expect(Object.values(moved).flat().length).toBeGreaterThan(0)
  })

  it('that has lost events is made up for: all that follows it is read again, and gone rows are found', async () => {
    await using close = await start({ sandbox: SMALL })
    const { world } = close
    const names = [...NAMES, 'created_activities', 'custom_objects']
    await close.sync({ endpoints: names })
    const done = world.mutate({
      edits: 2,
      adds: 2,
      deletes: 2,
      merges: 1,
      activityEdits: 12,
      activityDeletes: 6,
      oldEmails: 3,
      contactDeletes: 2,
      opportunityDeletes: 2,
      taskDeletes: 2,
      customObjectDeletes: 1,
      seed: 3,
    })
    close.pass(31 * DAY)
    world.addActivity()
    const summary = await close.sync({ endpoints: names })
    const said = troubles(summary)
    expect(said).toContain('event_log RETENTION_GAP')
    // A lead shows every change of its own, and the snapshot the deletes.
    const lost = [...FOLLOWERS.slice(1), 'created_activities', 'custom_objects']
    expect(said.slice(1).sort()).toEqual(lost.map((name) => `${name} EVENTS_LOST`).sort())
    expect(await compare(close, names)).toEqual([])
    expect(await goneFrom(close, 'leads')).toEqual([...done.deleted, ...done.merged].sort())

    const quiet = await close.sync({ endpoints: names })
    expect(troubles(quiet)).toEqual([])
    expect(await compare(close, names)).toEqual([])
  })

  it('that was empty when it was read after that has lost nothing more', async () => {
    await using close = await start({ sandbox: { leads: 30, seed: 51 } })
    const names = ['event_log', 'notes']
    await close.sync({ endpoints: names })
    close.pass(31 * DAY)
    expect(troubles(await close.sync({ endpoints: names }))).toEqual([
      'event_log RETENTION_GAP',
      'notes EVENTS_LOST',
    ])
    expect(troubles(await close.sync({ endpoints: names }))).toEqual([])
  })

  it('knows nothing of how leads came to be: a full refresh finds the entries that went with them', async () => {
    await using close = await start({ sandbox: { leads: 30, seed: 51 } })
    const names = ['event_log', 'activities']
    await close.sync({ endpoints: names })
    close.world.deleteLead()
    await close.sync({ endpoints: names })
    expect(await compare(close, ['activities'])).not.toEqual([])
    await close.sync({ endpoints: names, fullRefresh: true })
    expect(await compare(close, ['activities'])).toEqual([])
  })
})
