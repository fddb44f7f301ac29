import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Cell } from '../../../src/normalize/types.ts'
import { normalize, normalizer, page, rows, types } from './harness.ts'

const column = { nullable: true } as const
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

describe('objects and lists', () => {
  it('flattens objects into columns; empty ones and nulls create nothing', () => {
    const record = {
      'f-1': '!  30',
      'f 2': [],
      'f!3': { f4: 'a', 'f-5': 'b', 'f*6': { c: 7, 'c v': 8, 'c x': [] } },
      none: null,
      empty: {},
    }
    const result = normalize([record])
    expect(rows(result)).toEqual({
      items: [{ f_1: '!  30', f_3__f4: 'a', f_3__f_5: 'b', f_3__fx6__c: 7, f_3__fx6__c_v: 8 }],
    })
    expect(result.batches[0]!.table.columns.map(({ name }) => name)).toEqual([
      '_dlt_id',
      '_dlt_load_id',
      'f_1',
      'f_3__f4',
      'f_3__f_5',
      'f_3__fx6__c',
      'f_3__fx6__c_v',
    ])
  })

  it('turns lists into child tables, each row linked to its parent and root', () => {
    const list = { l: ['a', 'b', 'c'], v: 120, o: [{ a: 1 }, { a: 2 }] }
    const result = normalize([{ f: [list] }])
    expect(rows(result)).toEqual({
      items: [{}],
      items__f: [{ v: 120 }],
      items__f__l: [{ value: 'a' }, { value: 'b' }, { value: 'c' }],
      items__f__o: [{ a: 1 }, { a: 2 }],
    })
    const [root, f, l, o] = result.batches.map(({ rows }) => rows)
    const rootId = root![0]![0]
    const fId = f![0]![0]
    expect(root).toEqual([[rootId, 'load-1']])
    expect(f![0]!.slice(1, 4)).toEqual([rootId, 0, rootId])
    expect(l!.map((row) => row.slice(1, 4))).toEqual([0, 1, 2].map((i) => [fId, i, rootId]))
    expect(o!.map((row) => row.slice(1, 4))).toEqual([0, 1].map((i) => [fId, i, rootId]))
    expect(new Set([root, f, l, o].flat().map((row) => row![0])).size).toBe(7)
    expect(result.batches.map(({ table }) => [table.name, table.parent, table.path])).toEqual([
      ['items', null, []],
      ['items__f', 'items', ['f']],
      ['items__f__l', 'items__f', ['l']],
      ['items__f__o', 'items__f', ['o']],
    ])
  })

  it('names the table of a list inside an object by its path', () => {
    const result = normalize([{ a: { b: [1], c: { d: [{ e: 1 }] } } }])
    expect(Object.keys(rows(result))).toEqual(['items', 'items__a__b', 'items__a__c__d'])
    expect(result.batches[2]!.table.path).toEqual(['a', 'c', 'd'])
  })

  it('keeps nulls of a list as rows, once the list has a table', () => {
    expect(rows(normalize([{ l: [null, 'a', null] }])).items__l).toEqual([{}, { value: 'a' }, {}])
    expect(rows(normalize([{ o: [{ a: 1 }, null] }])).items__o).toEqual([{ a: 1 }, {}])
    expect(rows(normalize([{ l: [null] }, { l: null }]))).toEqual({ items: [{}, {}] })
    expect(rows(normalize([{ l: ['a'] }, { l: [null] }, { l: null }])).items__l).toHaveLength(2)
  })

  it('keeps lists of lists and mixed lists as JSON', () => {
    const record = { webpath: [[{ url: 'x' }], [1, [2]]], mixed: [1, { a: 2 }, null] }
    const result = normalize([record])
    expect(rows(result)).toEqual({
      items: [{ webpath: '[[{"url":"x"}],[1,[2]]]', mixed: '[1,{"a":2},null]' }],
    })
    expect(types(result.batches[0]!.table)).toEqual({ webpath: 'json', mixed: 'json' })
  })

  it('loses nothing when a key holds now a scalar, now an object, a list or a mixed list', () => {
    const values = [{ b: 1 }, 'text', ['x'], [{ c: 1 }], [1, {}], null, 7]
    const result = normalize(values.map((a) => ({ a })))
    expect(rows(result)).toEqual({
      items: [{ a__b: 1 }, { a: 'text' }, {}, {}, { a__v_json: '[1,{}]' }, {}, { a: '7' }],
      items__a: [{ value: 'x' }, { c: 1 }],
    })
  })

  it('puts scalars into a column that is JSON already', () => {
    const result = normalize([{ a: [1, []] }, { a: 'x' }, { a: 5 }, { a: null }])
    expect(rows(result).items).toEqual([{ a: '[1,[]]' }, { a: '"x"' }, { a: '5' }, {}])
  })

  it.each([
    [0, { items: [{ f: '[{"l":["a"],"v":120,"lo":[{"e":{"v":1}}]}]', g: '{"h":1}' }] }],
    [1, { items: [{ g__h: 1 }], items__f: [{ l: '["a"]', v: 120, lo: '[{"e":{"v":1}}]' }] }],
    [
      2,
      {
        items: [{ g__h: 1 }],
        items__f: [{ v: 120 }],
        items__f__l: [{ value: 'a' }],
        items__f__lo: [{ e: '{"v":1}' }],
      },
    ],
    [
      3,
      {
        items: [{ g__h: 1 }],
        items__f: [{ v: 120 }],
        items__f__l: [{ value: 'a' }],
        items__f__lo: [{ e__v: 1 }],
      },
    ],
  ])('max_nesting %d', (maxNesting, expected) => {
    const record = { f: [{ l: ['a'], v: 120, lo: [{ e: { v: 1 } }] }], g: { h: 1 } }
    expect(rows(normalize([record], { maxNesting }))).toEqual(expected)
  })

  it('stops at json_columns, in lists and under keys with dots too', () => {
    const record = { meta: { a: [1] }, 'b.c': { d: 1 }, l: [{ deep: [12345678901234567890n] }] }
    const jsonColumns = ['meta', 'b.c', 'l.deep']
    expect(rows(normalize([record], { jsonColumns }))).toEqual({
      items: [{ meta: '{"a":[1]}', b_c: '{"d":1}' }],
      items__l: [{ deep: '[12345678901234567890]' }],
    })
  })
})

describe('values', () => {
  it.each<[string, unknown[], Record<string, string>, Record<string, Cell>[]]>([
    ['integers', [1, 2], { a: 'bigint' }, [{ a: 1 }, { a: 2 }]],
    ['negative zero', [-0], { a: 'bigint' }, [{ a: 0 }]],
    ['integer, then fraction', [1, 1.5], { a: 'double' }, [{ a: 1 }, { a: 1.5 }]],
    ['fraction, then integer', [1.5, 1], { a: 'double' }, [{ a: 1.5 }, { a: 1 }]],
    [
      'integers of 64 bit',
      [1, 9223372036854775807n],
      { a: 'bigint' },
      [{ a: 1 }, { a: 9223372036854775807n }],
    ],
    [
      'integers beyond 64 bit',
      [1, 9223372036854775808n, 2],
      { a: 'decimal' },
      [{ a: '1' }, { a: '9223372036854775808' }, { a: '2' }],
    ],
    [
      'a large integer, then a fraction',
      [9007199254740993n, 1.5, 1e-7],
      { a: 'decimal' },
      [{ a: '9007199254740993' }, { a: '1.5' }, { a: '0.0000001' }],
    ],
    [
      'a fraction, then a large integer',
      [1.5, 3, 9007199254740993n],
      { a: 'decimal' },
      [{ a: '1.5' }, { a: '3' }, { a: '9007199254740993' }],
    ],
    [
      'a number without bounds',
      [1, 10n ** 30n],
      { a: 'decimal' },
      [{ a: '1' }, { a: '1000000000000000000000000000000' }],
    ],
    [
      'text, then anything',
      ['x', 5, 1.5, true, 2n ** 70n, '2024-01-02'],
      { a: 'text' },
      ['x', '5', '1.5', 'true', '1180591620717411303424', '2024-01-02'].map((a) => ({ a })),
    ],
    [
      'a number, then text',
      [5, 'N/A', '12', 6],
      { a: 'bigint', a__v_text: 'text' },
      [{ a: 5 }, { a__v_text: 'N/A' }, { a__v_text: '12' }, { a: 6 }],
    ],
    [
      'bool, then numbers',
      [true, 1, 1.5, false],
      { a: 'bool', a__v_bigint: 'bigint', a__v_double: 'double' },
      [{ a: true }, { a__v_bigint: 1 }, { a__v_double: 1.5 }, { a: false }],
    ],
    [
      'a number, then bool twice',
      [1, true, false],
      { a: 'bigint', a__v_bool: 'bool' },
      [{ a: 1 }, { a__v_bool: true }, { a__v_bool: false }],
    ],
    [
      'date, timestamp, text',
      ['2025-06-03', '2025-05-30T16:00:00+00:00', 'soon', ''],
      { a: 'date', a__v_timestamp: 'timestamp', a__v_text: 'text' },
      [
        { a: '2025-06-03' },
        { a__v_timestamp: '2025-05-30T16:00:00.000000Z' },
        { a__v_text: 'soon' },
        { a__v_text: '' },
      ],
    ],
    [
      'timestamp, then date and number',
      ['2025-05-30 16:00:00', '2025-06-03', 5],
      { a: 'timestamp', a__v_date: 'date', a__v_bigint: 'bigint' },
      [{ a: '2025-05-30T16:00:00.000000Z' }, { a__v_date: '2025-06-03' }, { a__v_bigint: 5 }],
    ],
    [
      'what looks like numbers',
      ['0012', '65e1234', '2024'],
      { a: 'text' },
      [{ a: '0012' }, { a: '65e1234' }, { a: '2024' }],
    ],
    ['no number at all', [Number.NaN, 1], { a: 'text' }, [{ a: 'NaN' }, { a: '1' }]],
  ])('%s', (_, values, columns, expected) => {
    const result = normalize(values.map((a) => ({ a })))
    expect(types(result.batches[0]!.table)).toEqual(columns)
    expect(rows(result).items).toEqual(expected)
  })

  it('remembers across pages that integers were large', () => {
    const items = normalizer()
    page(items, [{ a: 9007199254740993n }])
    const second = page(items, [{ a: 1.5 }])
    expect(second.batches[0]!.table.columns[2]).toEqual({ name: 'a', type: 'decimal', path: ['a'] })
    expect(rows(second).items).toEqual([{ a: '1.5' }])
  })

  it('types the values of a list of scalars like any column', () => {
    const result = normalize([{ l: [1, 'x', 1.5, true] }])
    expect(types(result.batches[1]!.table)).toEqual({
      value: 'double',
      value__v_text: 'text',
      value__v_bool: 'bool',
    })
  })
})

describe('columns', () => {
  it('converts to a declared type, and puts what does not convert into a variant', () => {
    const columns = {
      n: { ...column, type: 'bigint' },
      d: { ...column, type: 'decimal' },
      t: { ...column, type: 'text' },
      j: { ...column, type: 'json' },
    } as const
    const records = [
      { n: '5', d: '12.50', t: 5, j: '{"a": 1}' },
      { n: 'five', d: 3, t: { a: [1] }, j: 'plain' },
      { n: 1.5, d: 'x', t: [1], j: [] },
    ]
    const result = normalize(records, { columns })
    expect(rows(result).items).toEqual([
      { n: 5, d: '12.50', t: '5', j: '{"a":1}' },
      { n__v_text: 'five', d: '3', t: '{"a":[1]}', j: '"plain"' },
      { n__v_double: 1.5, d__v_text: 'x', t: '[1]', j: '[]' },
    ])
  })

  it('flattens objects and lists in a column declared otherwise', () => {
    const columns = { a: { ...column, type: 'bigint' } } as const
    const result = normalize([{ a: { b: 1 } }, { a: [1] }, { a: 2 }], { columns })
    expect(rows(result)).toEqual({ items: [{ a__b: 1 }, {}, { a: 2 }], items__a: [{ value: 1 }] })
  })

  it('hashes or drops personal data at any depth, whatever its shape', () => {
    const columns = {
      email: { ...column, pii: 'hash' },
      'contacts.emails.email': { ...column, pii: 'hash' },
      'contacts[].phones': { ...column, pii: 'drop' },
      'custom.cf_ssn': { ...column, pii: 'drop' },
      address: { ...column, pii: 'hash' },
      tags: { ...column, pii: 'hash' },
      n: { ...column, pii: 'hash', type: 'bigint' },
    } as const
    const records = [
      {
        email: 'a@b.example',
        contacts: [{ emails: [{ email: '2024-01-02' }], phones: [{ phone: '1' }], x: 1 }],
        'custom.cf_ssn': 'secret',
        custom: { cf_ssn: ['secret'], y: 1 },
        address: { zip: '1' },
        tags: ['x'],
        n: 5,
      },
      { email: 5, address: [{ zip: '1' }, 2], tags: 'x' },
    ]
    const result = normalize(records, { columns })
    expect(rows(result)).toEqual({
      items: [
        {
          email: sha256('a@b.example'),
          custom__y: 1,
          address: sha256('{"zip":"1"}'),
          tags: sha256('["x"]'),
          n: sha256('5'),
        },
        { email: sha256('5'), address: sha256('[{"zip":"1"},2]'), tags: sha256('x') },
      ],
      items__contacts: [{ x: 1 }],
      items__contacts__emails: [{ email: sha256('2024-01-02') }],
    })
    expect(JSON.stringify(result.batches)).not.toMatch(/secret|phone|ssn/)
  })
})
