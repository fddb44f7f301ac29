import { describe, expect, it } from 'vitest'
import type { NormalizerOptions } from '../../../src/normalize/normalizer.ts'
import type { EndpointSchema } from '../../../src/normalize/types.ts'
import { normalizer, page, rows, types } from './harness.ts'

const RECORDS = [
  { id: 1, userName: 1, user_name: 'x', big: 9007199254740993n, o: { p: { q: true } } },
  { id: 2, o: { p: { q: 'maybe' }, l: [{ '': 1, 日本: [['x']] }] }, a: [1, 'x', { b: 1 }] },
  { id: 3, a: ['x', 5], updated: '2024-01-01T00:00:00Z', t: [1, true] },
]

/** The schema that a run leaves, as the next one reads it. */
function stored(
  records: readonly unknown[],
  options: Partial<NormalizerOptions> = {},
): EndpointSchema {
  const run = normalizer(options)
  page(run, records)
  return JSON.parse(JSON.stringify(run.schema)) as EndpointSchema
}

describe('a schema of an earlier run', () => {
  it('is restored exactly', () => {
    const options = { primaryKey: ['id'], keyed: true, cursorPath: 'updated', description: 'x' }
    const known = stored(RECORDS, options)
    const next = normalizer({ ...options, known })
    expect(next.schema).toEqual(known)
    const result = page(next, RECORDS.toReversed())
    expect(result.changes).toEqual([])
    expect(next.schema).toEqual(known)
  })

  it('gives every key the column it had, whatever comes first now', () => {
    const known = stored([{ userName: 1, user_name: 'x' }])
    const result = page(normalizer({ known }), [{ user_name: 'y' }, { userName: 2 }])
    const renamed = known.tables[0]!.columns[3]!.name
    expect(rows(result).items).toEqual([{ [renamed]: 'y' }, { user_name: 2 }])
  })

  it('still widens integers that were large to decimal', () => {
    const known = stored([{ a: 9007199254740993n }])
    expect(rows(page(normalizer({ known }), [{ a: 1.5 }])).items).toEqual([{ a: '1.5' }])
  })

  it('is not changed by the run that reads it', () => {
    const known = stored(RECORDS)
    const before = structuredClone(known)
    page(normalizer({ known }), [{ id: 1.5, brand: 'new', o: { l: [{ y: 1 }] } }])
    expect(known).toEqual(before)
  })

  it('follows a type that has been declared since, where that loses nothing', () => {
    const known = stored([{ a: 1, b: 1, c: 'x' }])
    const columns = {
      a: { type: 'decimal', nullable: true },
      b: { type: 'bigint', nullable: true },
      c: { type: 'bigint', nullable: true },
    } as const
    const next = normalizer({ known, columns })
    const result = page(next, [{ a: '1.50', b: '7', c: '8' }])
    expect(types(next.schema.tables[0])).toEqual({ a: 'decimal', b: 'bigint', c: 'text' })
    expect(rows(result).items).toEqual([{ a: '1.50', b: 7, c: '8' }])
    expect(result.changes).toEqual([
      { table: 'items', column: 'a', change: 'widened', type: 'decimal', from: 'bigint' },
    ])
  })

  it('takes key and cursor from the configuration of today', () => {
    const known = stored([{ id: 1, code: 'x', updated: '2024-01-01' }], { primaryKey: ['id'] })
    const [table] = normalizer({ known, primaryKey: ['code'], cursorPath: 'updated' }).schema.tables
    expect([table!.primaryKey, table!.cursor]).toEqual([['code'], 'updated'])
  })
})
