import { expect, it } from 'vitest'
import type { Cell, TableSchema } from '../../../src/normalize/types.ts'
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

/** Rows with a key: added, replaced whole, never by an older one. */
export function mergeConformance(type: DestinationType): void {
  const test = useDataset(type)

  const leads = () => rootTable('leads', { id: 'text', name: 'text' })

  it('adds new rows and replaces those whose key is there, whole', async () => {
    const table = leads()
    await test.merge(table, ['a', 'Ada'], ['b', 'Bob'])
    const { rows } = await test.merge(table, ['b', null], ['c', 'Cy'])
    expect(rows).toEqual({ leads: 2 })
    expect(await test.data()).toEqual({
      leads: [
        { id: 'a', name: 'Ada' },
        { id: 'b', name: null },
        { id: 'c', name: 'Cy' },
      ],
    })
  })

  it.each(['excluded', 'incoming', 'stored', 'there'])(
    'replaces rows of a table that is called %s',
    async (name) => {
      const table = rootTable(name, { id: 'text', name: 'text' })
      for (const value of ['Ada', 'Ada', 'Bob']) await test.merge(table, ['a', value])
      expect(await test.data()).toEqual({ [name]: [{ id: 'a', name: 'Bob' }] })
    },
  )

  it('replaces child rows in every child table, also in those the load does not mention', async () => {
    const table = leads()
    const mails = childTable(table, 'mails', { value: 'text' })
    const phones = childTable(table, 'phones', { value: 'text' })
    const schema = schemaOf(table, mails, phones)
    await test.dataset.commit(
      loadOf(schema, [
        [table, rootRows('1', ['a', 'Ada'], ['b', 'Bob'])],
        [mails, [...childRows(mails, 'a', ['1'], ['2'], ['3']), ...childRows(mails, 'b', ['4'])]],
        [phones, childRows(phones, 'a', ['+1'])],
      ]),
    )
    await test.dataset.commit(
      loadOf(schema, [
        [table, rootRows('2', ['a', 'Ada'])],
        [mails, childRows(mails, 'a', ['9'])],
      ]),
    )
    expect(await test.data()).toMatchObject({
      leads__mails: [
        { _dlt_list_idx: 0, value: '4' },
        { _dlt_list_idx: 0, value: '9' },
      ],
      leads__phones: [],
    })
  })

  it.each<[Column: 'timestamp' | 'bigint' | 'decimal' | 'double', old: Cell, newer: Cell]>([
    ['timestamp', '2024-01-01T00:00:00.999999Z', '2024-01-01T00:00:01.000000Z'],
    ['bigint', 9007199254740992n, 9007199254740993n],
    ['decimal', '9.5', '10.25'],
    ['double', 9.5, 10.25],
  ])('keeps a newer row from an older one (%s cursor)', async (type, old, newer) => {
    const table = rootTable('deals', { id: 'text', at: type, v: 'text' }, { cursor: 'at' })
    const notes = childTable(table, 'notes', { value: 'text' })
    const schema = schemaOf(table, notes)
    const commit = (at: Cell, v: string) =>
      test.dataset.commit(
        loadOf(schema, [
          [table, rootRows('l', ['a', at, v])],
          [notes, childRows(notes, 'a', [v])],
        ]),
      )
    await commit(newer, 'newer')
    expect((await commit(old, 'older')).rows).toEqual({})
    expect(await test.data()).toMatchObject({
      deals: [{ v: 'newer' }],
      deals__notes: [{ value: 'newer' }],
    })
    expect((await commit(newer, 'as new, later')).rows).toEqual({ deals: 1, deals__notes: 1 })
    expect(await test.data()).toMatchObject({ deals: [{ v: 'as new, later' }] })
  })

  it('writes the newest of the rows of one load that share a key, with its child rows', async () => {
    const table = rootTable('deals', { id: 'text', at: 'bigint' }, { cursor: 'at' })
    const notes = childTable(table, 'notes', { value: 'text' })
    const page = (at: number, ...values: string[]) =>
      [
        [table, rootRows('l', ['a', at])],
        [notes, childRows(notes, 'a', ...values.map((value) => [value]))],
      ] as [TableSchema, Cell[][]][]
    await test.dataset.commit(
      loadOf(schemaOf(table, notes), [...page(1, 'x', 'y'), ...page(3, 'z'), ...page(2, 'p', 'q')]),
    )
    expect(await test.data()).toMatchObject({ deals: [{ at: 3 }], deals__notes: [{ value: 'z' }] })
  })

  it('never doubles child rows when a page has a key twice', async () => {
    const table = rootTable('deals', { id: 'text', at: 'bigint' }, { cursor: 'at' })
    const notes = childTable(table, 'notes', { value: 'text' })
    const load = () =>
      loadOf(schemaOf(table, notes), [
        [table, rootRows('l', ['a', 1], ['b', 1], ['a', 2])],
        [
          notes,
          [
            ...childRows(notes, 'a', ['old']),
            ...childRows(notes, 'b', ['other']),
            ...childRows(notes, 'a', ['new'], ['more']),
          ],
        ],
      ])
    for (const _ of ['first', 'again']) {
      await test.dataset.commit(load())
      expect(await test.data()).toMatchObject({
        deals: [
          { id: 'a', at: 2 },
          { id: 'b', at: 1 },
        ],
        deals__notes: [{ value: 'new' }, { value: 'other' }, { value: 'more' }],
      })
    }
  })

  it('takes a row without a cursor for the later one', async () => {
    const table = rootTable('deals', { id: 'text', at: 'bigint' }, { cursor: 'at' })
    await test.merge(table, ['a', 5])
    await test.merge(table, ['a', null])
    await test.merge(table, ['a', 1])
    expect(await test.data()).toEqual({ deals: [{ id: 'a', at: 1 }] })
  })

  it('changes nothing when a load is repeated', async () => {
    const table = leads()
    await test.merge(table, ['a', 'Ada'], ['b', 'Bob'])
    const before = await test.data()
    await test.merge(table, ['a', 'Ada'], ['b', 'Bob'])
    expect(await test.data()).toEqual(before)
  })
}
