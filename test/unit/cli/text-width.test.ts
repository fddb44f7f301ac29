import { assert, integer, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pad, textWidth, toLine, truncate } from '../../../src/cli/text-width.ts'

describe('textWidth', () => {
  it.each([
    ['plain', 5],
    ['Øyvind', 6],
    ['価格', 4],
    ['ｆｕｌｌ', 8],
    ['한국', 4],
    ['👍', 2],
    ['👩‍👩‍👧', 2],
    ['e\u0301', 1],
    ['a\u200Bb', 2],
    ['', 0],
  ])('%s takes %i columns', (text, width) => {
    expect(textWidth(text)).toBe(width)
  })
})

describe('truncate', () => {
  it('leaves what fits and marks what it cuts', () => {
    expect(truncate('abcdef', 6)).toBe('abcdef')
    expect(truncate('abcdef', 5)).toBe('abcd…')
    expect(truncate('価格価格', 5)).toBe('価格…')
  })

  it('never takes more than the width, whatever the text', () => {
    assert(
      property(string({ unit: 'grapheme' }), integer({ min: 1, max: 20 }), (text, width) => {
        expect(textWidth(truncate(text, width))).toBeLessThanOrEqual(width)
        expect(textWidth(pad(truncate(text, width), width, 'right'))).toBe(width)
      }),
    )
  })
})

describe('toLine', () => {
  it('leaves no control character that a terminal would obey', () => {
    expect(toLine('a\u001b[31mred\r\nb\tc')).toBe('a [31mred b c')
    expect(toLine('x\u202Egnp.exe')).toBe('x gnp.exe')
    expect(toLine('Zoë 👍')).toBe('Zoë 👍')
  })
})
