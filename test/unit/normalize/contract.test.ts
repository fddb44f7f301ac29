import { describe, expect, it } from 'vitest'
import type { SchemaContract } from '../../../src/normalize/config.ts'
import type { Normalizer } from '../../../src/normalize/normalizer.ts'
import { normalize, normalizer, page, rows } from './harness.ts'

const EVOLVE: SchemaContract = { tables: 'evolve', columns: 'evolve', data_type: 'evolve' }

/** A normalizer for a table that an earlier run made from `{ a: 1, l: [{ b: 1 }] }`. */
function established(contract: Partial<SchemaContract>): Normalizer {
  const first = normalizer()
  page(first, [{ a: 1, l: [{ b: 1 }] }])
  return normalizer({ known: first.schema, contract: { ...EVOLVE, ...contract } })
}

const NEW_TABLE = { a: 2, m: [{ x: 1 }], l: [{ b: 2 }] }
const NEW_COLUMN = { a: 2, c: 'new', l: [{ b: 2 }] }
const NEW_CHILD_COLUMN = { a: 2, l: [{ b: 2, d: 'new' }] }
const VARIANT = { a: 'x', l: [{ b: 2 }] }
const WIDER = { a: 1.5, l: [{ b: 2 }] }
const KNOWN = { a: 3, l: [{ b: 3 }] }

describe.each([
  ['tables', 'a new table', NEW_TABLE, 'items__m', { a: 2 }],
  ['columns', 'a new column', NEW_COLUMN, '"c"', { a: 2 }],
  ['columns', 'a new column of a child table', NEW_CHILD_COLUMN, '"d"', { a: 2 }],
  ['data_type', 'a value that does not fit', VARIANT, '"a"', {}],
  ['data_type', 'a wider number', WIDER, '"a"', {}],
] as const)('%s: %s', (kind, _, record, subject, withoutValue) => {
  const known = { items: [{ a: 3 }], items__l: [{ b: 3 }] }

  it('evolve lets it in', () => {
    const result = page(established({ [kind]: 'evolve' }), [record])
    expect(result.changes).not.toEqual([])
    expect(result.rejects).toEqual([])
  })

  it('discard_value loads the record without it', () => {
    const items = established({ [kind]: 'discard_value' })
    const result = page(items, [record, KNOWN])
    expect(rows(result)).toEqual({
      items: [withoutValue, { a: 3 }],
      items__l: [{ b: 2 }, { b: 3 }],
    })
    expect(result.changes).toEqual([])
    expect(result.rejects).toEqual([])
  })

  it('discard_row rejects the whole record and leaves no trace of it', () => {
    const items = established({ [kind]: 'discard_row' })
    const before = items.schema
    const result = page(items, [KNOWN, record, KNOWN])
    expect(rows(result)).toEqual({ items: [{ a: 3 }, { a: 3 }], items__l: [{ b: 3 }, { b: 3 }] })
    expect(result.changes).toEqual([])
    expect(result.rejects).toMatchObject([{ reason: expect.stringContaining(subject), record }])
    expect(items.schema).toEqual(before)
  })

  it('freeze fails, saying what would change', () => {
    const items = established({ [kind]: 'freeze' })
    const before = items.schema
    expect(() => page(items, [KNOWN, record])).toThrow(
      expect.objectContaining({
        code: 'SCHEMA_FROZEN',
        message: expect.stringMatching(new RegExp(`^items: .*${subject}`)),
        hint: expect.stringContaining(`schema_contract.${kind}`),
      }),
    )
    expect(items.schema).toEqual(before)
  })

  it('does not mind what is known', () => {
    const contract = { tables: 'freeze', columns: 'freeze', data_type: 'freeze' } as const
    expect(rows(page(established(contract), [KNOWN]))).toEqual(known)
  })
})

describe('a new endpoint', () => {
  it('may have its first tables, columns and number types under freeze', () => {
    const contract = { tables: 'freeze', columns: 'freeze', data_type: 'freeze' } as const
    const items = normalizer({ contract })
    page(items, [{ a: 1, l: [{ b: 1 }] }])
    const second = page(items, [{ a: 1.5, c: 1, l: [{ d: 1 }], m: [1] }])
    expect(rows(second)).toEqual({
      items: [{ a: 1.5, c: 1 }],
      items__l: [{ d: 1 }],
      items__m: [{ value: 1 }],
    })
    expect(() => page(items, [{ a: 'x' }])).toThrow(
      expect.objectContaining({ code: 'SCHEMA_FROZEN' }),
    )
  })

  it('leaves out child tables that the contract discards', () => {
    const contract = { ...EVOLVE, tables: 'discard_value' } as const
    expect(rows(normalize([{ a: 1, l: [1] }], { contract }))).toEqual({ items: [{ a: 1 }] })
  })

  it('may add columns to a child table that is new in this run', () => {
    const items = established({ columns: 'freeze' })
    expect(
      rows(
        page(items, [
          { a: 1, m: [{ x: 1 }] },
          { a: 1, m: [{ y: 1 }] },
        ]),
      ),
    ).toEqual({
      items: [{ a: 1 }, { a: 1 }],
      items__m: [{ x: 1 }, { y: 1 }],
    })
  })
})

it('lets in columns that have been declared since', () => {
  const first = normalizer()
  page(first, [{ a: 1 }])
  const items = normalizer({
    known: first.schema,
    columns: { c: { type: 'text', nullable: true } },
    contract: { tables: 'freeze', columns: 'freeze', data_type: 'freeze' },
  })
  expect(rows(page(items, [{ a: 1, c: 'x' }])).items).toEqual([{ a: 1, c: 'x' }])
})

it('does not count a change that a rejected record brought before its fault', () => {
  const items = normalizer({
    primaryKey: ['id'],
    keyed: true,
    contract: { ...EVOLVE, data_type: 'discard_row' },
  })
  const first = page(items, [{ id: 1, a: 1, b: true }])
  expect(first.changes.map(({ column }) => column)).toEqual([null, 'id', 'a', 'b'])
  const bad = { id: 2, a: 1.5, c: 1, l: [{ d: 1, e: { f: 9007199254740993n } }], b: 'x' }
  const second = page(items, [bad, { id: 3, a: 2, c: 'text' }])
  expect(second.rejects).toMatchObject([{ reason: expect.stringContaining('"b"'), record: bad }])
  expect(second.changes).toEqual([{ table: 'items', column: 'c', change: 'added', type: 'text' }])
  expect(rows(second)).toEqual({ items: [{ id: 3, a: 2, c: 'text' }] })
  expect(items.schema.tables).toHaveLength(1)
})
