import { expect, it } from 'vitest'
import { labelViewName } from '../../../../src/load/sql/label-view-name.ts'

it('names a label view after its table', () => {
  expect(labelViewName('leads', 63)).toBe('leads_labeled')
})

it('cuts the name of a label view in the middle, so that it says what it is', () => {
  const [a, b] = ['a', 'b'].map((last) => labelViewName('t'.repeat(62) + last, 63))
  expect(a).toMatch(/^t+\w{6}t+a_labeled$/)
  expect(b).not.toBe(a!.replace('a_labeled', 'b_labeled'))
  expect(Buffer.byteLength(a!)).toBe(63)
})
