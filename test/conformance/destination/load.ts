import { expect, it } from 'vitest'
import type { DestinationType } from '../../support/databases.ts'
import {
  childRows,
  childTable,
  loadOf,
  rootRows,
  rootTable,
  schemaOf,
} from '../../support/loads.ts'
import { useDataset } from './fixture.ts'

/** A load is written whole or not at all, and stays. */
export function loadConformance(type: DestinationType): void {
  const test = useDataset(type)

  it('is written whole or not at all: rows, tables, columns, bookmark, schema', async () => {
    const table = rootTable('leads', { id: 'text' })
    await test.dataset.commit(
      loadOf(schemaOf(table), [[table, rootRows('l', ['a'])]], {
        bookmarks: [{ partition: '', state: { at: 1 } }],
      }),
    )
    const grown = rootTable('leads', { id: 'text', name: 'text' })
    const mails = childTable(grown, 'mails', { value: 'text' })
    const twice = childRows(mails, 'b', ['x'])
    const load = loadOf(
      schemaOf(grown, mails),
      [
        [grown, rootRows('l', ['b', 'Bob'])],
        // A row without an id is refused after everything else has been written.
        [mails, [...twice, [null, 'p', 0, twice[0]![3]!, 'y']]],
      ],
      {
        bookmarks: [{ partition: '', state: { at: 2 } }],
        rejects: [{ reason: 'r', record: {}, id: null }],
      },
    )
    await expect(test.dataset.commit(load)).rejects.toMatchObject({ code: 'LOAD_FAILED' })
    expect(await test.dataset.bookmark('leads', '')).toEqual({ at: 1 })
    expect(await test.data()).toEqual({ leads: [{ id: 'a' }] })
    expect((await test.dataset.query('select count(*) from _sluice_rejects')).rows).toEqual([[0]])
    expect((await test.dataset.query('select count(*) from _dlt_loads')).rows).toEqual([[1]])

    const repaired = { ...load, batches: [load.batches[0]!, { table: mails, rows: twice }] }
    await test.dataset.commit(repaired)
    expect(await test.dataset.bookmark('leads', '')).toEqual({ at: 2 })
    expect(await test.data()).toMatchObject({
      leads: [{ id: 'a' }, { id: 'b', name: 'Bob' }],
      leads__mails: [{ value: 'x' }],
    })
  })

  it('may hold nothing but a bookmark, for an endpoint that has no table yet', async () => {
    const schema = { endpoint: 'leads', tables: [] }
    const bookmarks = [{ partition: '', state: { at: 1 } }]
    for (const write of ['merge', 'append', 'stage'] as const) {
      await test.dataset.commit(loadOf(schema, [], { write, bookmarks }))
    }
    expect(await test.dataset.bookmark('leads', '')).toEqual({ at: 1 })
    expect(await test.dataset.rowCounts()).toEqual(new Map())
  })

  it('survives closing and opening: rows, bookmarks, schemas, runs, rejects', async () => {
    const table = rootTable('leads', { id: 'text' })
    const load = loadOf(schemaOf(table), [[table, rootRows('l', ['a'])]], {
      bookmarks: [
        { partition: '', state: { last: '2024-01-01T00:00:00.000001Z', big: 9007199254740993n } },
        { partition: 'x=1', state: {} },
      ],
      rejects: [{ reason: 'no key', record: { name: 'x', big: 9007199254740993n }, id: null }],
    })
    await test.dataset.commit(load)
    await test.reopen()
    expect(await test.data()).toEqual({ leads: [{ id: 'a' }] })
    expect(await test.dataset.bookmarks()).toMatchObject([
      { endpoint: 'leads', partition: '', state: { big: 9007199254740993n } },
      { endpoint: 'leads', partition: 'x=1', state: {} },
    ])
    expect(await test.dataset.schemas()).toEqual([schemaOf(table)])
    expect(
      (await test.dataset.query('select endpoint, reason, record from _sluice_rejects')).rows,
    ).toEqual([['leads', 'no key', '{"name":"x","big":9007199254740993}']])
    expect(await test.dataset.newestLoad(table)).toBe(load.loadId)
    expect(await test.dataset.rowCounts()).toEqual(new Map([['leads', 1]]))
  })
}
