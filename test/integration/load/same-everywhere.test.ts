import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseJson } from '../../../src/core/json.ts'
import type { Cell } from '../../../src/normalize/types.ts'
import type { Load } from '../../../src/state/dataset.ts'
import { destinationTypes, openTestDataset } from '../../support/databases.ts'
import { dumpTables } from '../../support/dump.ts'
import {
  childRows,
  childTable,
  loadOf,
  rootRows,
  rootTable,
  schemaOf,
} from '../../support/loads.ts'

const deals = rootTable('deals', { id: 'bigint', at: 'timestamp', v: 'json' }, { cursor: 'at' })
const notes = childTable(deals, 'notes', { value: 'text' })
const schema = schemaOf(deals, notes)

const record = fc.record({
  id: fc.integer({ min: 1, max: 4 }),
  second: fc.integer({ min: 0, max: 9 }),
  v: fc.oneof(fc.constant(null), fc.json({ maxDepth: 2 })),
  notes: fc.array(fc.string({ unit: 'grapheme', maxLength: 6 }), { maxLength: 3 }),
})
/** A page has a key once, as pages of records that were normalized do. */
const page = fc.uniqueArray(record, { selector: ({ id }) => id, maxLength: 4 })
const load = fc.record({
  pages: fc.array(page, { minLength: 1, maxLength: 3 }),
  write: fc.constantFrom<Load['write']>('merge', 'stage'),
  publish: fc.constantFrom<Load['publish']>('none', 'none', 'replace', 'append'),
})

type TestLoad = typeof load extends fc.Arbitrary<infer T> ? T : never
type TestRecord = TestLoad['pages'][number][number]

function toLoad({ pages, write, publish }: TestLoad): Load {
  const batches = pages.flatMap((records) => {
    const rows = records.map(({ id, second, v }): Cell[] => [id, timestamp(second), v])
    const lists = records.flatMap(({ id, notes: values }) =>
      childRows(notes, id, ...values.map((value) => [value])),
    )
    return [[deals, rootRows('l', ...rows)] as const, [notes, lists] as const]
  })
  return loadOf(schema, batches, { write, publish })
}

function timestamp(second: number): string {
  return `2024-01-01T00:00:0${second}.000000Z`
}

/** What the loads should leave, by a table and a stage kept in memory. */
function expected(loads: readonly TestLoad[]): Map<number, TestRecord> {
  let table = new Map<number, TestRecord>()
  let stage = new Map<number, TestRecord>()
  for (const { pages, write, publish } of loads) {
    const target = write === 'stage' ? stage : table
    for (const each of pages.flat()) {
      const there = target.get(each.id)
      if (!there || each.second >= there.second) target.set(each.id, each)
    }
    if (publish === 'none') continue
    table = publish === 'replace' ? stage : new Map([...stage, ...table])
    stage = new Map()
  }
  return table
}

it('holds the same rows in every database, those of a table kept in memory, whatever the loads', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(load, { minLength: 1, maxLength: 5 }), async (loads) => {
      const wanted = [...expected(loads).values()]
      for (const type of destinationTypes) {
        await using test = await openTestDataset(type)
        for (const each of loads) await test.dataset.commit(toLoad(each))
        const dump = await dumpTables(test.dataset, { without: ['_dlt_load_id'] })
        const valueOf = (row: Record<string, unknown>) => row.value
        const read = (dump.deals ?? []).map(({ _dlt_id: id, ...row }) => ({
          ...row,
          notes: (dump.deals__notes ?? [])
            .filter((note) => note._dlt_root_id === id)
            .sort((a, b) => Number(a._dlt_list_idx) - Number(b._dlt_list_idx))
            .map(valueOf),
        }))
        const byId = new Map(read.map((row) => [(row as { id?: unknown }).id, row]))
        expect(dump.deals__notes ?? []).toHaveLength(wanted.flatMap((each) => each.notes).length)
        expect(byId).toEqual(
          new Map(
            wanted.map(({ id, second, v, notes }) => [
              id,
              { id, at: timestamp(second), v: v === null ? null : parseJson(v).value, notes },
            ]),
          ),
        )
      }
    }),
    { numRuns: 15, interruptAfterTimeLimit: 20_000 },
  )
})
