import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson, type JsonRecord } from '../../../src/core/json.ts'
import { toCell } from '../../../src/normalize/coerce.ts'
import type { NormalizerOptions } from '../../../src/normalize/normalizer.ts'
import type { Cell, DataType, EndpointSchema } from '../../../src/normalize/types.ts'
import { idsOf, normalize, normalizer, page, rows, types } from './harness.ts'

const keyed = { primaryKey: ['id'], keyed: true }

function fixture(name: string): unknown {
  return parseJson(readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8')).value
}

/** Row ids of the endpoint's own table. */
function ids(records: readonly unknown[], options: Partial<NormalizerOptions> = {}): Cell[] {
  return idsOf(normalize(records, options), options.tableName ?? 'items')
}

describe('row ids', () => {
  it('of keyed records depend on the key alone', () => {
    const [a, b] = ids([{ id: 1, x: 1 }, { id: 2 }], keyed)
    expect(a).not.toBe(b)
    expect(ids([{ y: 1, id: 2 }, { id: 1 }], keyed)).toEqual([b, a])
    expect(ids([{ id: 1, x: 1 }], { ...keyed, endpoint: 'other' })).toEqual([a])
  })

  it('are those of the cells, not of how a value was spelled', () => {
    const bigint = { columns: { id: { type: 'bigint', nullable: true } } } as const
    const [number, text] = ids([{ id: 5 }, { id: '5' }], { ...keyed, ...bigint })
    expect(number).toBe(text)
    const times = ['2024-01-01T00:00:00Z', '2024-01-01T01:00:00+01:00'].map((id) => ({ id }))
    const [z, plusOne] = ids(times, keyed)
    expect(z).toBe(plusOne)
    const widened = ids([{ id: 5 }, { id: 2n ** 70n }, { id: 5 }], keyed)
    expect(widened[0]).toBe(widened[2])
    expect(widened[0]).toBe(number)
  })

  it('stay the same when a key does not fit its column or is not stored', () => {
    expect(ids([{ id: 1 }, { id: 'x' }], keyed)[1]).toBe(ids([{ id: 'x' }], keyed)[0])
    const dropped = { columns: { id: { pii: 'drop', nullable: true } } } as const
    expect(ids([{ id: 'x' }], { ...keyed, ...dropped })).toEqual(ids([{ id: 'x' }], keyed))
  })

  it('tell apart composite keys, nested and literal', () => {
    const options = { keyed: true, primaryKey: ['org.id', 'id'] }
    const records = [
      { org: { id: 'a' }, id: 'bc' },
      { org: { id: 'ab' }, id: 'c' },
      { 'org.id': 'a', id: 'bc' },
    ]
    const [a, b, literal] = ids(records, options)
    expect(a).not.toBe(b)
    expect(literal).toBe(a)
  })

  it('of records without a key depend on load, endpoint and position in the run', () => {
    const items = normalizer()
    const one = page(items, [{ a: 1 }, { a: 1 }]).batches[0]!.rows.map(([id]) => id)
    const two = page(items, [{ a: 1 }], 2).batches[0]!.rows.map(([id]) => id)
    expect(ids([{ a: 1 }, { a: 1 }, { b: 1 }])).toEqual([...one, ...two])
    expect(new Set([...one, ...two]).size).toBe(3)
    expect(ids([{ a: 1 }], { endpoint: 'other' })[0]).not.toBe(one[0])
    expect(ids([{ id: 1 }, { id: 1 }], { primaryKey: ['id'] })).toEqual(one)
  })

  it('of list items are the same on every run, and differ by parent, list and position', () => {
    const records = [
      { id: 1, l: [1, 1], m: [1] },
      { id: 2, l: [1] },
    ]
    const childIds = (): Cell[] =>
      normalize(records, keyed)
        .batches.slice(1)
        .flatMap(({ rows }) => rows.map((row) => row[0]!))
    expect(childIds()).toEqual(childIds())
    expect(new Set(childIds()).size).toBe(4)
  })
})

describe('rejects', () => {
  it('are kept without what is declared pii', () => {
    const columns = {
      email: { pii: 'hash', nullable: true },
      'contacts.phone': { pii: 'drop', nullable: true },
    } as const
    const record = { email: 'a@b.example', v: 1, contacts: [{ phone: '0012', type: 'office' }] }
    const { rejects } = normalize([record], { ...keyed, columns })
    expect(rejects[0]!.record).toEqual({ v: 1, contacts: [{ type: 'office' }] })
  })

  it.each<[unknown, string]>([
    [{ l: [1], a: 1 }, 'primary key field "id" is missing'],
    [{ id: null, l: [1] }, 'primary key field "id" is null'],
    [{ id: {} }, 'primary key field "id" is an object'],
    [{ id: { a: 1 } }, 'primary key field "id" is an object'],
    [{ id: [1] }, 'primary key field "id" is a list'],
  ])('%j: %s', (record, reason) => {
    const items = normalizer(keyed)
    const result = page(items, [record, { id: 0 }, { id: '' }])
    expect(result.rejects).toMatchObject([{ reason, record }])
    expect(rows(result)).toEqual({ items: [{ id: 0 }, { id__v_text: '' }] })
    expect(types(items.schema.tables[0])).toEqual({ id: 'bigint', id__v_text: 'text' })
  })

  it('leave no table behind when nothing else came', () => {
    const items = normalizer(keyed)
    const result = page(items, [{ a: 1, l: [{ b: [1] }] }])
    expect([result.batches, result.changes, items.schema.tables]).toEqual([[], [], []])
    expect(rows(page(items, [{ id: 1, a: 'x', l: [2] }]))).toEqual({
      items: [{ id: 1, a: 'x' }],
      items__l: [{ value: 2 }],
    })
  })

  it('take back widening and rows of lists', () => {
    const items = normalizer(keyed)
    const result = page(items, [
      { id: 1, a: 1, l: [{ b: 1 }] },
      { a: 1.5, l: [{ b: 2n ** 70n }, { c: [1] }] },
      { id: 2, a: 2, l: [{ b: 2 }] },
    ])
    expect(result.rejects).toHaveLength(1)
    expect(rows(result)).toEqual({
      items: [
        { id: 1, a: 1 },
        { id: 2, a: 2 },
      ],
      items__l: [{ b: 1 }, { b: 2 }],
    })
    expect(items.schema.tables.map(types)).toEqual([{ id: 'bigint', a: 'bigint' }, { b: 'bigint' }])
  })

  it('are records without a value where one is required', () => {
    const columns = {
      name: { nullable: false },
      'l.x': { nullable: false },
      'o.p': { nullable: false },
    }
    const good = { name: '', l: [{ x: 0 }, { x: false }], o: { p: 1 } }
    const bad = [
      { ...good, name: null },
      { l: good.l, o: good.o },
      { ...good, l: [{ x: 1 }, {}] },
      { ...good, o: {} },
      { ...good, o: null },
    ]
    const result = normalize([...bad, good, { ...good, l: [], o: null, 'o.p': 1 }], { columns })
    expect(result.rejects.map(({ record }) => record)).toEqual(bad)
    expect(result.rejects.map(({ reason }) => reason)).toEqual(
      ['name', 'name', 'l.x', 'o.p', 'o.p'].map((path) => `field "${path}" must have a value`),
    )
    expect(result.batches[0]!.rows).toHaveLength(2)
  })
})

it('keeps records of one page with the same key in their order, each version in batches of its own', () => {
  const result = normalize(
    [
      { id: 1, v: 1, l: ['a', 'b'] },
      { id: 2, v: 1, l: ['z'] },
      { id: 1, v: 2n ** 70n, l: ['c'] },
    ],
    keyed,
  )
  expect(rows(result).items).toEqual([
    { id: 1, v: '1' },
    { id: 2, v: '1' },
    { id: 1, v: '1180591620717411303424' },
  ])
  expect(result.batches.map(({ table, rows }) => [table.name, rows.length])).toEqual([
    ['items', 2],
    ['items__l', 3],
    ['items', 1],
    ['items__l', 1],
  ])
  expect(new Set(result.batches.flatMap(({ table }) => types(table).v ?? []))).toEqual(
    new Set(['decimal']),
  )
})

it('gives the same schema and rows however records are split into pages', () => {
  const scalar = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 66n }),
    fc.boolean(),
    fc.constantFrom(null, 'x', '', '2024-01-02', '2024-01-02T03:04:05Z'),
  )
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      scalar,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c', 'A'), tie('value'), { maxKeys: 3 }),
    ),
  })).value
  const record = fc.record({
    id: fc.oneof({ weight: 5, arbitrary: fc.nat(9) }, { weight: 1, arbitrary: fc.constant(null) }),
    a: value,
    b: value,
    c: value,
  })
  const options = fc.record({
    keyed: fc.boolean(),
    primaryKey: fc.constant(['id']),
    maxNesting: fc.nat(4),
    jsonColumns: fc.constantFrom<string[]>([], ['a.b']),
    columns: fc.constantFrom<NormalizerOptions['columns']>(
      {},
      { c: { type: 'decimal', nullable: true }, d: { type: 'text', nullable: true } },
      { b: { nullable: false } },
    ),
  })
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 }),
      options,
      (records, sizes, options) => {
        const whole = inPages(records, [records.length], options)
        expect(inPages(records, sizes, options)).toEqual(whole)
        for (const [table, rows] of Object.entries(whole.rows)) {
          const { columns } = whole.schema.tables.find(({ name }) => name === table)!
          for (const row of rows) {
            expect(row.filter((cell, i) => !isCellOf(columns[i]!.type, cell))).toEqual([])
          }
        }
      },
    ),
    { numRuns: 300 },
  )
})

/** Everything that pages of the given sizes give, with early cells in the types of the final schema. */
function inPages(
  records: readonly unknown[],
  sizes: readonly number[],
  options: Partial<NormalizerOptions>,
): {
  schema: EndpointSchema
  rows: Record<string, Cell[][]>
  changes: object[]
  rejects: object[]
} {
  const items = normalizer(options)
  const rows: Record<string, Cell[][]> = {}
  const changes: object[] = []
  const rejects: object[] = []
  for (let at = 0, i = 0; at < records.length; at += sizes[i++ % sizes.length]!) {
    const result = page(items, records.slice(at, at + sizes[i % sizes.length]!), at)
    changes.push(...result.changes)
    rejects.push(...result.rejects)
    for (const { table, rows: added } of result.batches) (rows[table.name] ??= []).push(...added)
  }
  const { schema } = items
  for (const { name, columns } of schema.tables) {
    rows[name] = rows[name]!.map((row) =>
      columns.map(({ type }, i) => {
        const cell = row[i] ?? null
        return cell !== null && type === 'decimal' ? toCell(cell, type) : cell
      }),
    )
  }
  return { schema, rows, changes, rejects }
}

const IS_VALID: Record<DataType, (cell: Cell) => boolean> = {
  text: (cell) => typeof cell === 'string',
  bigint: (cell) =>
    Number.isSafeInteger(cell) || (typeof cell === 'bigint' && BigInt.asIntN(64, cell) === cell),
  decimal: (cell) => typeof cell === 'string' && /^-?\d+(\.\d+)?$/.test(cell),
  double: (cell) => typeof cell === 'number' && Number.isFinite(cell),
  bool: (cell) => typeof cell === 'boolean',
  timestamp: (cell) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(String(cell)),
  date: (cell) => /^\d{4}-\d\d-\d\d$/.test(String(cell)),
  json: (cell) => typeof cell === 'string' && parseJson(cell).nulsRemoved === 0,
}

function isCellOf(type: DataType, cell: Cell): boolean {
  return cell === null || IS_VALID[type](cell)
}

describe('real leads', () => {
  it('of today: custom fields, nested contacts and a lead of another alphabet', () => {
    const items = normalizer({ ...keyed, tableName: 'leads', cursorPath: 'date_updated' })
    const result = page(items, fixture('close-leads.json') as JsonRecord[])
    expect(result.rejects).toEqual([])
    expect(result.changes.filter(({ change }) => change !== 'added')).not.toContainEqual(
      expect.objectContaining({ change: 'renamed' }),
    )
    const data = rows(result)
    expect(
      Object.fromEntries(Object.entries(data).map(([name, rows]) => [name, rows.length])),
    ).toEqual({
      leads: 2,
      leads__addresses: 1,
      leads__contacts: 1,
      leads__opportunities: 1,
      leads__tasks: 1,
      leads__custom__tags_v2_0: 2,
      leads__contacts__emails: 2,
      leads__contacts__phones: 1,
      leads__contacts__urls: 1,
      leads__contacts__integration_links: 1,
      [Object.keys(data).find((name) => name.includes('custom_cf'))!]: 2,
    })
    expect(data.leads![0]).toMatchObject({
      name: 'Northwind "Trading", GmbH',
      custom__tier: 'Gold',
      custom__seats: 42,
      date_updated: '2025-06-01T10:00:00.250000Z',
    })
    expect(data.leads![1]).toMatchObject({ name: '株式会社ミナト', custom__renewal: '2026-01-15' })
    expect(data.leads__tasks![0]).toMatchObject({ date: '2025-06-03', is_complete: false })
    expect(data.leads__addresses![0]!.zipcode).toBe('10119')
    const [table] = items.schema.tables
    expect([table!.primaryKey, table!.cursor]).toEqual([['id'], 'date_updated'])
    for (const { columns } of items.schema.tables) {
      for (const { name } of columns) expect(name).toMatch(/^[a-z_][a-z0-9_]{0,62}$/)
    }
  })

  it('of 2012, as recorded', () => {
    const lead = fixture('recorded-lead.json') as JsonRecord
    const result = normalize([lead], { ...keyed, tableName: 'leads' })
    const data = rows(result)
    expect(Object.keys(data)).toEqual([
      'leads',
      'leads__activities',
      'leads__contacts',
      'leads__contacts__phones',
    ])
    expect(data.leads__activities).toHaveLength(10)
    expect(data.leads__activities![0]).toMatchObject({
      duration: 65,
      date_created: '2012-09-04T20:56:22.718000Z',
      phone: '+17632225552',
      is_new: false,
    })
    expect(data.leads__contacts__phones).toEqual([
      { phone: '+17632225552', phone_formatted: '+1 763-222-5552', type: 'office' },
    ])
  })
})

describe('the id of a record by its key', () => {
  const KEYED = { primaryKey: ['ref.id', 'kind'], keyed: true }

  it('is that of its row, whatever else it holds, before and after it was loaded', () => {
    const record = { ref: { id: 9007199254740993n, other: [1] }, kind: 'a', list: [{ x: 1 }] }
    const into = normalizer(KEYED)
    const before = into.idOf({ ref: { id: 9007199254740993n }, kind: 'a' })
    expect(into.schema.tables).toEqual([])
    const [id] = idsOf(page(into, [record]), 'items')
    expect([before, into.idOf(record)]).toEqual([id, id])
    expect(into.idOf({ 'ref.id': 9007199254740993n, kind: 'a' })).toBe(id)
  })

  it('is null without the whole key, or without a key at all', () => {
    expect(normalizer(KEYED).idOf({ kind: 'a' })).toBeNull()
    expect(normalizer(KEYED).idOf({ ref: { id: null }, kind: 'a' })).toBeNull()
    expect(normalizer().idOf({ id: 1 })).toBeNull()
  })

  it('is that of a key that is stored as a hash', () => {
    const into = normalizer({
      primaryKey: ['id'],
      keyed: true,
      columns: { id: { nullable: true, pii: 'hash' } },
    })
    const [id] = idsOf(page(into, [{ id: 'secret' }]), 'items')
    expect(into.idOf({ id: 'secret' })).toBe(id)
  })

  it('comes with a record that is rejected, and leaves the schema as it was', () => {
    const contract = { tables: 'evolve', columns: 'discard_row', data_type: 'evolve' } as const
    const first = normalizer({ primaryKey: ['id'], keyed: true })
    const [id] = idsOf(page(first, [{ id: 1 }]), 'items')
    const into = normalizer({ primaryKey: ['id'], keyed: true, contract, known: first.schema })
    const { rejects, changes } = page(into, [{ id: 1, extra: 2 }])
    expect(rejects).toMatchObject([{ id }])
    expect(changes).toEqual([])
    expect(into.schema).toEqual(first.schema)
  })
})

describe('the mark of a row that is gone', () => {
  const marked = { primaryKey: ['id'], keyed: true, marksDeleted: true }
  const columns = (into: ReturnType<typeof normalizer>) =>
    into.schema.tables[0]!.columns.map(({ name }) => name)

  it('has a column from the beginning, or is given one later, which is then a change', () => {
    const into = normalizer(marked)
    expect(page(into, [{ id: 1 }]).changes).not.toContainEqual(
      expect.objectContaining({ column: '_sluice_deleted_at' }),
    )
    expect(columns(into)).toEqual(['_dlt_id', '_dlt_load_id', '_sluice_deleted_at', 'id'])
    const plain = normalizer({ primaryKey: ['id'], keyed: true })
    page(plain, [{ id: 1 }])
    const later = normalizer({ ...marked, known: plain.schema })
    const { changes, batches } = page(later, [{ id: 2, name: 'x' }])
    expect(changes).toContainEqual(
      expect.objectContaining({ column: '_sluice_deleted_at', type: 'timestamp' }),
    )
    expect(columns(later)).toEqual(['_dlt_id', '_dlt_load_id', 'id', '_sluice_deleted_at', 'name'])
    expect(batches[0]!.rows[0]![3]).toBeNull()
    // Once it is there, it stays, and is news no more.
    expect(page(normalizer({ ...marked, known: later.schema }), [{ id: 3 }]).changes).toEqual([])
  })
})

it('hands out one schema until it grows, and leaves alone what it has handed out', () => {
  const items = normalizer()
  page(items, [{ id: 1 }])
  const { schema } = items
  page(items, [{ id: 2 }])
  expect(items.schema).toBe(schema)
  page(items, [{ id: 3, tags: ['a'] }])
  const grown = items.schema
  page(items, [{ id: 0.5 }])
  expect([schema, grown, items.schema].map(({ tables }) => tables.map(types))).toEqual([
    [{ id: 'bigint' }],
    [{ id: 'bigint' }, { value: 'text' }],
    [{ id: 'double' }, { value: 'text' }],
  ])
})
