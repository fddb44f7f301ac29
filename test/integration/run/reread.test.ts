import { describe, expect, it } from 'vitest'
import { readingTypes } from '../../support/databases.ts'
import { reply, type TestServer } from '../../support/http-server.ts'
import { day, event, note, serveNotes, type NotesApi } from '../../support/notes-api.ts'
import { createPipeline, type TestPipeline } from '../../support/pipeline.ts'

const PAGES = { type: 'cursor', cursor_param: 'after', cursor_path: 'next' }
const byDate = { cursor_path: 'at', param_name: 'from', order: 'asc' }
const EDITED = { endpoint: 'log', where: { action: ['edited', 'added'] }, key: 'note_id' }

const notes = (more: object = {}) => ({
  name: 'notes',
  path: '/notes',
  data_selector: 'data',
  primary_key: 'id',
  query_style: 'comma',
  pagination: PAGES,
  incremental: byDate,
  reread: { from: EDITED, params: { ids: '{keys}' }, batch: 3 },
  ...more,
})
const log = (more: object = {}) => ({
  name: 'log',
  path: '/events',
  data_selector: 'data',
  primary_key: 'id',
  pagination: PAGES,
  incremental: byDate,
  ...more,
})
const source = ({ url }: TestServer, ...endpoints: object[]) => ({
  base_url: url,
  auth: { type: 'none' },
  retry: { max_attempts: 1 },
  endpoints,
})
const texts = async (pipeline: TestPipeline) =>
  Object.fromEntries(
    (await pipeline.rows('select id, text from notes order by id')).map(([id, text]) => [
      Number(id),
      text,
    ]),
  )
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)
const asked = ({ requests }: TestServer) =>
  requests.flatMap(({ path, query }) => (path === '/notes' ? (query.get('ids') ?? []) : []))

describe.each(readingTypes)('records that are read again, %s', (type) => {
  it('are those that events name, some at a time, wherever the bookmark is', async () => {
    const api: NotesApi = { notes: upTo(8).map((id) => note(id)), events: [] }
    await using server = await serveNotes(api)
    await using pipeline = createPipeline(type, source(server, log(), notes()))
    api.events.push(event(1, 'other', 1))
    await pipeline.sync()
    expect(asked(server)).toEqual([])
    for (const id of [1, 2, 4, 5]) {
      api.notes[id - 1] = note(id, { text: `edited ${id}` })
      api.events.push(event(10 + id, 'edited', id), event(20 + id, 'edited', id))
    }
    api.notes.push(note(9, { at: day(2), text: 'back-dated' }))
    api.events.push(event(30, 'added', 9), event(31, 'removed', 3))
    const summary = await pipeline.sync()
    expect(summary.status).toBe('ok')
    expect(await texts(pipeline)).toEqual({
      ...Object.fromEntries(upTo(8).map((id) => [id, `note ${id}`])),
      ...Object.fromEntries([1, 2, 4, 5].map((id) => [id, `edited ${id}`])),
      9: 'back-dated',
    })
    expect(
      asked(server)
        .flatMap((ids) => ids.split(','))
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual([1, 2, 4, 5, 9])
    expect(asked(server).length).toBe(2)
    await pipeline.sync()
    expect(asked(server).length).toBe(2)
  })

  it('are not those that were read after their event had come: feeds are read first', async () => {
    const api: NotesApi = { notes: upTo(3).map((id) => note(id)), events: [event(1, 'edited', 2)] }
    await using server = await serveNotes(api)
    await using pipeline = createPipeline(type, source(server, notes(), log()))
    await pipeline.sync()
    expect(server.requests.map(({ path }) => path)).toEqual(['/events', '/notes'])
    expect(Object.keys(await texts(pipeline)).length).toBe(3)
  })

  it('are asked for once, however often a lookback brings the event again', async () => {
    // The newest note is read again by every run anyway.
    const api: NotesApi = { notes: [note(1), note(2)], events: [event(1, 'edited', 1)] }
    await using server = await serveNotes(api)
    const feed = log({ incremental: { ...byDate, lookback: '5m' } })
    await using pipeline = createPipeline(type, source(server, feed, notes()))
    await pipeline.sync()
    api.events.push(event(2, 'edited', 1))
    for (let runs = 0; runs < 3; runs++) await pipeline.sync()
    expect(asked(server)).toEqual(['1'])
    // The same event, grown: it is told by its time.
    api.events[1] = { ...event(2, 'edited', 1), at: event(3, '', 1).at }
    api.notes[0] = note(1, { text: 'again' })
    for (let runs = 0; runs < 3; runs++) await pipeline.sync()
    expect(asked(server)).toEqual(['1', '1'])
    expect(await texts(pipeline)).toEqual({ 1: 'again', 2: 'note 2' })
  })

  it('can be a list of each key, page by page', async () => {
    const moved = upTo(9).map((id) => note(id, { lead: id % 2 }))
    const api: NotesApi = { notes: upTo(9).map((id) => note(id, { lead: 7 })), events: [] }
    await using server = await serveNotes(api)
    const from = { endpoint: 'log', where: { action: 'merged' }, key: 'into.lead' }
    const reread = [{ from, params: { lead: '{key}', from: null } }]
    await using pipeline = createPipeline(type, source(server, log(), notes({ reread })))
    await pipeline.sync()
    api.notes = moved
    api.events.push(
      event(1, 'merged', 0, { into: { lead: 1 } }),
      event(2, 'merged', 0, { into: { lead: 0 } }),
    )
    await pipeline.sync()
    const leads = await pipeline.rows(
      'select lead, count(*) from notes group by lead order by lead',
    )
    expect(leads.map((row) => row.map(Number))).toEqual([
      [0, 4],
      [1, 5],
    ])
  })

  it('stay out where they lie before the start of the first run, unless they were backfilled', async () => {
    const api: NotesApi = { notes: upTo(9).map((id) => note(id)), events: [] }
    await using server = await serveNotes(api)
    const endpoints = [log(), notes({ incremental: { ...byDate, end_param_name: 'to' } })]
    await using pipeline = createPipeline(type, source(server, ...endpoints), {
      start_date: '2025-01-07',
    })
    await pipeline.sync({ endpoints: ['notes'] })
    await pipeline.backfill({ endpoints: ['notes'], from: '2025-01-02', to: '2025-01-04' })
    expect(Object.keys(await texts(pipeline))).toEqual(['2', '3', '7', '8', '9'])
    for (const id of upTo(9)) {
      api.notes[id - 1] = note(id, { text: `edited ${id}` })
      api.events.push(event(id, 'edited', id))
    }
    await pipeline.sync()
    expect(await texts(pipeline)).toEqual(
      Object.fromEntries([2, 3, 7, 8, 9].map((id) => [id, `edited ${id}`])),
    )
  })

  it('are asked for by the next run where this one failed to', async () => {
    const api: NotesApi = { notes: upTo(5).map((id) => note(id)), events: [] }
    await using server = await serveNotes(api)
    await using pipeline = createPipeline(type, source(server, log(), notes()))
    await pipeline.sync()
    api.notes = api.notes.map((record) => ({ ...record, text: 'edited' }))
    api.events = upTo(4).map((id) => event(id, 'edited', id))
    api.override = (_, query) =>
      query.get('ids')?.length === 1 ? reply(500, { error: 'not now' }) : undefined
    const { endpoints } = await pipeline.sync()
    expect(endpoints.map(({ status }) => status)).toEqual(['ok', 'failed'])
    api.override = undefined
    await pipeline.sync()
    expect(Object.values(await texts(pipeline))).toEqual(upTo(5).map(() => 'edited'))
  })

  it.each([
    ['refuses', {}],
    ['skips', { on_status: { 404: 'skip' } }],
  ])('are read without those that the API %s', async (_, more) => {
    const api: NotesApi = { notes: upTo(5).map((id) => note(id)), events: [] }
    await using server = await serveNotes(api)
    await using pipeline = createPipeline(type, source(server, log(), notes(more)))
    await pipeline.sync()
    api.notes = api.notes.map((record) => ({ ...record, text: 'edited' }))
    api.events = upTo(4).map((id) => event(id, 'edited', id))
    // One that is gone spoils the answer for all that it is asked for with.
    api.override = (_path, query) => (query.get('ids')?.includes('2') ? reply(404, {}) : undefined)
    const summary = await pipeline.sync()
    expect([summary.status, summary.warnings]).toEqual(['ok', []])
    expect(Object.values(await texts(pipeline))).toEqual([
      'edited',
      'note 2',
      'edited',
      'edited',
      'edited',
    ])
    const requests = server.requests.length
    await pipeline.sync()
    expect(server.requests.length - requests).toBe(2)
  })

  it('are counted where the API refuses them for another reason', async () => {
    const api: NotesApi = { notes: upTo(5).map((id) => note(id)), events: [] }
    await using server = await serveNotes(api)
    await using pipeline = createPipeline(type, source(server, log(), notes()))
    await pipeline.sync()
    api.events = [event(1, 'edited', 1)]
    api.override = (_path, query) => (query.has('ids') ? reply(403, {}) : undefined)
    expect((await pipeline.sync()).warnings).toEqual([
      {
        endpoint: 'notes',
        code: 'CHANGES_UNSEEN',
        message: '1 records that changed were refused when they were asked for by their key',
      },
    ])
  })

  it('are asked for by a key of something else, whatever rows have that key', async () => {
    const api: NotesApi = { notes: upTo(5).map((id) => note(id, { lead: 9 })), events: [] }
    await using server = await serveNotes(api)
    const from = { endpoint: 'log', where: { action: 'merged' }, key: 'into' }
    const reread = { from, params: { lead: '{key}', from: null } }
    await using pipeline = createPipeline(type, source(server, log(), notes({ reread })))
    await pipeline.sync()
    // Note 5 is read by every run.
    api.notes[0] = note(1, { lead: 5 })
    api.events.push(event(1, 'merged', 0, { into: 5 }))
    await pipeline.sync()
    expect((await pipeline.rows('select lead from notes where id = 1'))[0]!.map(Number)).toEqual([
      5,
    ])
  })

  it('are the latest, also where their cursor went back', async () => {
    const api: NotesApi = { notes: upTo(5).map((id) => note(id)), events: [] }
    await using server = await serveNotes(api)
    await using pipeline = createPipeline(type, source(server, log(), notes()))
    await pipeline.sync()
    api.notes[3] = note(4, { at: day(1), text: 'sent earlier' })
    api.events.push(event(1, 'edited', 4))
    await pipeline.sync()
    expect((await texts(pipeline))[4]).toBe('sent earlier')
  })

  it('are those of a rule that was added when its events had come', async () => {
    const api: NotesApi = { notes: upTo(5).map((id) => note(id)), events: [] }
    await using server = await serveNotes(api)
    await using pipeline = createPipeline(type, source(server, log(), notes()))
    await pipeline.sync()
    api.events.push(event(1, 'edited', 1), event(2, 'pinned', 2))
    await pipeline.sync()
    api.notes[1] = note(2, { text: 'pinned' })
    const pinned = { endpoint: 'log', where: { action: 'pinned' }, key: 'note_id' }
    const params = { ids: '{keys}' }
    const both = [
      { from: EDITED, params },
      { from: pinned, params },
    ]
    pipeline.configure(source(server, log({ selected: false }), notes({ reread: both })))
    await pipeline.sync()
    expect((await texts(pipeline))[2]).toBe('pinned')
    expect(asked(server)).toEqual(['1', '2'])
  })

  it('are none where the feed has had no event yet, and nothing is wrong with that', async () => {
    const api: NotesApi = { notes: [note(1)], events: [] }
    await using server = await serveNotes(api)
    await using pipeline = createPipeline(type, source(server, log(), notes()))
    for (let runs = 0; runs < 2; runs++) expect((await pipeline.sync()).warnings).toEqual([])
  })

  it('are not seen where the feed is not there, and that is said', async () => {
    const api: NotesApi = { notes: [note(1)], events: [] }
    await using server = await serveNotes(api)
    await using pipeline = createPipeline(type, source(server, log({ selected: false }), notes()))
    const { warnings } = await pipeline.sync()
    expect(warnings).toEqual([
      {
        endpoint: 'notes',
        code: 'CHANGES_UNSEEN',
        message:
          'records that change without their cursor are not seen: log is not in the dataset; sync that endpoint too',
      },
    ])
  })

  it('are all of them, and deletes are looked for, once events were dropped before they were read', async () => {
    const api: NotesApi = { notes: upTo(9).map((id) => note(id)), events: [event(1, 'other', 1)] }
    await using server = await serveNotes(api)
    const gone = { endpoint: 'log', where: { action: 'deleted' }, key: 'note_id' }
    const feed = log({ incremental: { ...byDate, retention: 'P30D' } })
    const rereading = notes({ deletes: { mode: 'soft', from: gone } })
    await using pipeline = createPipeline(type, source(server, feed, rereading))
    const on = (date: string) => ({
      clock: { now: () => Date.parse(date), sleep: async () => {} },
    })
    await pipeline.sync(on('2025-02-05'))
    api.notes = api.notes.slice(1)
    api.notes[0] = note(2, { text: 'edited, and nothing says so' })
    expect((await pipeline.sync(on('2025-02-20'))).warnings).toEqual([])
    // What fails half-way has made up for nothing.
    api.override = (path, query) =>
      path === '/notes' && query.has('after') ? reply(500, {}) : undefined
    expect((await pipeline.sync(on('2025-05-01'))).status).toBe('partial')
    api.override = undefined
    const { warnings } = await pipeline.sync(on('2025-05-01'))
    expect(warnings.map(({ endpoint, code }) => [endpoint, code])).toEqual([
      ['notes', 'EVENTS_LOST'],
    ])
    expect((await texts(pipeline))[2]).toBe('edited, and nothing says so')
    const deleted = 'select id from notes where _sluice_deleted_at is not null'
    expect((await pipeline.rows(deleted)).flat().map(Number)).toEqual([1])
    api.events = [event(2, 'other', 1, { at: '2025-04-30T00:00:00Z' })]
    await pipeline.sync(on('2025-05-01'))
    expect((await pipeline.sync(on('2025-05-02'))).warnings).toEqual([])
  })

  it('are all of them also where the feed was read anew when it had lost events', async () => {
    const api: NotesApi = { notes: upTo(5).map((id) => note(id)), events: [event(1, 'other', 1)] }
    await using server = await serveNotes(api)
    const feed = log({ incremental: { ...byDate, retention: 'P30D' } })
    await using pipeline = createPipeline(type, source(server, feed, notes()))
    const on = (date: string) => ({
      clock: { now: () => Date.parse(date), sleep: async () => {} },
    })
    await pipeline.sync(on('2025-02-05'))
    api.notes[0] = note(1, { text: 'edited' })
    await pipeline.sync({ ...on('2025-05-01'), endpoints: ['log'], fullRefresh: true })
    const { warnings } = await pipeline.sync({ ...on('2025-05-01'), endpoints: ['notes'] })
    expect(warnings.map(({ code }) => code)).toEqual(['EVENTS_LOST'])
    expect((await texts(pipeline))[1]).toBe('edited')
  })

  it('need a key that the events have', async () => {
    const api: NotesApi = { notes: [note(1)], events: [event(1, 'other', 1)] }
    await using server = await serveNotes(api)
    const from = { ...EDITED, key: 'noteid' }
    const reread = { from, params: { ids: '{keys}' } }
    await using pipeline = createPipeline(type, source(server, log(), notes({ reread })))
    expect((await pipeline.sync()).warnings).toEqual([])
    api.events.push(event(2, 'edited', 1))
    expect((await pipeline.sync()).warnings.map(({ message }) => message)).toEqual([
      'records that change without their cursor are not seen: events of log that are meant have no noteid',
    ])
  })
})
