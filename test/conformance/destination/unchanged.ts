import { expect, it } from 'vitest'
import type { Cell, DataType, TableSchema } from '../../../src/normalize/types.ts'
import type { Load } from '../../../src/state/dataset.ts'
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

/** A merged row that is there just as it comes keeps the load that wrote it. */
export function unchangedConformance(type: DestinationType): void {
  const test = useDataset(type)

  const deals = rootTable('deals', { id: 'text', at: 'bigint', v: 'text' }, { cursor: 'at' })
  const notes = childTable(deals, 'notes', { value: 'text' })
  const tags = childTable(deals, 'tags', { value: 'text' })
  const schema = schemaOf(deals, notes, tags)

  interface Lists {
    readonly notes: readonly string[]
    readonly tags: readonly string[]
  }
  type Batches = (readonly [TableSchema, Cell[][]])[]
  const write = (batches: Batches, options: Partial<Load> = {}) =>
    test.dataset.commit(loadOf(schema, batches, options))

  /** The row `a` as load `load` brings it, with its lists. */
  const a = (load: string, lists: Lists = { notes: [], tags: [] }): Batches => [
    [deals, rootRows(load, ['a', 1, 'x'])],
    [notes, childRows(notes, 'a', ...lists.notes.map((value) => [value]))],
    [tags, childRows(tags, 'a', ...lists.tags.map((value) => [value]))],
  ]

  const loads = async (table = 'deals') =>
    Object.fromEntries(
      (await test.dataset.query(`select id, _dlt_load_id from ${table} order by id`)).rows,
    ) as Record<string, string>

  it('keeps its load, and counts as a row of the load all the same', async () => {
    const both = (load: string, v: string): Batches => [
      [deals, rootRows(load, ['a', 1, 'x'], ['b', 1, v])],
      [notes, [...childRows(notes, 'a', ['1'], ['2']), ...childRows(notes, 'b', ['3'])]],
    ]
    await write(both('1', 'y'))
    const { rows } = await write(both('2', 'changed'))
    expect(rows).toEqual({ deals: 2, deals__notes: 3 })
    expect(await loads()).toEqual({ a: '1', b: '2' })
  })

  it.each<[what: string, lists: Lists]>([
    ['changes', { notes: ['1', 'other'], tags: ['t'] }],
    ['is added', { notes: ['1', '2', '3'], tags: ['t'] }],
    ['is removed', { notes: ['1'], tags: ['t'] }],
    ['is the last that is removed', { notes: ['1', '2'], tags: [] }],
  ])('is changed when a child row %s', async (_, lists) => {
    const before = { notes: ['1', '2'], tags: ['t'] }
    await write([
      [deals, rootRows('1', ['a', 1, 'x'], ['b', 1, 'x'])],
      [notes, [...childRows(notes, 'a', ['1'], ['2']), ...childRows(notes, 'b', ['3'])]],
      [tags, childRows(tags, 'a', ['t'])],
    ])
    await write(a('2', before))
    expect(await loads()).toEqual({ a: '1', b: '1' })
    await write(a('3', lists))
    expect(await loads()).toEqual({ a: '3', b: '1' })
    await write(a('4', lists))
    expect(await loads()).toEqual({ a: '3', b: '1' })
    const dump = await test.data()
    const valuesIn = (table: string) => new Set(dump[table]!.map(({ value }) => value))
    expect(valuesIn('deals__notes')).toEqual(new Set([...lists.notes, '3']))
    expect(valuesIn('deals__tags')).toEqual(new Set(lists.tags))
  })

  it('is changed when a cell becomes null, or stops being it; a missing cell is null', async () => {
    const table = rootTable('deals', { id: 'text', v: 'text' })
    const merge = (load: string, ...cells: Cell[]) =>
      test.dataset.commit(loadOf(schemaOf(table), [[table, rootRows(load, ['a', ...cells])]]))
    await merge('1')
    await merge('2', null)
    expect(await loads()).toEqual({ a: '1' })
    await merge('3', '')
    expect(await loads()).toEqual({ a: '3' })
    await merge('4')
    expect(await loads()).toEqual({ a: '4' })
  })

  it('is written when it was marked as deleted', async () => {
    const marking: TableSchema = {
      ...deals,
      columns: [...deals.columns, { name: '_sluice_deleted_at', type: 'timestamp', path: null }],
    }
    const merge = (load: string) =>
      test.dataset.commit(
        loadOf(schemaOf(marking), [[marking, rootRows(load, ['a', 1, 'x'], ['b', 1, 'x'])]]),
      )
    await merge('1')
    await test.execute(
      "update deals set _sluice_deleted_at = '2025-01-01T00:00:00.000000Z' where id = 'b'",
    )
    await merge('2')
    expect(await loads()).toEqual({ a: '1', b: '2' })
    expect((await test.data()).deals).toMatchObject([
      { id: 'a', _sluice_deleted_at: null },
      { id: 'b', _sluice_deleted_at: null },
    ])
  })

  it('gives way to no older row, and keeps its load when one with the same cursor is the same', async () => {
    const at = (load: string, cursor: number, v: string) =>
      write([[deals, rootRows(load, ['a', cursor, v])]])
    await at('1', 5, 'x')
    expect((await at('2', 4, 'older')).rows).toEqual({})
    expect((await at('3', 5, 'x')).rows).toEqual({ deals: 1 })
    expect(await loads()).toEqual({ a: '1' })
    await at('4', 5, 'as new, later')
    expect(await loads()).toEqual({ a: '4' })
  })

  it('is the last of the rows that share a key in one page', async () => {
    const twice = (load: string, first: string, last: string): Batches => [
      [deals, rootRows(load, ['a', 1, first], ['a', 1, last])],
      [notes, [...childRows(notes, 'a', [first]), ...childRows(notes, 'a', [last])]],
    ]
    await write(twice('1', 'x', 'y'))
    await write(twice('2', 'between', 'y'))
    expect(await loads()).toEqual({ a: '1' })
    await write(twice('3', 'y', 'x'))
    expect(await loads()).toEqual({ a: '3' })
  })

  it('is told from a changed one among columns that came since, or became wider', async () => {
    const merge = (table: TableSchema, load: string, ...rows: Cell[][]) =>
      test.dataset.commit(loadOf(schemaOf(table), [[table, rootRows(load, ...rows)]]))
    await merge(rootTable('t', { id: 'text', n: 'bigint' }), '1', ['a', 1], ['b', 2])
    const wider = rootTable('t', { id: 'text', n: 'double', more: 'bool' })
    await merge(wider, '2', ['a', 1], ['b', 2, false])
    expect(await loads('t')).toEqual({ a: '1', b: '2' })
    const decimal = rootTable('t', { id: 'text', n: 'decimal', more: 'bool' })
    await merge(decimal, '3', ['a', '1'], ['b', '2.5', false])
    expect(await loads('t')).toEqual({ a: '1', b: '3' })
  })

  it.each<[DataType, cell: Cell, other: Cell]>([
    ['text', '1', '1 '],
    ['bigint', 9007199254740993n, 9007199254740992n],
    ['decimal', '12.50', '12.5'],
    ['double', 0.30000000000000004, 0.3],
    ['bool', false, true],
    ['timestamp', '2012-09-04T20:57:52.851000Z', '2012-09-04T20:57:52.851001Z'],
    ['date', '2024-02-29', '2024-03-01'],
    ['json', '{"a":[1,{"b":null}]}', '{"a":[1,{"b":0}]}'],
    ['json', 'null', null],
  ])('is told from a changed one by its value (%s %s)', async (type, cell, other) => {
    const table = rootTable('t', { id: 'text', v: type })
    const merge = (load: string, v: Cell) =>
      test.dataset.commit(loadOf(schemaOf(table), [[table, rootRows(load, ['a', v])]]))
    await merge('1', cell)
    await merge('2', cell)
    expect(await loads('t')).toEqual({ a: '1' })
    await merge('3', other)
    expect(await loads('t')).toEqual({ a: '3' })
    await merge('4', other)
    expect(await loads('t')).toEqual({ a: '3' })
  })

  it('is written again in a stage, and left alone by what is appended', async () => {
    await write(a('1'), { write: 'stage' })
    await write(a('2'), { write: 'stage', publish: 'replace' })
    expect(await loads()).toEqual({ a: '2' })
    await write(a('3'), { write: 'append', keys: 'unique' })
    expect(await loads()).toEqual({ a: '2' })
  })
}
