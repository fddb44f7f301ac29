import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../../../src/core/json.ts'
import { findMisfits } from '../../../src/run/misfits.ts'

const numbered = (count: number): JsonRecord[] => Array.from({ length: count }, (_, id) => ({ id }))

/** A database that refuses some records, and counts how often it is asked. */
function database(refuse: (records: readonly JsonRecord[]) => unknown) {
  let tries = 0
  return {
    tries: () => tries,
    findProblem: async (records: readonly JsonRecord[]) => {
      tries++
      const bad = refuse(records)
      return bad === undefined ? null : `no ${JSON.stringify(bad)}`
    },
  }
}

describe('the records that do not fit', () => {
  it('are found, each with its reason, in few tries', async () => {
    const { findProblem, tries } = database(
      (records) => records.find(({ id }) => id === 7 || id === 90)?.id,
    )
    const found = await findMisfits(numbered(100), findProblem)
    expect(found!.misfits).toEqual([
      { record: { id: 7 }, reason: 'the destination can not store it: no 7' },
      { record: { id: 90 }, reason: 'the destination can not store it: no 90' },
    ])
    expect(found!.kept).toHaveLength(98)
    expect(tries()).toBeLessThan(20)
  })

  it('are the later ones where two do not fit together', async () => {
    const both = (records: readonly JsonRecord[]) =>
      records.filter(({ id }) => id === 3 || id === 8).length === 2 ? 'both' : undefined
    const found = await findMisfits(numbered(10), database(both).findProblem)
    expect(found!.misfits.map(({ record }) => record.id)).toEqual([8])
  })

  it('are no answer where there are too many, or none', async () => {
    expect(await findMisfits(numbered(20), database(([first]) => first).findProblem)).toBeNull()
    expect(await findMisfits(numbered(20), database(() => undefined).findProblem)).toBeNull()
    expect(await findMisfits([], database(() => 'never').findProblem)).toBeNull()
  })

  it('are exactly those, whichever they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(60), { minLength: 1, maxLength: 10 }), async (bad) => {
        const isBad = ({ id }: JsonRecord) => bad.includes(Number(id))
        const found = await findMisfits(
          numbered(61),
          database((all) => all.find(isBad)).findProblem,
        )
        expect(found!.misfits.map(({ record }) => record.id)).toEqual(bad.toSorted((a, b) => a - b))
        expect(found!.kept).toEqual(numbered(61).filter((record) => !isBad(record)))
      }),
    )
  })
})
