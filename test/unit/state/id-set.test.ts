import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyedId } from '../../../src/normalize/row-id.ts'
import { createIdSet } from '../../../src/state/id-set.ts'

const idOf = (number: number) => keyedId([String(number)])
const idsOf = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => idOf(from + i))

describe('createIdSet', () => {
  it('says that ids are new, once', () => {
    const set = createIdSet()
    expect(set.add(['a', 'b'])).toBe(true)
    expect(set.add(['c'])).toBe(true)
    expect(set.add(['c'])).toBe(false)
    expect(set.add(['d', 'a'])).toBe(false)
    expect(set.size()).toBe(4)
  })

  it('takes no id for new that is there, and none that is new for another, however many there are', () => {
    const set = createIdSet()
    for (let from = 0; from < 20_000; from += 100)
      expect(set.add(idsOf(from, from + 100))).toBe(true)
    for (let number = 0; number < 20_000; number++) expect(set.add([idOf(number)])).toBe(false)
    expect(set.size()).toBe(20_000)
    expect(set.add(idsOf(20_000, 21_000))).toBe(true)
  })

  it('tells any two ids apart, also those that differ in one character alone', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ maxLength: 24 }), { maxLength: 50 }), (ids) => {
        const set = createIdSet()
        for (const id of ids) expect(set.add([id])).toBe(true)
        for (const id of ids) expect(set.add([id])).toBe(false)
      }),
    )
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const id = idOf(1)
    const neighbours = Array.from(id, (_, at) =>
      Array.from(alphabet, (letter) => id.slice(0, at) + letter + id.slice(at + 1)),
    )
    const set = createIdSet()
    expect(set.add([...new Set(neighbours.flat())])).toBe(true)
    expect(set.size()).toBe(16 * 63 + 1)
  })
})
