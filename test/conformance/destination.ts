import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Cell, TableSchema } from '../../src/normalize/types.ts'
import type { Dataset, RunRecord } from '../../src/state/dataset.ts'
import { dumpTables, openTestDataset } from '../support/databases.ts'
import type { DestinationType, TestDataset } from '../support/databases.ts'
import { childRows, childTable, loadOf, nextLoadId, rootRows, rootTable } from '../support/loads.ts'
import { schemaOf } from '../support/loads.ts'

const LINKS = ['_dlt_id', '_dlt_load_id', '_dlt_parent_id', '_dlt_root_id']

/** What every destination has to do, however it does it. */
export function destinationConformance(type: DestinationType): void {
  let test: TestDataset
  let dataset: Dataset
  beforeEach(async () => {
    test = await openTestDataset(type)
    dataset = test.dataset
  })
  afterEach(() => test[Symbol.asyncDispose]())

  const data = async () => dumpTables(dataset, { without: LINKS })
  const merge = (table: TableSchema, ...rows: Cell[][]) =>
    dataset.commit(loadOf(schemaOf(table), [[table, rootRows(nextLoadId(), ...rows)]]))

  describe('merge', () => {
    const leads = () => rootTable('leads', { id: 'text', name: 'text' })

    it('adds new rows and replaces those whose key is there, whole', async () => {
      const table = leads()
      await merge(table, ['a', 'Ada'], ['b', 'Bob'])
      const { rows } = await merge(table, ['b', null], ['c', 'Cy'])
      expect(rows).toEqual({ leads: 2 })
      expect(await data()).toEqual({
        leads: [
          { id: 'a', name: 'Ada' },
          { id: 'b', name: null },
          { id: 'c', name: 'Cy' },
        ],
      })
    })

    it('replaces child rows in every child table, also in those the load does not mention', async () => {
      const table = leads()
      const mails = childTable(table, 'mails', { value: 'text' })
      const phones = childTable(table, 'phones', { value: 'text' })
      const schema = schemaOf(table, mails, phones)
      await dataset.commit(
        loadOf(schema, [
          [table, rootRows('1', ['a', 'Ada'], ['b', 'Bob'])],
          [mails, [...childRows(mails, 'a', ['1'], ['2'], ['3']), ...childRows(mails, 'b', ['4'])]],
          [phones, childRows(phones, 'a', ['+1'])],
        ]),
      )
      await dataset.commit(
        loadOf(schema, [
          [table, rootRows('2', ['a', 'Ada'])],
          [mails, childRows(mails, 'a', ['9'])],
        ]),
      )
      expect(await data()).toMatchObject({
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
        dataset.commit(
          loadOf(schema, [
            [table, rootRows('l', ['a', at, v])],
            [notes, childRows(notes, 'a', [v])],
          ]),
        )
      await commit(newer, 'newer')
      expect((await commit(old, 'older')).rows).toEqual({})
      expect(await data()).toMatchObject({
        deals: [{ v: 'newer' }],
        deals__notes: [{ value: 'newer' }],
      })
      expect((await commit(newer, 'as new, later')).rows).toEqual({ deals: 1, deals__notes: 1 })
      expect(await data()).toMatchObject({ deals: [{ v: 'as new, later' }] })
    })

    it('writes the newest of the rows of one load that share a key, with its child rows', async () => {
      const table = rootTable('deals', { id: 'text', at: 'bigint' }, { cursor: 'at' })
      const notes = childTable(table, 'notes', { value: 'text' })
      const page = (at: number, ...values: string[]) =>
        [
          [table, rootRows('l', ['a', at])],
          [notes, childRows(notes, 'a', ...values.map((value) => [value]))],
        ] as [TableSchema, Cell[][]][]
      await dataset.commit(
        loadOf(schemaOf(table, notes), [
          ...page(1, 'x', 'y'),
          ...page(3, 'z'),
          ...page(2, 'p', 'q'),
        ]),
      )
      expect(await data()).toMatchObject({ deals: [{ at: 3 }], deals__notes: [{ value: 'z' }] })
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
        await dataset.commit(load())
        expect(await data()).toMatchObject({
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
      await merge(table, ['a', 5])
      await merge(table, ['a', null])
      await merge(table, ['a', 1])
      expect(await data()).toEqual({ deals: [{ id: 'a', at: 1 }] })
    })

    it('changes nothing when a load is repeated', async () => {
      const table = leads()
      await merge(table, ['a', 'Ada'], ['b', 'Bob'])
      const before = await data()
      await merge(table, ['a', 'Ada'], ['b', 'Bob'])
      expect(await data()).toEqual(before)
    })
  })

  describe('append and replace', () => {
    const events = () => rootTable('events', { n: 'bigint' }, { key: [] })
    const stage = (table: TableSchema, publish: 'none' | 'replace' | 'append', ...rows: Cell[][]) =>
      dataset.commit(
        loadOf(schemaOf(table), rows.length > 0 ? [[table, rootRows(nextLoadId(), ...rows)]] : [], {
          write: 'stage',
          publish,
        }),
      )

    it('appends', async () => {
      const table = events()
      for (const n of [1, 2]) {
        await dataset.commit(
          loadOf(schemaOf(table), [[table, rootRows('l', [n])]], { write: 'append' }),
        )
      }
      expect(await data()).toEqual({ events: [{ n: 1 }, { n: 2 }] })
    })

    it('shows staged rows to nobody until they replace the rows of every table', async () => {
      const table = events()
      const tags = childTable(table, 'tags', { value: 'text' })
      const schema = schemaOf(table, tags)
      const commit = (n: number, publish: 'none' | 'replace') =>
        dataset.commit(
          loadOf(
            schema,
            [
              [table, rootRows('l', [n])],
              [tags, childRows(tags, n, [`t${n}`])],
            ],
            { write: 'stage', publish },
          ),
        )
      await commit(1, 'replace')
      await commit(2, 'none')
      expect(await data()).toMatchObject({ events: [{ n: 1 }], events__tags: [{ value: 't1' }] })
      await commit(3, 'replace')
      expect(await data()).toMatchObject({
        events: [{ n: 2 }, { n: 3 }],
        events__tags: [{ value: 't2' }, { value: 't3' }],
      })
    })

    it('empties the tables when nothing was staged', async () => {
      const table = events()
      await stage(table, 'replace', [1], [2])
      await stage(table, 'replace')
      expect(await data()).toEqual({ events: [] })
    })

    it('appends what was staged, once', async () => {
      const table = events()
      await stage(table, 'append', [1])
      await stage(table, 'none', [2])
      await stage(table, 'append', [3])
      expect(await data()).toEqual({ events: [{ n: 1 }, { n: 2 }, { n: 3 }] })
    })

    it('keeps the newest of staged rows that share a key', async () => {
      const table = rootTable('deals', { id: 'text', at: 'bigint' }, { cursor: 'at' })
      await stage(table, 'none', ['a', 2], ['b', 1])
      await stage(table, 'none', ['a', 1])
      await stage(table, 'replace', ['b', 2])
      await dataset.finishRun(finished('run'), [])
      expect(await data()).toEqual({
        deals: [
          { id: 'a', at: 2 },
          { id: 'b', at: 2 },
        ],
      })
    })

    it('forgets a stage that was never published', async () => {
      const table = events()
      await stage(table, 'none', [1])
      dataset = await test.reopen()
      await dataset.clearStage('events')
      await stage(table, 'replace', [2])
      expect(await data()).toEqual({ events: [{ n: 2 }] })
    })

    it('goes on with a stage whose schema grows', async () => {
      await stage(rootTable('events', { n: 'bigint' }, { key: [] }), 'none', [1])
      await stage(rootTable('events', { n: 'double', s: 'text' }, { key: [] }), 'replace', [
        1.5,
        'x',
      ])
      expect(await data()).toEqual({
        events: [
          { n: 1, s: null },
          { n: 1.5, s: 'x' },
        ],
      })
    })
  })

  describe('schema', () => {
    it('adds columns and tables; rows laid out before are null there', async () => {
      await merge(rootTable('leads', { id: 'text' }), ['a'])
      const table = rootTable('leads', { id: 'text', name: 'text' })
      const mails = childTable(table, 'mails', { value: 'text' })
      await dataset.commit(
        loadOf(schemaOf(table, mails), [
          [table, rootRows('l', ['b', 'Bob'], ['c'])],
          [mails, childRows(mails, 'b', ['b@example.com'])],
        ]),
      )
      expect(await data()).toMatchObject({
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
      await merge(
        rootTable('t', { id: 'bigint', other: 'text', v: from }),
        ...rows.map(([id, v]) => [id!, 'x', v!]),
      )
      await merge(rootTable('t', { id: 'bigint', other: 'text', v: to }), [99, null, null])
      const kept = (await data()).t!.filter((row) => row.id !== 99)
      expect(kept.map((row) => row.v)).toEqual(wanted)
      expect(kept.every((row) => row.other === 'x')).toBe(true)
      // The rebuilt or altered table still merges, by its id and by its indexes.
      await merge(rootTable('t', { id: 'bigint', other: 'text', v: to }), [0, 'y', wanted[1]!])
      expect((await data()).t!.find((row) => row.id === 0)).toEqual({
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
        dataset.commit(
          loadOf(schemaOf(table, child), [
            [table, rootRows('l', ['a', ...names])],
            [child, childRows(child, 'a', ['u'])],
          ]),
        )
      await load()
      await load()
      await dataset.finishRun(finished('run'), [])
      expect(await data()).toEqual({
        group: [{ id: 'a', ...Object.fromEntries(names.map((name) => [name, name])) }],
        [child.name]: [{ _dlt_list_idx: 0, user: 'u' }],
      })
    })

    it('stages tables whose names are as long as names can be', async () => {
      const long = rootTable(`a${'x'.repeat(61)}1`, { id: 'text' })
      const other = rootTable(`a${'x'.repeat(61)}2`, { id: 'text' })
      for (const table of [long, other]) {
        const rows = rootRows('l', [table.name.at(-1)!])
        await dataset.commit(loadOf(schemaOf(table), [[table, rows]], { write: 'stage' }))
      }
      for (const table of [long, other]) {
        await dataset.commit(loadOf(schemaOf(table), [], { write: 'stage', publish: 'replace' }))
      }
      expect(await data()).toEqual({ [long.name]: [{ id: '1' }], [other.name]: [{ id: '2' }] })
    })

    it('keeps every version of the schema, and names it in _dlt_loads', async () => {
      const table = rootTable('leads', { id: 'text' })
      await merge(table, ['a'])
      await merge(table, ['b'])
      await merge(rootTable('leads', { id: 'text', name: 'text' }), ['c', 'C'])
      const versions = await dataset.query(
        'select version, count(*) from _sluice_schema s join _dlt_loads l on l.schema_version_hash = s.version_hash group by version order by version',
      )
      expect(versions.rows).toEqual([
        [1, 2],
        [2, 1],
      ])
      const [stored] = await dataset.schemas()
      expect(stored!.tables[0]!.columns.at(-1)).toMatchObject({ name: 'name', type: 'text' })
    })

    it('makes tables and columns again that somebody dropped', async () => {
      const table = rootTable('leads', { id: 'text', name: 'text' })
      const mails = childTable(table, 'mails', { value: 'text' })
      await dataset.commit(loadOf(schemaOf(table, mails), [[table, rootRows('l', ['a', 'Ada'])]]))
      await test.execute('drop table leads__mails')
      await test.execute('alter table leads drop column name')
      dataset = await test.reopen()
      await dataset.commit(
        loadOf(schemaOf(table, mails), [
          [table, rootRows('l', ['b', 'Bob'])],
          [mails, childRows(mails, 'b', ['m'])],
        ]),
      )
      expect(await data()).toMatchObject({
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
      await dataset.commit(loadOf(schemaOf(table, notes), [[table, rootRows('l', ['a', 1])]]))
      await dataset.finishRun(finished('run'), [])
      expect(await test.indexedColumns('deals')).toEqual(['_dlt_id unique', 'at', 'id unique'])
      expect(await test.indexedColumns('deals__notes')).toEqual([
        '_dlt_id unique',
        '_dlt_parent_id',
        '_dlt_root_id',
      ])
    })

    it('indexes what an earlier run left without, and drops the index of another key', async () => {
      const table = rootTable('deals', { id: 'text', at: 'bigint' })
      await merge(table, ['a', 1])
      dataset = await test.reopen()
      await merge(table, ['a', 2])
      expect(await test.indexedColumns('deals')).toEqual(['_dlt_id unique', 'id unique'])
      await merge(rootTable('deals', { id: 'text', at: 'bigint' }, { key: ['id', 'at'] }), ['a', 2])
      expect(await test.indexedColumns('deals')).toEqual(['_dlt_id unique', 'id,at unique'])
    })
  })

  describe('values', () => {
    const exact = {
      text: [
        '',
        ' x ',
        "it's",
        '"',
        '\\',
        '\\N',
        '{a,b}',
        'NULL',
        'null',
        '😀 e\u0301',
        'a\nb\tc',
        '\u0001\u2028',
      ],
      bigint: [
        0,
        -1,
        2 ** 31,
        2 ** 53 - 1,
        9007199254740993n,
        9223372036854775807n,
        -9223372036854775808n,
      ],
      decimal: ['0.10', '-12.50', '18446744073709551616', `${'9'.repeat(60)}.${'1'.repeat(30)}`],
      double: [0.1, -2.5, 1e300, 5e-324, 1.7976931348623157e308, 123456789.12345679, 3],
      bool: [true, false],
      timestamp: [
        '2012-09-04T20:57:52.851000Z',
        '2024-02-29T23:59:59.999999Z',
        '1969-12-31T23:59:59.000001Z',
        '0001-01-01T00:00:00.000000Z',
        '9999-12-31T23:59:59.999999Z',
      ],
      date: ['2024-02-29', '0001-01-01', '9999-12-31'],
      json: [
        '{"a":[1,{"b":null}],"😀":"\\"\\\\"}',
        '[]',
        '"x"',
        '9223372036854775808',
        '0.1',
        'null',
        'true',
      ],
    } as const satisfies Record<string, readonly Cell[]>

    it('reads every type back as it was written', async () => {
      const types = Object.keys(exact) as (keyof typeof exact)[]
      const table = rootTable('v', {
        id: 'bigint',
        ...Object.fromEntries(types.map((t) => [t, t])),
      })
      const longest = Math.max(...types.map((type) => exact[type].length))
      const rows = Array.from({ length: longest }, (_, i) => [
        i,
        ...types.map((type) => exact[type][i] ?? null),
      ])
      await merge(table, ...rows)
      const dump = (await data()).v!.sort((a, b) => Number(a.id) - Number(b.id))
      for (const type of types) {
        const wanted = rows.map((row) => row[types.indexOf(type) + 1]!)
        const parsed =
          type === 'json'
            ? wanted.map((text) => (text === null ? null : parsedJson(text as string)))
            : wanted
        expect({ [type]: dump.map((row) => row[type]) }).toEqual({ [type]: parsed })
      }
    })

    it('hands parents over as JSON values', async () => {
      const table = rootTable('v', {
        id: 'bigint',
        ...Object.fromEntries(Object.keys(exact).map((t) => [t, t as keyof typeof exact])),
      })
      await merge(table, [
        1,
        'x',
        9007199254740993n,
        '18446744073709551616',
        1.5,
        true,
        '2012-09-04T20:57:52.851000Z',
        '2024-02-29',
        '{"a":[1]}',
      ])
      const fields = [...Object.keys(exact), 'gone']
      const [parent] = await collect(
        dataset.parents({ table, staged: false, fields, changedAfter: null }),
      )
      expect(Object.fromEntries(parent!.values)).toEqual({
        text: 'x',
        bigint: 9007199254740993n,
        decimal: 18446744073709551616n,
        double: 1.5,
        bool: true,
        timestamp: '2012-09-04T20:57:52.851000Z',
        date: '2024-02-29',
        json: { a: [1] },
        gone: null,
      })
    })

    it('holds a column that never had a value', async () => {
      await merge(rootTable('t', { id: 'text', nothing: 'json' }), ['a', null], ['b', null])
      expect(await data()).toEqual({
        t: [
          { id: 'a', nothing: null },
          { id: 'b', nothing: null },
        ],
      })
    })

    it('holds 300 columns', async () => {
      const columns = Object.fromEntries(
        Array.from({ length: 300 }, (_, i) => [`c${i}`, 'bigint' as const]),
      )
      const table = rootTable('wide', { id: 'text', ...columns })
      const cells = Array.from({ length: 300 }, (_, i) => i)
      await merge(table, ['a', ...cells], ['b', ...cells])
      await merge(table, ['b', ...cells.toReversed()])
      const [a, b] = (await data()).wide!
      expect([a!.c299, b!.c299]).toEqual([299, 0])
    })

    it('takes 40,000 rows in one load, and again', async () => {
      const table = rootTable('many', { id: 'bigint', v: 'text' })
      const rows = Array.from({ length: 40_000 }, (_, i) => [i, `row ${i}`])
      expect((await merge(table, ...rows)).rows).toEqual({ many: 40_000 })
      await merge(table, ...rows.map(([id]) => [id!, 'again']))
      const { rows: counted } = await dataset.query(
        "select count(*), sum(case when v = 'again' then 1 else 0 end) from many",
      )
      expect(counted).toEqual([[40_000, 40_000]])
    })
  })

  describe('a load', () => {
    it('is written whole or not at all: rows, tables, columns, bookmark, schema', async () => {
      const table = rootTable('leads', { id: 'text' })
      await dataset.commit(
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
          rejects: [{ reason: 'r', record: {} }],
        },
      )
      await expect(dataset.commit(load)).rejects.toMatchObject({ code: 'LOAD_FAILED' })
      expect(await dataset.bookmark('leads', '')).toEqual({ at: 1 })
      expect(await data()).toEqual({ leads: [{ id: 'a' }] })
      expect((await dataset.query('select count(*) from _sluice_rejects')).rows).toEqual([[0]])
      expect((await dataset.query('select count(*) from _dlt_loads')).rows).toEqual([[1]])

      const repaired = { ...load, batches: [load.batches[0]!, { table: mails, rows: twice }] }
      await dataset.commit(repaired)
      expect(await dataset.bookmark('leads', '')).toEqual({ at: 2 })
      expect(await data()).toMatchObject({
        leads: [{ id: 'a' }, { id: 'b', name: 'Bob' }],
        leads__mails: [{ value: 'x' }],
      })
    })

    it('may hold nothing but a bookmark, for an endpoint that has no table yet', async () => {
      const schema = { endpoint: 'leads', tables: [] }
      const bookmarks = [{ partition: '', state: { at: 1 } }]
      for (const write of ['merge', 'append', 'stage'] as const) {
        await dataset.commit(loadOf(schema, [], { write, bookmarks }))
      }
      expect(await dataset.bookmark('leads', '')).toEqual({ at: 1 })
      expect(await dataset.rowCounts()).toEqual(new Map())
    })

    it('survives closing and opening: rows, bookmarks, schemas, runs, rejects', async () => {
      const table = rootTable('leads', { id: 'text' })
      const load = loadOf(schemaOf(table), [[table, rootRows('l', ['a'])]], {
        bookmarks: [
          { partition: '', state: { last: '2024-01-01T00:00:00.000001Z', big: 9007199254740993n } },
          { partition: 'x=1', state: {} },
        ],
        rejects: [{ reason: 'no key', record: { name: 'x', big: 9007199254740993n } }],
      })
      await dataset.commit(load)
      dataset = await test.reopen()
      expect(await data()).toEqual({ leads: [{ id: 'a' }] })
      expect(await dataset.bookmarks()).toMatchObject([
        { endpoint: 'leads', partition: '', state: { big: 9007199254740993n } },
        { endpoint: 'leads', partition: 'x=1', state: {} },
      ])
      expect(await dataset.schemas()).toEqual([schemaOf(table)])
      expect(
        (await dataset.query('select endpoint, reason, record from _sluice_rejects')).rows,
      ).toEqual([['leads', 'no key', '{"name":"x","big":9007199254740993}']])
      expect(await dataset.newestLoad(table)).toBe(load.loadId)
      expect(await dataset.rowCounts()).toEqual(new Map([['leads', 1]]))
    })
  })

  describe('a query', () => {
    it('reads', async () => {
      await merge(rootTable('t', { id: 'bigint', at: 'timestamp' }), [
        9007199254740993n,
        '2024-01-01T00:00:00.500000Z',
      ])
      expect(await dataset.query('select id, at, count(*) as n from t group by id, at')).toEqual({
        columns: ['id', 'at', 'n'],
        rows: [[9007199254740993n, '2024-01-01T00:00:00.500000Z', 1]],
      })
    })

    it.each([
      'delete from t',
      "insert into t (_dlt_id, id) values ('x', 1)",
      'drop table t',
      'select 1; drop table t',
      'selec 1',
      'commit',
      'with x as (select 1) delete from t',
      'update t set id = 2 returning id',
    ])('refuses %s', async (statement) => {
      await merge(rootTable('t', { id: 'bigint' }), [1])
      await expect(dataset.query(statement)).rejects.toMatchObject({ code: 'USAGE' })
      expect(await data()).toEqual({ t: [{ id: 1 }] })
    })
  })
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}

function parsedJson(text: string): unknown {
  return text === '9223372036854775808' ? 9223372036854775808n : JSON.parse(text)
}

function finished(runId: string): RunRecord {
  return {
    runId,
    pipeline: 'test',
    status: 'ok',
    startedAt: '2024-01-01T00:00:00.000000Z',
    finishedAt: '2024-01-01T00:00:01.000000Z',
    trigger: 'test',
    version: '0',
    error: null,
    summary: null,
  }
}
