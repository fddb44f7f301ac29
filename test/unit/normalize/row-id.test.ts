import { describe, expect, it } from 'vitest'
import { childId, keyedId, positionalId, tableSeed } from '../../../src/normalize/row-id.ts'

const FORM = /^[\w-]{16}$/

describe('keyedId', () => {
  it('depends on the key alone', () => {
    expect(keyedId(['lead_1'])).toBe(keyedId(['lead_1']))
    expect(keyedId(['lead_1'])).toMatch(FORM)
    expect(keyedId(['ab', 'c'])).not.toBe(keyedId(['a', 'bc']))
  })

  it('never changes: stored rows are found by it', () => {
    expect(keyedId(['lead_1'])).toBe('pCBt38rHWDBHPt-1')
    expect(childId('-AAAAAAAAAAAAAA_', tableSeed('leads__contacts'), 3)).toBe('-AAA0MzagYBYOp_r')
  })
})

describe('positionalId', () => {
  it('depends on load, endpoint and position', () => {
    const ids = [
      positionalId('1', 'a', 0),
      positionalId('2', 'a', 0),
      positionalId('1', 'b', 0),
      positionalId('1', 'a', 1),
    ]
    expect(new Set(ids).size).toBe(4)
    for (const id of ids) expect(id).toMatch(FORM)
    expect(positionalId('1', 'a', 0)).toBe(ids[0])
  })
})

describe('childId', () => {
  it('differs for every parent, table and position', () => {
    const seeds = [tableSeed('a__b'), tableSeed('a__c')]
    const ids = new Set<string>()
    for (let parent = 0; parent < 2000; parent++) {
      for (const seed of seeds) {
        for (let index = 0; index < 50; index++) {
          ids.add(childId(keyedId([String(parent)]), seed, index))
        }
      }
    }
    expect(ids.size).toBe(200_000)
    for (const id of [...ids].slice(0, 100)) expect(id).toMatch(FORM)
  })

  it('starts as the ids above it do, so that the rows of one record lie side by side', () => {
    const root = keyedId(['lead_1'])
    const contact = childId(root, tableSeed('leads__contacts'), 1)
    const phone = childId(contact, tableSeed('leads__contacts__phones'), 0)
    expect([contact.slice(0, 4), phone.slice(0, 4)]).toEqual([root.slice(0, 4), root.slice(0, 4)])
  })

  it('spreads over every other bit, whichever of its inputs changes', () => {
    const seed = tableSeed('a__b')
    const parent = keyedId(['x'])
    for (const idOf of [
      (i: number) => childId(parent, seed, i),
      (i: number) => childId(keyedId([String(i)]), seed, 0),
      (i: number) => childId(childId(parent, seed, i), seed, 0),
    ]) {
      const counts = Array.from({ length: 96 }, () => 0)
      for (let i = 0; i < 4000; i++) {
        const bits = Buffer.from(idOf(i), 'base64url')
        for (let bit = 0; bit < 96; bit++) counts[bit]! += (bits[bit >> 3]! >> (bit & 7)) & 1
      }
      // Five standard deviations of 4000 fair coins are 158.
      for (const count of counts.slice(24)) expect(Math.abs(count - 2000)).toBeLessThan(158)
    }
  })
})
