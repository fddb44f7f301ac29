import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EndpointSchema } from '../../../src/normalize/types.ts'
import { normalize, normalizer, page, rows, types } from './harness.ts'

const names = ({ tables }: EndpointSchema): string[][] =>
  tables.map(({ name, columns }) => [name, ...columns.map(({ name }) => name)])

describe('collisions', () => {
  it('the key that was there first keeps the name; the other gets a suffix of its spelling', () => {
    const result = normalize([{ userName: 1, user_name: 'x', 'User-Name': 2 }])
    const [, , first, second, third] = result.batches[0]!.table.columns
    expect(first).toEqual({ name: 'user_name', type: 'bigint', path: ['userName'] })
    expect(second!.name).toMatch(/^user_name_[a-z0-9]{6}$/)
    expect(third!.name).toMatch(/^user_name_[a-z0-9]{6}$/)
    expect(result.batches[0]!.rows[0]!.slice(2)).toEqual([1, 'x', 2])
    expect(result.changes.filter(({ change }) => change === 'renamed')).toEqual([
      { table: 'items', column: second!.name, change: 'renamed', type: 'text', from: 'user_name' },
      { table: 'items', column: third!.name, change: 'renamed', type: 'bigint', from: 'User-Name' },
    ])
  })

  it('a suffix depends on the spelling, not on what else there is', () => {
    const nameOf = (record: object): string =>
      normalize([record]).batches[0]!.table.columns.at(-1)!.name
    expect(nameOf({ 日本: 1, 日文: 2 })).toBe(nameOf({ $: 1, é: 1, 日文: 2 }))
  })

  it.each([
    [{ a: { b: 1 }, a__b: 2 }],
    [{ a__b: 1, a: { b: 2 } }],
    [{ 'custom.cf': 1, custom_cf: 2 }],
    [{ a: true, a__v_text: 1 }],
    [{ '': 1, _empty: 2 }],
  ])('%j keeps both', (record) => {
    const { batches } = normalize([record])
    const columns = batches[0]!.table.columns.map(({ name }) => name)
    expect(new Set(columns).size).toBe(4)
    expect(batches[0]!.rows[0]).toHaveLength(4)
  })

  it('a variant steps aside for a key that has its name', () => {
    const result = normalize([{ a: 1, a__v_text: 'key' }, { a: 'misfit' }])
    const { columns } = result.batches[0]!.table
    expect(columns.at(-1)).toMatchObject({ type: 'text', variantOf: 'a' })
    expect(columns.at(-1)!.name).toMatch(/^a__v_text_[a-z0-9]{6}$/)
  })

  it.each([
    '_dlt_id',
    '_dlt_load_id',
    '_dlt_parent_id',
    '_dlt_list_idx',
    '_dlt_root_id',
    '_dlt_valid_to',
    '_sluice_deleted_at',
    'xmin',
    'ctid',
    'tableoid',
  ])('%s is never the column of a key', (key) => {
    const result = normalize([{ [key]: 'mine', l: [{ [key]: 'mine' }] }])
    for (const { table, rows } of result.batches) {
      expect(table.columns.at(-1)!.name).toMatch(new RegExp(`^${key}_[a-z0-9]{6}$`))
      expect(rows[0]!.at(-1)).toBe('mine')
    }
    expect(result.changes.filter(({ change }) => change === 'renamed')).toHaveLength(2)
  })

  it('two lists never share a table, nor any with another endpoint', () => {
    const takenTables = new Set(['items__l', 'Items__M'])
    const result = normalize([{ l: [1], L: [2], m: [3] }], { takenTables })
    const tables = result.batches.map(({ table }) => table.name)
    expect(new Set(tables).size).toBe(4)
    expect(tables[1]).toMatch(/^items__l_[a-z0-9]{6}$/)
    expect(tables[2]).toMatch(/^items__l_[a-z0-9]{6}$/)
    expect(tables[3]).toMatch(/^items__m_[a-z0-9]{6}$/)
    const renamed = result.changes.filter(({ change }) => change === 'renamed')
    expect(renamed.map(({ table, from }) => [table, from])).toEqual([
      [tables[1], 'l'],
      [tables[2], 'L'],
      [tables[3], 'm'],
    ])
  })

  it.each([
    ['_dlt_loads', /^x_dlt_loads$/],
    ['_sluice_runs', /^x_sluice_runs$/],
    ['sqlite_sequence', /^xsqlite_sequence$/],
    ['other', /^other_[a-z0-9]{6}$/],
  ])('an endpoint is not given the table %s, which is not its own', (tableName, name) => {
    const result = normalize([{ a: 1 }], { tableName, takenTables: new Set(['other']) })
    expect(result.batches[0]!.table.name).toMatch(name)
    expect(result.changes).toContainEqual(
      expect.objectContaining({ column: null, change: 'renamed', from: tableName }),
    )
  })

  it('any keys give valid, unique names, the same however records are split and runs follow', () => {
    const key = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 90 }),
      fc.constantFrom(
        '',
        '$',
        '日本',
        '日文',
        'a__b',
        'A',
        'a',
        '_dlt_id',
        '__proto__',
        'constructor',
      ),
    )
    const scalar = fc.oneof(fc.integer(), fc.constant('x'))
    const record = fc.dictionary(
      key,
      fc.oneof(
        scalar,
        fc.dictionary(key, scalar, { maxKeys: 3 }),
        fc.array(scalar, { maxLength: 2 }),
      ),
      { maxKeys: 6 },
    )
    const convention = fc.constantFrom('snake_case', 'direct')
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 5 }),
        convention,
        (records, naming) => {
          const whole = normalizer({ naming })
          page(whole, records)
          const paged = normalizer({ naming })
          for (const record of records) page(paged, [record])
          expect(paged.schema).toEqual(whole.schema)

          let known: EndpointSchema | null = null
          for (const record of records) {
            const run = normalizer({ naming, known })
            page(run, [record])
            known = JSON.parse(JSON.stringify(run.schema)) as EndpointSchema
          }
          expect(known).toEqual(whole.schema)

          for (const [table, ...columns] of names(whole.schema)) {
            for (const name of [table!, ...columns]) {
              expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63)
              expect(name).toMatch(naming === 'direct' ? /^[^\0]+$/ : /^[a-z_][a-z0-9_]*$/)
            }
            expect(new Set(columns.map((name) => name.toLowerCase())).size).toBe(columns.length)
          }
          const tables = names(whole.schema).map(([table]) => table!.toLowerCase())
          expect(new Set(tables).size).toBe(tables.length)
        },
      ),
    )
  })
})

describe('columns', () => {
  it('stand in the order of their first appearance, declared ones that did not appear after the first record', () => {
    const columns = {
      late: { type: 'date', nullable: true },
      b: { type: 'double', nullable: true },
      'o.x': { type: 'text', nullable: true },
      'custom.cf': { type: 'text', nullable: true },
      gone: { type: 'text', nullable: true, pii: 'drop' },
      described: { nullable: true, description: 'no type, so not created' },
    } as const
    const items = normalizer({ columns })
    const first = page(items, [{ a: 1, o: { y: 1 }, b: null }, { z: 1 }])
    expect(types(first.batches[0]!.table)).toEqual({
      a: 'bigint',
      o__y: 'bigint',
      o__x: 'text',
      late: 'date',
      b: 'double',
      z: 'bigint',
    })
    expect(Object.keys(types(first.batches[0]!.table))).toEqual('a o__y o__x late b z'.split(' '))
    expect(rows(first).items).toEqual([{ a: 1, o__y: 1 }, { z: 1 }])
    expect(
      rows(page(items, [{ 'custom.cf': 5, late: '2024-01-01T10:00:00Z', b: '1.5' }])).items,
    ).toEqual([{ custom_cf: '5', late: '2024-01-01', b: 1.5 }])
  })

  it('carry descriptions', () => {
    const columns = { a: { nullable: true, description: 'the first letter' } }
    const { table } = normalize([{ a: 1 }], { columns, description: 'Letters.' }).batches[0]!
    expect(table.description).toBe('Letters.')
    expect(table.columns[2]!.description).toBe('the first letter')
  })

  it('are handed out as they are now, and do not change with later pages', () => {
    const items = normalizer()
    const { table } = page(items, [{ a: 1 }]).batches[0]!
    const { schema } = items
    page(items, [{ a: 1.5, b: 1, l: [1] }])
    expect(types(table)).toEqual({ a: 'bigint' })
    expect(schema.tables).toEqual([table])
    expect(types(items.schema.tables[0])).toEqual({ a: 'double', b: 'bigint' })
  })
})

describe('changes', () => {
  it('name what each page added', () => {
    const items = normalizer()
    expect(page(items, [{ a: 1, l: [1.5] }]).changes).toEqual([
      { table: 'items', column: null, change: 'added', type: null },
      { table: 'items', column: 'a', change: 'added', type: 'bigint' },
      { table: 'items__l', column: null, change: 'added', type: null },
      { table: 'items__l', column: 'value', change: 'added', type: 'double' },
    ])
    expect(page(items, [{ a: 2, l: [1] }]).changes).toEqual([])
    expect(page(items, [{ a: 1.5 }, { a: 2n ** 60n }, { a: true }]).changes).toEqual([
      { table: 'items', column: 'a', change: 'widened', type: 'double', from: 'bigint' },
      { table: 'items', column: 'a', change: 'widened', type: 'decimal', from: 'double' },
      { table: 'items', column: 'a__v_bool', change: 'added', type: 'bool' },
    ])
  })

  it('are none without records', () => {
    const items = normalizer()
    expect(page(items, [])).toEqual({ batches: [], changes: [], rejects: [] })
    expect(items.schema).toEqual({ endpoint: 'items', tables: [] })
  })
})

describe('roles', () => {
  it('key and cursor are named once their columns exist', () => {
    const items = normalizer({ primaryKey: ['org.id', '$.id'], cursorPath: 'meta.updated' })
    const first = page(items, [{ id: 1 }]).batches[0]!.table
    expect([first.primaryKey, first.cursor]).toEqual([[], null])
    const second = page(items, [{ org: { id: 1 }, meta: { updated: '2024-01-01' } }])
    const { primaryKey, cursor } = second.batches[0]!.table
    expect([primaryKey, cursor]).toEqual([['org__id', 'id'], 'meta__updated'])
  })

  it('never fall on a child table', () => {
    const items = normalizer({ primaryKey: ['l.id'], cursorPath: 'l.updated' })
    page(items, [{ l: [{ id: 1, updated: '2024-01-01' }] }])
    for (const { primaryKey, cursor } of items.schema.tables) {
      expect([primaryKey, cursor]).toEqual([[], null])
    }
  })
})
