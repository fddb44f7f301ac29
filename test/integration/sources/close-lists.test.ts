import { describe, expect, it, vi } from 'vitest'
import { draftOf } from '../../../src/sandbox/data/draft.ts'
import { instant } from '../../../src/sandbox/data/times.ts'
import {
  DAY,
  afterPage,
  endpointOf,
  start,
  statusOf,
  troubles,
  type Close,
  type SourceFile,
} from './close.ts'
import { compare, goneFrom } from './close-expected.ts'

// Many requests and loads, which take long where other tests have the cores.
vi.setConfig({ testTimeout: 120_000 })

const SEARCHED = ['leads', 'contacts', 'custom_objects']
const COUNTED = ['tasks', 'notes', 'activities']

/** Pages of so many records in all these endpoints. */
const paged =
  (names: readonly string[], limit: number, more: object = {}) =>
  (source: SourceFile) => {
    for (const name of names) {
      const endpoint = endpointOf(source, name)
      endpoint.pagination = { ...endpoint.pagination, limit, ...more }
    }
  }

/** The start of a range that holds about half of what there is, so that a backfill has the rest to read. */
const MIDDLE = '2025-01-01'
const EARLIER = { from: '2016-01-01', to: MIDDLE }
const EARLIER_LEADS = { from: '2022-01-01', to: MIDDLE }

describe('a search of Close', () => {
  const names = ['event_log', ...SEARCHED]
  const walks = { edit: paged(SEARCHED, 10, { max_records: 20 }), close: { searchLimit: 20 } }

  it('that ends after so many objects without saying so is gone on with, at first and later', async () => {
    await using close = await start({ ...walks, sandbox: { leads: 50, seed: 4 } })
    expect(troubles(await close.sync({ endpoints: names }))).toEqual([])
    expect(await compare(close, names)).toEqual([])
    // More than a walk yields, in two lots of one millisecond each.
    close.world.touchLeads(15)
    close.world.mutate({ edits: 20, contactEdits: 25, adds: 2, deletes: 2, customObjectEdits: 5 })
    close.world.touchLeads(15)
    expect(troubles(await close.sync({ endpoints: names }))).toEqual([])
    expect(await compare(close, names)).toEqual([])
  })

  it('is read whole by a backfill of what lies before the start', async () => {
    const pipeline = { start_date: MIDDLE }
    await using close = await start({ ...walks, pipeline, sandbox: { leads: 50, seed: 4 } })
    expect(troubles(await close.sync({ endpoints: names }))).toEqual([])
    expect((await compare(close, SEARCHED)).length).toBeGreaterThan(20)
    expect(troubles(await close.backfill({ endpoints: SEARCHED, ...EARLIER_LEADS }))).toEqual([])
    expect(await compare(close, SEARCHED)).toEqual([])
  })

  it('whose cursor has expired by the next page goes on from the last record', async () => {
    const options = { edit: paged(SEARCHED, 10), close: { searchCursorTtlMs: 30_000 } }
    await using close = await start({ ...options, sandbox: { leads: 45, seed: 4 } })
    const slowly = {
      endpoints: names,
      onEvent: (event: { type: string }) => {
        if (event.type === 'page') close.pass(31_000)
      },
    }
    expect(troubles(await close.sync(slowly))).toEqual([])
    expect(close.asked()['400 data/search/']).toBeGreaterThan(8)
    expect(await compare(close, names)).toEqual([])
    close.world.mutate({ edits: 12, contactEdits: 15, deletes: 3, adds: 3 })
    expect(troubles(await close.sync(slowly))).toEqual([])
    expect(close.asked()['400 data/search/']).toBeGreaterThan(1)
    expect(await compare(close, names)).toEqual([])
  })

  it('with more leads of one millisecond than a page holds has each of them', async () => {
    await using close = await start({ edit: paged(['leads'], 7), sandbox: { leads: 40 } })
    await close.sync({ endpoints: names })
    close.world.touchLeads(30)
    expect(troubles(await close.sync({ endpoints: names }))).toEqual([])
    expect(await compare(close, names)).toEqual([])
  })

  it('with more of one millisecond than a walk yields fails, and says so', async () => {
    await using close = await start({ ...walks, sandbox: { leads: 40 } })
    await close.sync({ endpoints: names })
    close.world.touchLeads(30)
    const summary = await close.sync({ endpoints: names })
    expect(statusOf(summary, 'leads').error).toMatchObject({ code: 'PAGINATION_CAPPED' })
    expect(statusOf(summary, 'contacts').status).toBe('ok')
  })
})

describe('opportunities of Close', () => {
  const names = ['event_log', 'opportunities']

  it('are read beyond the deepest _skip, at first, later, and by a backfill', async () => {
    const options = { edit: paged(['opportunities'], 5), close: { maxSkip: 10 } }
    const pipeline = { start_date: MIDDLE }
    await using close = await start({ ...options, pipeline, sandbox: { leads: 60, seed: 4 } })
    await close.sync({ endpoints: names })
    expect((await compare(close, ['opportunities'])).length).toBeGreaterThan(10)
    const again = await close.backfill({ endpoints: ['opportunities'], ...EARLIER_LEADS })
    expect(troubles(again)).toEqual([])
    expect(await compare(close, ['opportunities'])).toEqual([])
    close.world.mutate({ opportunityEdits: 40, opportunityDeletes: 3 })
    expect(troubles(await close.sync({ endpoints: names }))).toEqual([])
    expect(await compare(close, names)).toEqual([])
  })

  it('with more of one millisecond than a page holds are all there', async () => {
    const names = ['event_log', 'opportunities']
    const sandbox = { leads: 30, seed: 51 }
    await using close = await start({ edit: paged(['opportunities'], 5), sandbox })
    const { world } = close
    await close.sync({ endpoints: names })
    const tied = { note: 'tied', date_updated: instant(close.now() + 1000) }
    for (const { id } of world.opportunities.list('id').slice(0, 12)) {
      world.opportunities.update(id, tied)
    }
    expect(troubles(await close.sync({ endpoints: names }))).toEqual([])
    expect(await compare(close, ['opportunities'])).toEqual([])
  })
})

describe('a _skip that is refused', () => {
  const names = ['event_log', ...COUNTED]
  const options = (skipMessage: 'field' | 'max_skip') => ({
    edit: paged(COUNTED, 10),
    close: { maxSkip: 20, skipMessage },
    sandbox: { leads: 60, seed: 4 },
  })
  const SPLIT = { '400 task/': expect.any(Number), '400 activity/': expect.any(Number) }

  /** Edits, and new activities, a minute apart: no list can be split below a second. */
  const change = ({ world, pass }: Close) => {
    for (let i = 0; i < 40; i++) {
      world.addActivity(undefined, i % 2 === 0 ? 'Note' : 'Call')
      pass(60_000)
    }
    world.mutate({ activityEdits: 10, oldEmails: 6, tasksCompleted: 3, taskDeletes: 3 })
    for (const { id } of world.tasks.list('id').slice(0, 50)) {
      world.tasks.update(id, { priority: 'high', date_updated: instant(world.clock.tick()) })
      pass(2000)
    }
  }

  it.each(['field', 'max_skip'] as const)(
    'splits the range, first and later: %s',
    async (words) => {
      await using close = await start(options(words))
      expect(troubles(await close.sync({ endpoints: names }))).toEqual([])
      expect(close.asked()).toMatchObject(SPLIT)
      expect(await compare(close, names)).toEqual([])
      change(close)
      expect(troubles(await close.sync({ endpoints: names }))).toEqual([])
      expect(close.asked()).toMatchObject(SPLIT)
      expect(await compare(close, names)).toEqual([])
    },
  )

  it('splits the windows of a backfill', async () => {
    await using close = await start({
      ...options('field'),
      edit: paged(COUNTED, 5),
      close: { maxSkip: 5 },
      pipeline: { start_date: MIDDLE },
    })
    await close.sync({ endpoints: names })
    close.asked()
    const summary = await close.backfill({ endpoints: COUNTED, ...EARLIER })
    expect(troubles(summary)).toEqual([])
    expect(close.asked()).toMatchObject(SPLIT)
    expect(await compare(close, COUNTED)).toEqual([])
  })
})

describe('a snapshot', () => {
  const names = ['event_log', 'leads', 'contacts', 'opportunities', 'tasks']
  const KINDS = names.slice(1)

  it('finds each week what the log does not tell: deletes, and records with an old date', async () => {
    await using close = await start({
      edit: (source) => {
        for (const name of KINDS) {
          const { snapshot } = endpointOf(source, name).deletes!
          snapshot!.pagination = { ...snapshot!.pagination, limit: 6 }
        }
      },
      sandbox: { leads: 40, seed: 4 },
    })
    const { world } = close
    const recently = close.now() - DAY
    await close.sync({ endpoints: names })
    const snapshots = () =>
      close.source.requests.entries.filter(
        ({ body, query }) =>
          (query._fields ?? body ?? '').includes('date_created') &&
          !(body ?? '').includes('"custom"'),
      ).length
    expect(snapshots()).toBeGreaterThan(20)
    close.asked()

    // Gone and come without a word, as for a key that may not read all of the log.
    const gone = { leads: '', contacts: '', opportunities: '', tasks: '' }
    const come = { ...gone }
    for (const kind of ['leads', 'contacts', 'opportunities', 'tasks'] as const) {
      const [first, , third] = world[kind].list('id').filter(({ updated }) => updated < recently)
      gone[kind] = first!.id
      world[kind].remove(first!.id)
      // Opportunities can not be asked for by their ids.
      if (kind === 'opportunities') continue
      come[kind] = `${first!.id.slice(0, -3)}new`
      world[kind].add(draftOf({ ...third!.record, id: come[kind] }))
    }
    await close.sync({ endpoints: names })
    expect(snapshots()).toBe(0)
    for (const kind of KINDS) expect(await goneFrom(close, kind)).toEqual([])

    close.pass(7 * DAY)
    expect(troubles(await close.sync({ endpoints: names }))).toEqual([])
    expect(snapshots()).toBeGreaterThan(20)
    for (const [kind, id] of Object.entries(gone)) expect(await goneFrom(close, kind)).toEqual([id])
    // The other leads, which have no new date, show the contacts that they had.
    expect(await compare(close, ['opportunities', 'tasks', 'contacts'])).toEqual([])
    expect(await close.rows(`select id from leads where id = '${come.leads}'`)).toHaveLength(1)
  })
})

describe('a snapshot of records that came in one millisecond', () => {
  it('holds more of them than a page does', async () => {
    const edit = (source: SourceFile) => {
      endpointOf(source, 'leads').deletes!.snapshot!.pagination!.limit = 5
    }
    await using close = await start({ edit, sandbox: { leads: 20, seed: 51 } })
    for (let i = 0; i < 12; i++) close.world.addLead({}, close.now())
    const names = ['event_log', 'leads']
    expect(troubles(await close.sync({ endpoints: names }))).toEqual([])
    const { id } = close.world.leads.list('id')[0]!
    close.world.abandon(id)
    close.pass(8 * DAY)
    expect(troubles(await close.sync({ endpoints: names }))).toEqual([])
    expect(await compare(close, ['leads'])).toEqual([])
  })
})

describe('a list that shifts under its reader', () => {
  it('loses no task that is completed meanwhile, and has its newest state by the next sync', async () => {
    await using close = await start({ edit: paged(['tasks'], 5), sandbox: { leads: 60, seed: 4 } })
    const { world } = close
    const summary = await close.sync({
      endpoints: ['event_log', 'tasks'],
      onEvent: afterPage('tasks', 1, () => {
        for (const { id } of world.tasks.list('date_created').slice(0, 3)) world.completeTask(id)
        world.deleteTask(world.tasks.list('date_created')[4]!.id)
      }),
    })
    expect(troubles(summary)).toEqual([])
    await close.sync({ endpoints: ['event_log', 'tasks'] })
    expect(await compare(close, ['event_log', 'tasks'])).toEqual([])
  })
})
