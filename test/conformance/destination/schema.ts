import { expect, it } from 'vitest'
import type { Cell } from '../../../src/normalize/types.ts'
import type { DestinationType } from '../../support/databases.ts'
import {
  childRows,
  childTable,
  loadOf,
  nextLoadId,
  rootRows,
  rootTable,
  rowId,
  schemaOf,
} from '../../support/loads.ts'
import { OWN, useDataset } from './fixture.ts'

/** Tables, columns, types, names and indexes as endpoints grow. */
export function schemaConformance(type: DestinationType): void {
  const test = useDataset(type)

  it('adds columns and tables; rows laid out before are null there', async () => {
    await test.merge(rootTable('leads', { id: 'text' }), ['a'])
    const table = rootTable('leads', { id: 'text', name: 'text' })
    const mails = childTable(table, 'mails', { value: 'text' })
    await test.dataset.commit(
      loadOf(schemaOf(table, mails), [
        [table, rootRows('l', ['b', 'Bob'], ['c'])],
        [mails, childRows(mails, 'b', ['b@example.com'])],
      ]),
    )
    expect(await test.data()).toMatchObject({
      leads: [
        { id: 'a', name: null },
        { id: 'b', name: 'Bob' },
        { id: 'c', name: null },
      ],
      leads__mails: [{ value: 'b@example.com' }],
    })
  })

  it.each<[from: 'bigint' | 'double', to: 'double' | 'decimal', cells: Cell[], wanted: Cell[]]>([
    ['bigint', 'double', [0, -7, 2 ** 53], [0, -7, 2 ** 53]],
    [
      'bigint',
      'decimal',
      [0, 9223372036854775807n, -9223372036854775808n],
      ['0', '9223372036854775807', '-9223372036854775808'],
    ],
    [
      'double',
      'decimal',
      [0.1, 1e21, 1.5e-7, -123.456, 100],
      ['0.1', '1000000000000000000000', '0.00000015', '-123.456', '100'],
    ],
  ])('widens %s to %s, keeping values exact', async (from, to, cells, wanted) => {
    const rows = cells.map((cell, i) => [i, cell])
    await test.merge(
      rootTable('t', { id: 'bigint', other: 'text', v: from }),
      ...rows.map(([id, v]) => [id!, 'x', v!]),
    )
    await test.merge(rootTable('t', { id: 'bigint', other: 'text', v: to }), [99, null, null])
    const kept = (await test.data()).t!.filter((row) => row.id !== 99)
    expect(kept.map((row) => row.v)).toEqual(wanted)
    expect(kept.every((row) => row.other === 'x')).toBe(true)
    // The rebuilt or altered table still merges, by its id and by its indexes.
    await test.merge(rootTable('t', { id: 'bigint', other: 'text', v: to }), [0, 'y', wanted[1]!])
    expect((await test.data()).t!.find((row) => row.id === 0)).toEqual({
      id: 0,
      other: 'y',
      v: wanted[1],
    })
  })

  it('takes any name: 63 bytes, reserved words, quotes, dots, other scripts, capitals', async () => {
    const names = [
      'select',
      'order',
      'na"me',
      'a.b',
      'x as y',
      'größe',
      '名前',
      'Kb$1',
      `c${'x'.repeat(62)}`,
    ]
    const columns = Object.fromEntries(names.map((name) => [name, 'text' as const]))
    const table = rootTable('group', { id: 'text', ...columns })
    const list = `t${'é'.repeat(28)}`
    const child = childTable(table, list, { user: 'text' })
    expect(Buffer.byteLength(child.name)).toBeGreaterThan(60)
    const load = () =>
      test.dataset.commit(
        loadOf(schemaOf(table, child), [
          [table, rootRows('l', ['a', ...names])],
          [child, childRows(child, 'a', ['u'])],
        ]),
      )
    await load()
    await load()
    await test.finishRun()
    expect(await test.data()).toEqual({
      group: [{ id: 'a', ...Object.fromEntries(names.map((name) => [name, name])) }],
      [child.name]: [{ _dlt_list_idx: 0, user: 'u' }],
    })
  })

  it('stages tables whose names are as long as names can be', async () => {
    const long = rootTable(`a${'x'.repeat(61)}1`, { id: 'text' })
    const other = rootTable(`a${'x'.repeat(61)}2`, { id: 'text' })
    for (const table of [long, other]) {
      const rows = rootRows('l', [table.name.at(-1)!])
      await test.dataset.commit(loadOf(schemaOf(table), [[table, rows]], { write: 'stage' }))
    }
    for (const table of [long, other]) {
      await test.dataset.commit(loadOf(schemaOf(table), [], { write: 'stage', publish: 'replace' }))
    }
    expect(await test.data()).toEqual({ [long.name]: [{ id: '1' }], [other.name]: [{ id: '2' }] })
  })

  it('keeps every version of the schema, and names it in _dlt_loads', async () => {
    const table = rootTable('leads', { id: 'text' })
    await test.merge(table, ['a'])
    await test.merge(table, ['b'])
    await test.merge(rootTable('leads', { id: 'text', name: 'text' }), ['c', 'C'])
    const versions = await test.dataset.query(
      'select version, count(*) from _sluice_schema s join _dlt_loads l on l.schema_version_hash = s.version_hash group by version order by version',
    )
    expect(versions.rows).toEqual([
      [1, 2],
      [2, 1],
    ])
    const [stored] = await test.dataset.schemas()
    expect(stored!.tables[0]!.columns.at(-1)).toMatchObject({ name: 'name', type: 'text' })
  })

  it('makes tables and columns again that somebody dropped', async () => {
    const table = rootTable('leads', { id: 'text', name: 'text' })
    const mails = childTable(table, 'mails', { value: 'text' })
    await test.dataset.commit(
      loadOf(schemaOf(table, mails), [[table, rootRows('l', ['a', 'Ada'])]]),
    )
    await test.execute('drop table leads__mails')
    await test.execute('alter table leads drop column name')
    await test.reopen()
    await test.dataset.commit(
      loadOf(schemaOf(table, mails), [
        [table, rootRows('l', ['b', 'Bob'])],
        [mails, childRows(mails, 'b', ['m'])],
      ]),
    )
    expect(await test.data()).toMatchObject({
      leads: [
        { id: 'a', name: null },
        { id: 'b', name: 'Bob' },
      ],
      leads__mails: [{ value: 'm' }],
    })
  })

  it('indexes ids, links, key and cursor once a run has ended', async () => {
    const table = rootTable('deals', { id: 'text', at: 'bigint' }, { cursor: 'at' })
    const notes = childTable(table, 'notes', { value: 'text' })
    await test.dataset.commit(loadOf(schemaOf(table, notes), [[table, rootRows('l', ['a', 1])]]))
    await test.finishRun()
    expect(await test.indexedColumns('deals')).toEqual([...OWN, 'at', 'id unique'])
    expect(await test.indexedColumns('deals__notes')).toEqual([
      '_dlt_id unique',
      '_dlt_parent_id',
      '_dlt_root_id',
    ])
  })

  it('indexes a new table once one of its rows comes again', async () => {
    const table = rootTable('deals', { id: 'text', at: 'bigint' })
    await test.merge(table, ['a', 1], ['b', 1])
    await test.merge(table, ['c', 1])
    expect(await test.indexedColumns('deals')).toEqual([])
    await test.merge(table, ['d', 1], ['b', 2])
    expect(await test.indexedColumns('deals')).toEqual([...OWN, 'id unique'])
    await test.merge(table, ['a', 2])
    expect((await test.data()).deals).toEqual([
      { id: 'a', at: 2 },
      { id: 'b', at: 2 },
      { id: 'c', at: 1 },
      { id: 'd', at: 1 },
    ])
  })

  it('indexes the ids of a new table before rows are looked up or walked through', async () => {
    const [deals, leads] = [rootTable('deals', { id: 'text' }), rootTable('leads', { id: 'text' })]
    await test.merge(deals, ['a'])
    await test.merge(leads, ['a'])
    const known = await test.dataset.knownRows(deals, [rowId('a'), rowId('b')])
    expect([...known.keys()]).toEqual([rowId('a')])
    expect(await test.indexedColumns('deals')).toEqual(['_dlt_id unique'])
    const query = { table: leads, staged: false, fields: ['id'], changedAfter: null }
    for await (const { values } of test.dataset.parents(query)) expect(values.get('id')).toBe('a')
    expect(await test.indexedColumns('leads')).toEqual(['_dlt_id unique'])
  })

  it('merges into a new table whose first rows were tried out, staged or published', async () => {
    const table = rootTable('deals', { id: 'text', at: 'bigint' })
    const load = (at: number) =>
      loadOf(schemaOf(table), [[table, rootRows(nextLoadId(), ['a', at])]])
    expect(await test.dataset.valueProblem(load(1))).toBeNull()
    await test.dataset.commit({ ...load(1), write: 'stage', publish: 'none' })
    await test.dataset.commit({ ...load(2), write: 'stage', publish: 'replace' })
    await test.dataset.commit(load(3))
    await test.dataset.commit({ ...load(4), write: 'stage', publish: 'append' })
    expect((await test.data()).deals).toEqual([{ id: 'a', at: 3 }])
  })

  it('indexes the ids of a table that was looked for before it was there', async () => {
    const table = rootTable('deals', { id: 'text' })
    const query = { table, staged: false, fields: ['id'], changedAfter: null }
    for await (const row of test.dataset.parents(query)) expect(row).toBeUndefined()
    await test.merge(table, ['a'])
    expect(await test.indexedColumns('deals')).toEqual([])
    for await (const { values } of test.dataset.parents(query)) expect(values.get('id')).toBe('a')
    expect(await test.indexedColumns('deals')).toEqual(['_dlt_id unique'])
  })

  it('indexes what an earlier run left without', async () => {
    const table = rootTable('deals', { id: 'text', at: 'bigint' })
    await test.merge(table, ['a', 1])
    await test.reopen()
    await test.merge(table, ['a', 2])
    expect(await test.indexedColumns('deals')).toEqual([...OWN, 'id unique'])
  })

  it('tells that an index could not be made; the rows stay', async () => {
    const table = rootTable('deals', { id: 'text' })
    const doubled: Cell[][] = [
      ['r1', 'l', 'a'],
      ['r2', 'l', 'a'],
    ]
    await test.dataset.commit(loadOf(schemaOf(table), [[table, doubled]]))
    expect(await test.dataset.completeIndexes()).toEqual([
      { endpoint: 'deals', message: expect.stringContaining('an index could not be made: ') },
    ])
    expect(await test.dataset.completeIndexes()).toEqual([])
    expect((await test.data()).deals).toHaveLength(2)
  })

  const deals = (name: string, key: string[]) =>
    rootTable(name, { id: 'text', at: 'bigint' }, { key })

  it.each([
    [['id'], ['at'], 'primary_key is now "at", but table deals holds rows keyed by "id"'],
    [['id'], ['id', 'at'], 'primary_key is now "id", "at", but table deals holds rows keyed'],
    [['id'], [], 'primary_key is no longer "id", but table deals holds rows keyed by "id"'],
    [[], ['id'], 'primary_key is now "id", but table deals holds rows without a key'],
  ])('does not merge rows keyed by %j with rows keyed by %j', async (before, now, message) => {
    await test.merge(deals('deals', before), ['a', 1])
    await test.reopen()
    await expect(test.merge(deals('deals', now), ['a', 1])).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(`deals: ${message}`),
    })
    expect((await test.data()).deals).toHaveLength(1)
  })

  it('does not go on in another table, which would lack what came before', async () => {
    await test.merge(deals('deals', ['id']), ['a', 1])
    const renamed = { ...deals('other', ['id']), endpoint: 'deals' }
    await expect(test.merge(renamed, ['b', 1])).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: 'deals: table_name is now other, but table deals holds its rows',
    })
  })

  it('takes another key once the table is dropped, or when its rows are replaced', async () => {
    await test.merge(deals('deals', ['id']), ['a', 1])
    await test.finishRun()
    const replace = { write: 'stage', publish: 'replace' } as const
    const table = deals('deals', ['at'])
    const rows = rootRows('l', ['a', 2], ['b', 3])
    await test.dataset.commit(loadOf(schemaOf(table), [[table, rows]], replace))
    expect(await test.indexedColumns('deals')).toEqual([...OWN, 'at unique'])
    await test.execute('drop table deals')
    await test.reopen()
    await test.merge(deals('deals', ['id']), ['a', 1])
    await test.finishRun()
    expect(await test.indexedColumns('deals')).toEqual([...OWN, 'id unique'])
  })
}
