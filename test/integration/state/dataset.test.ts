import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Dataset, ParentQuery, RunQuery, RunRecord } from '../../../src/state/dataset.ts'
import { destinationTypes, openTestDataset, type TestDataset } from '../../support/databases.ts'
import { loadOf, nextLoadId, rootRows, rootTable, rowId, schemaOf } from '../../support/loads.ts'

const run = (runId: string, startedAt: string, more: Partial<RunRecord> = {}): RunRecord => ({
  runId,
  pipeline: 'close',
  command: 'sync',
  status: 'running',
  startedAt,
  finishedAt: null,
  trigger: 'cli',
  version: '0.1.0',
  error: null,
  summary: null,
  ...more,
})

describe.each(destinationTypes)('%s', (type) => {
  let test: TestDataset
  let dataset: Dataset
  beforeEach(async () => {
    test = await openTestDataset(type)
    dataset = test.dataset
  })
  afterEach(() => test[Symbol.asyncDispose]())

  const parents = async (query: Partial<ParentQuery> & Pick<ParentQuery, 'table'>) => {
    const rows = []
    const all = { staged: false, fields: ['id'], changedAfter: null, ...query }
    for await (const row of dataset.parents(all)) rows.push(row)
    return rows
  }

  describe('bookmarks', () => {
    it('are set, read and forgotten by endpoint', async () => {
      await dataset.setBookmark('leads', '', { last: 'x' })
      await dataset.setBookmark('leads', '', { last: 'y' })
      await dataset.setBookmark('mails', 'lead=1', { nested: { list: [1, null] } })
      expect(await dataset.bookmark('leads', '')).toEqual({ last: 'y' })
      await dataset.resetBookmarks('leads')
      expect(await dataset.bookmark('leads', '')).toBeNull()
      expect(await dataset.bookmarks()).toEqual([
        {
          endpoint: 'mails',
          partition: 'lead=1',
          state: { nested: { list: [1, null] } },
          updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
        },
      ])
    })
  })

  describe('runs', () => {
    it('are listed newest first, with what their endpoints did', async () => {
      const summary = { status: 'partial', endpoints: [{ requests: 3 }] }
      const done = run('r1', '2024-01-01T00:00:00.000000Z', {
        status: 'partial',
        finishedAt: '2024-01-01T00:01:00.250000Z',
        error: 'mails failed',
        summary,
      })
      const endpoint = { pages: 2, deleted: 0, retries: 1, waitedMs: 12.4, error: null }
      await dataset.startRun({ ...done, status: 'running', finishedAt: null, summary: null })
      await dataset.finishRun(done, [
        { ...endpoint, endpoint: 'mails', status: 'failed', requests: 1, records: 0, rejected: 0 },
        { ...endpoint, endpoint: 'leads', status: 'ok', requests: 3, records: 20, rejected: 2 },
      ])
      const later = run('r2', '2024-01-02T00:00:00.000000Z')
      await dataset.startRun(later)
      expect(await dataset.runs({ limit: 10 })).toEqual([later, done])
      expect(await dataset.runs({ limit: 1 })).toEqual([later])
      expect(await dataset.runEndpoints('r1')).toEqual([
        {
          ...endpoint,
          waitedMs: 12,
          endpoint: 'leads',
          status: 'ok',
          requests: 3,
          records: 20,
          rejected: 2,
        },
        {
          ...endpoint,
          waitedMs: 12,
          endpoint: 'mails',
          status: 'failed',
          requests: 1,
          records: 0,
          rejected: 0,
          deleted: 0,
        },
      ])
      const { rows } = await dataset.query(
        "select requests, records, rejected from _sluice_runs where run_id = 'r1'",
      )
      expect(rows).toEqual([[4, 20, 2]])
    })

    it('are found by pipeline and status, however many others came since', async () => {
      const started = (n: number) => `2024-01-01T00:00:0${n}.000000Z`
      const ok = run('r1', started(1), { status: 'ok' })
      await dataset.finishRun(ok, [])
      await dataset.finishRun(run('r2', started(2), { status: 'failed' }), [])
      await dataset.finishRun(run('r3', started(3), { status: 'ok', pipeline: 'other' }), [])
      const ids = async (query: Partial<RunQuery>) =>
        (await dataset.runs({ limit: 1, ...query })).map(({ runId }) => runId)
      expect(await ids({ pipeline: 'close' })).toEqual(['r2'])
      expect(await ids({ pipeline: 'close', status: 'ok' })).toEqual(['r1'])
      expect(await ids({ status: 'ok' })).toEqual(['r3'])
      expect(await ids({ pipeline: 'never' })).toEqual([])
    })

    it('end with what all their endpoints did, or not at all', async () => {
      const going = run('r1', '2024-01-01T00:00:00.000000Z')
      await dataset.startRun(going)
      const counts = {
        requests: 1,
        pages: 1,
        records: 1,
        rejected: 0,
        deleted: 0,
        retries: 0,
        waitedMs: 0,
      }
      const endpoint = { endpoint: 'leads', status: 'ok', error: null, ...counts } as const
      const nameless = { ...endpoint, endpoint: null as unknown as string }
      const bad = dataset.finishRun({ ...going, status: 'ok' }, [endpoint, nameless])
      await expect(bad).rejects.toMatchObject({ code: 'DESTINATION_UNAVAILABLE' })
      expect(await dataset.runs({ limit: 1 })).toEqual([going])
      expect(await dataset.runEndpoints('r1')).toEqual([])
    })

    it('whose process died are marked by the next one', async () => {
      await dataset.startRun(run('dead', '2024-01-01T00:00:00.000000Z'))
      dataset = await test.reopen()
      await dataset.startRun(run('next', '2024-01-02T00:00:00.000000Z'))
      expect(await dataset.runs({ limit: 10 })).toMatchObject([
        { runId: 'next', status: 'running' },
        {
          runId: 'dead',
          status: 'interrupted',
          error: expect.stringContaining('without finishing'),
        },
      ])
    })
  })

  describe('parents', () => {
    const leads = () => rootTable('leads', { id: 'bigint', name: 'text' })

    it('come once each in the order of their ids, however many there are', async () => {
      const table = leads()
      const ids = Array.from({ length: 2500 }, (_, i) => i)
      const rows = rootRows(nextLoadId(), ...ids.map((id) => [id, `name ${id}`]))
      await dataset.commit(loadOf(schemaOf(table), [[table, rows]]))
      const found = await parents({ table, fields: ['id', 'name'] })
      expect(found.map(({ id }) => id).sort()).toEqual(ids.map((id) => rowId(id)).sort())
      const names = new Map(found.map(({ values }) => [values.get('id'), values.get('name')]))
      expect(names).toEqual(new Map(ids.map((id) => [id, `name ${id}`])))
    })

    it('are those of the stage, or those written since a load, when so asked', async () => {
      const table = leads()
      const commit = async (id: number, write: 'merge' | 'stage') => {
        const loadId = nextLoadId()
        const rows = rootRows(loadId, [id, null])
        await dataset.commit(loadOf(schemaOf(table), [[table, rows]], { loadId, write }))
        return loadId
      }
      const before = await commit(1, 'merge')
      const after = await commit(2, 'merge')
      await commit(3, 'stage')
      const ids = async (query: Partial<ParentQuery>) =>
        new Set((await parents({ table, ...query })).map(({ values }) => values.get('id')))
      expect(await ids({})).toEqual(new Set([1, 2]))
      expect(await ids({ changedAfter: before })).toEqual(new Set([2]))
      expect(await ids({ changedAfter: after })).toEqual(new Set())
      expect(await ids({ staged: true })).toEqual(new Set([3]))
    })

    it('have a value from the variant column when that is where it went', async () => {
      const table = leads()
      table.columns.push({ name: 'id__v_text', type: 'text', path: ['id'], variantOf: 'id' })
      const rows = rootRows(nextLoadId(), [1, null, null], [null, null, 'x-2'])
      await dataset.commit(loadOf(schemaOf(table), [[table, rows]]))
      const values = (await parents({ table })).map(({ values }) => values.get('id'))
      expect(new Set(values)).toEqual(new Set([1, 'x-2']))
    })

    it('that can not be read are an error that says so', async () => {
      const reader = await test.open('read')
      await reader.close()
      const rows = reader.parents({ table: leads(), staged: false, fields: [], changedAfter: null })
      await expect(rows[Symbol.asyncIterator]().next()).rejects.toMatchObject({
        code: 'DESTINATION_UNAVAILABLE',
        message: expect.stringContaining('reading parents'),
      })
    })

    it('are none when the table is not there', async () => {
      expect(await parents({ table: leads() })).toEqual([])
    })
  })

  it('knows the newest load of an endpoint and of all', async () => {
    expect(await dataset.newestLoad(null)).toBeNull()
    const [a, b] = [rootTable('a', { id: 'text' }), rootTable('b', { id: 'text' })]
    for (const table of [a, b]) {
      const loadId = `1.${table.name}`
      await dataset.commit(loadOf(schemaOf(table), [[table, rootRows(loadId, ['x'])]], { loadId }))
    }
    expect(await dataset.newestLoad(a)).toBe('1.a')
    expect(await dataset.newestLoad(null)).toBe('1.b')
    expect(await dataset.newestLoad(rootTable('c', {}))).toBeNull()
  })

  it('commits loads in the order in which they were handed over, however many at once', async () => {
    const table = rootTable('leads', { id: 'bigint' })
    const loads = Array.from({ length: 20 }, (_, i) => {
      // Every page brings a column, and the fifth a number that widens the first of them.
      table.columns.push({ name: `c${i}`, type: 'bigint', path: [`c${i}`] })
      if (i === 5) table.columns.find(({ name }) => name === 'c0')!.type = 'double'
      const grown = structuredClone(table)
      const rows = rootRows(nextLoadId(), [i, i === 5 ? 0.5 : 1])
      const bookmarks = [{ partition: '', state: { page: i } }]
      return loadOf(schemaOf(grown), [[grown, rows]], { bookmarks })
    })
    await Promise.all(loads.map((load) => dataset.commit(load)))
    expect(await dataset.bookmark('leads', '')).toEqual({ page: 19 })
    const { rows } = await dataset.query('select count(*), sum(c0), count(c19) from leads')
    expect(rows).toEqual([[20, 19.5, 0]])
    const versions = await dataset.query('select version from _sluice_schema order by version')
    expect(versions.rows).toHaveLength(20)
  })
})
