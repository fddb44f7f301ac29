import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { ownName } from '../../../../src/load/sql/names.ts'

it('keeps a name that fits', () => {
  expect(ownName('_sluice_stage_', 'leads__contacts', 63)).toBe('_sluice_stage_leads__contacts')
})

it('cuts a name that is too long, between characters, and tells such names apart', () => {
  const [a, b] = [1, 2].map((n) => ownName('_sluice_stage_', `${'é'.repeat(40)}${n}`, 63))
  expect(a).not.toBe(b)
  expect(a).toMatch(/^_sluice_stage_é+_[0-9a-f]{10}$/)
})

it('never exceeds the limit, whatever the name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 120 }), (name) => {
      expect(Buffer.byteLength(ownName('_sluice_ix_', name, 63))).toBeLessThanOrEqual(63)
    }),
  )
})
