import { describe, expect, it } from 'vitest'
import { readingTypes } from '../../support/databases.ts'
import { reply, type TestServer } from '../../support/http-server.ts'
import { day, event, note, serveNotes, type NotesApi } from '../../support/notes-api.ts'
import { createPipeline, type TestPipeline } from '../../support/pipeline.ts'

const PAGES = { type: 'cursor', cursor_param: 'after', cursor_path: 'next' }
const byDate = { cursor_path: 'at', param_name: 'from', order: 'asc' }
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)
const SNAPSHOT = { params: { keys: 1 } }
const READ_MISSING = { from: 'snapshot', params: { ids: '{keys}' } }

const notes = (more: object = {}) => ({
  name: 'notes',
  path: '/notes',
  data_selector: 'data',
  primary_key: 'id',
  query_style: 'comma',
  pagination: PAGES,
  incremental: byDate,
  deletes: { mode: 'soft', snapshot: SNAPSHOT },
  ...more,
})
const source = ({ url }: TestServer, ...endpoints: object[]) => ({
  base_url: url,
  auth: { type: 'none' },
  retry: { max_attempts: 1 },
  endpoints,
})
const live = async (pipeline: TestPipeline) =>
  (await pipeline.rows('select id from notes where _sluice_deleted_at is null order by id'))
    .flat()
    .map(Number)
const snapshots = ({ requests }: TestServer) =>
  requests.filter(({ query }) => query.has('keys')).length

describe.each(readingTypes)('a snapshot, %s', (type) => {
  it('marks what is gone, and unmarks what is back', async () => {
    const api: NotesApi = { notes: upTo(9).map((id) => note(id)), events: [] }
    await using server = await serveNotes(api)
    await using pipeline = createPipeline(type, source(server, notes()))
    await pipeline.sync()
    expect(await live(pipeline)).toEqual(upTo(9))
    const [, second, , , fifth] = api.notes
    api.notes = api.notes.filter((record) => record !== second && record !== fifth)
    const { endpoints } = await pipeline.sync()
    expect(endpoints[0]!.deleted).toBe(2)
    expect(await live(pipeline)).toEqual([1, 3, 4, 6, 7, 8, 9])
    api.notes.push(second!)
    await pipeline.sync()
    expect(await live(pipeline)).toEqual([1, 2, 3, 4, 6, 7, 8, 9])
  })

  it('has records read that the table lacks', async () => {
    const api: NotesApi = {
      notes: [...upTo(6).map((id) => note(id)), note(7, { at: null, hidden: true })],
      events: [],
    }
    await using server = await serveNotes(api)
    await using pipeline = createPipeline(type, source(server, notes({ reread: READ_MISSING })))
    await pipeline.sync()
    expect(await live(pipeline)).toEqual(upTo(7))
    // Added with a date from before the bookmark, as an import does.
    api.notes.push(note(8, { at: day(2) }))
    await pipeline.sync()
    expect(await pipeline.rows('select text from notes where id = 8')).toEqual([['note 8']])
    expect(await live(pipeline)).toEqual(upTo(8))
  })

  it('has records read whose rows are of an earlier version, or were gone', async () => {
    const api: NotesApi = { notes: upTo(9).map((id) => note(id)), events: [] }
    await using server = await serveNotes(api)
    await using pipeline = createPipeline(type, source(server, notes({ reread: READ_MISSING })))
    await pipeline.sync()
    api.notes = api.notes.filter(({ id }) => id !== 2)
    // Changed, and shown by the API only after the bookmark had passed it.
    api.notes[1] = note(3, { at: day(5), text: 'late' })
    await pipeline.sync()
    expect(await pipeline.rows('select text from notes where id = 3')).toEqual([['late']])
    api.notes.push(note(2, { text: 'restored, and changed before' }))
    await pipeline.sync()
    expect(await pipeline.rows('select text from notes where id = 2')).toEqual([
      ['restored, and changed before'],
    ])
    expect(await live(pipeline)).toEqual(upTo(9))
    const asked = server.requests.flatMap(({ query }) => query.get('ids') ?? [])
    expect(asked).toEqual(['3', '2'])
  })

  it('does not bring what lies before the start of the first run, nor takes it for gone', async () => {
    const api: NotesApi = { notes: upTo(9).map((id) => note(id)), events: [] }
    await using server = await serveNotes(api)
    const endpoint = notes({
      reread: READ_MISSING,
      incremental: { ...byDate, end_param_name: 'to' },
    })
    await using pipeline = createPipeline(type, source(server, endpoint), {
      start_date: '2025-01-05',
    })
    await pipeline.sync()
    await pipeline.backfill({ endpoints: ['notes'], from: '2025-01-01', to: '2025-01-03' })
    await pipeline.sync()
    expect(await live(pipeline)).toEqual([1, 2, 5, 6, 7, 8, 9])
  })

  it('is taken as often as it is to be, and with every full refresh', async () => {
    const api: NotesApi = { notes: upTo(5).map((id) => note(id)), events: [] }
    await using server = await serveNotes(api)
    const deletes = { mode: 'soft', snapshot: { ...SNAPSHOT, every: 'P1D' } }
    await using pipeline = createPipeline(type, source(server, notes({ deletes })))
    await pipeline.sync()
    expect(snapshots(server)).toBe(2)
    await pipeline.sync()
    expect(snapshots(server)).toBe(2)
    await pipeline.sync({ fullRefresh: true })
    expect(snapshots(server)).toBe(4)
    const later = { now: () => Date.now() + 25 * 3_600_000, sleep: async () => {} }
    await pipeline.sync({ clock: later })
    expect(snapshots(server)).toBe(6)
  })

  it('is taken at once when events were lost that would have named what is gone', async () => {
    const api: NotesApi = { notes: upTo(9).map((id) => note(id)), events: [event(1, 'other', 1)] }
    await using server = await serveNotes(api)
    const from = { endpoint: 'log', where: { action: 'deleted' }, key: 'note_id' }
    const deletes = { mode: 'soft', from, snapshot: { ...SNAPSHOT, every: 'P999D' } }
    const log = notes({
      name: 'log',
      path: '/events',
      deletes: 'keep',
      incremental: { ...byDate, retention: 'P30D' },
    })
    await using pipeline = createPipeline(type, source(server, notes({ deletes }), log))
    const on = (date: string) => ({
      clock: { now: () => Date.parse(date), sleep: async () => {} },
    })
    await pipeline.sync(on('2025-02-05'))
    api.notes = api.notes.slice(1)
    await pipeline.sync(on('2025-02-06'))
    expect(await live(pipeline)).toEqual(upTo(9))
    await pipeline.sync(on('2025-06-01'))
    expect(await live(pipeline)).toEqual([2, 3, 4, 5, 6, 7, 8, 9])
    const taken = snapshots(server)
    await pipeline.sync(on('2025-06-02'))
    expect(snapshots(server)).toBe(taken)
  })

  it('that is not whole deletes nothing, and is taken again', async () => {
    const api: NotesApi = { notes: upTo(9).map((id) => note(id)), events: [] }
    await using server = await serveNotes(api)
    const deletes = { mode: 'hard', snapshot: { ...SNAPSHOT, every: 'P1D' } }
    await using pipeline = createPipeline(type, source(server, notes({ deletes })))
    await pipeline.sync()
    api.notes.shift()
    api.override = (_, query) =>
      query.has('keys') && query.has('after') ? reply(500, {}) : undefined
    const late = (days: number) => ({
      clock: { now: () => Date.now() + days * 86_400_000, sleep: async () => {} },
    })
    const failed = await pipeline.sync(late(2))
    expect(failed.endpoints[0]!.error?.code).toBe('HTTP_STATUS')
    const ids = async () => (await pipeline.rows('select id from notes order by id')).flat()
    expect((await ids()).length).toBe(9)
    api.override = undefined
    await pipeline.sync(late(2))
    expect((await ids()).map(Number)).toEqual([2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('that shows too little is refused', async () => {
    const api: NotesApi = { notes: upTo(9).map((id) => note(id)), events: [] }
    await using server = await serveNotes(api)
    await using pipeline = createPipeline(type, source(server, notes()))
    await pipeline.sync()
    api.notes = api.notes.slice(5)
    const { endpoints } = await pipeline.sync()
    expect(endpoints[0]!.error?.code).toBe('DELETES_REFUSED')
    expect(await live(pipeline)).toEqual(upTo(9))
    await pipeline.sync({ allowDeletes: true })
    expect(await live(pipeline)).toEqual([6, 7, 8, 9])
  })

  it('goes together with an event feed', async () => {
    const api: NotesApi = { notes: upTo(9).map((id) => note(id)), events: [event(1, 'added', 1)] }
    await using server = await serveNotes(api)
    const from = [
      { endpoint: 'log', where: { action: 'deleted' }, key: 'note_id' },
      { endpoint: 'log', where: { action: 'merged' }, key: 'meta.source' },
    ]
    const deletes = { mode: 'soft', from, snapshot: { ...SNAPSHOT, every: 'P7D' } }
    const log = {
      ...notes({ name: 'log', path: '/events', deletes: 'keep' }),
    }
    await using pipeline = createPipeline(type, source(server, notes({ deletes }), log))
    expect((await pipeline.sync()).warnings).toEqual([])
    api.notes = api.notes.slice(3)
    api.events.push(event(2, 'deleted', 1), event(3, 'merged', 9, { meta: { source: 2, into: 9 } }))
    await pipeline.sync()
    expect(await live(pipeline)).toEqual([3, 4, 5, 6, 7, 8, 9])
    await pipeline.sync({
      clock: { now: () => Date.now() + 8 * 86_400_000, sleep: async () => {} },
    })
    expect(await live(pipeline)).toEqual([4, 5, 6, 7, 8, 9])
  })
})
