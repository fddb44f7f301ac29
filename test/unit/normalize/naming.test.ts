import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createNaming, shortenIdentifier, toSnakeCase } from '../../../src/normalize/naming.ts'

const naming = createNaming('snake_case', 63)
const direct = createNaming('direct', 63)
const anyText = fc.string({ unit: 'binary', maxLength: 120 })

describe('toSnakeCase', () => {
  it.each([
    ['event value', 'event_value'],
    ['event-.!:*<>value', 'event_x_value'],
    ["1event_n'", '_1event_nx'],
    ['123BaNaNa', '_123_ba_na_na'],
    ['BANANA', 'banana'],
    ['BANaNA', 'ba_na_na'],
    ['BANANA_', 'bananax'],
    ['BANANA____', 'bananaxxxx'],
    ['+-!$*@#=|:', 'x_xa_lx'],
    ['+1', 'x1'],
    ['-1', '_1'],
    ['f!3', 'f_3'],
    ['f*6', 'fx6'],
    ['createdAt', 'created_at'],
    ['custom.cf_x', 'custom_cf_x'],
    ['HTTPStatus', 'http_status'],
    ['  padded ', 'padded'],
    ['small__love', 'small__love'],
    ['createdAt__byUser', 'created_at__by_user'],
    ['__typename', 'typename'],
    ['_type', '_type'],
    ['日本', 'x'],
    ['$', 'x'],
    ['Größe', 'gr_e'],
    ['_', 'x'],
    ['____', 'xxxx'],
    ['', '_empty'],
    ['   ', '_empty'],
  ])('"%s" is %s', (key, name) => {
    expect(toSnakeCase(key)).toBe(name)
  })

  it('turns any key into a plain identifier', () => {
    fc.assert(
      fc.property(anyText, (key) => {
        const name = naming.identifier(key)
        expect(name).toMatch(/^[a-z_][a-z0-9_]{0,62}$/)
        expect(naming.identifier(key)).toBe(name)
      }),
    )
  })

  it('leaves its own identifiers alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 20 }), (key) => {
        expect(toSnakeCase(toSnakeCase(key))).toBe(toSnakeCase(key))
      }),
    )
  })
})

describe('shortenIdentifier', () => {
  it('leaves names that fit', () => {
    expect(shortenIdentifier('a'.repeat(63), 'A'.repeat(63), 63)).toBe('a'.repeat(63))
  })

  it('keeps both ends around a tag of the original', () => {
    const name = 'a'.repeat(40) + 'b'.repeat(40)
    const short = shortenIdentifier(name, 'original', 63)
    expect(short).toMatch(/^a{29}[a-z0-9]{6}b{28}$/)
    expect(shortenIdentifier(name, 'other original', 63)).not.toBe(short)
  })

  it('cuts names of many bytes between characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 20, maxLength: 200 }), (name) => {
        fc.pre(!name.includes('\ufffd'))
        const short = shortenIdentifier(name, name, 63)
        expect(Buffer.byteLength(short)).toBeLessThanOrEqual(63)
        expect(short).not.toContain('�')
      }),
    )
  })
})

describe('join', () => {
  it('puts two underscores between the parts', () => {
    const parts = ['f!3', 'f*6', 'c v'].map((key) => naming.identifier(key))
    expect(naming.join(parts)).toBe('f_3__fx6__c_v')
    expect(naming.join(['b', naming.identifier('')])).toBe('b___empty')
  })

  it('cuts what is too long, telling apart what differs only in the middle', () => {
    const join = (middle: string): string => naming.join(['a'.repeat(40), middle, 'c'.repeat(40)])
    expect(join('x')).toHaveLength(63)
    expect(join('x')).not.toBe(join('y'))
  })
})

describe('distinct', () => {
  it('adds a suffix from the spelling, until the name is free', () => {
    const first = naming.distinct('user_name', 'User-Name', (name) => name === 'user_name')
    expect(first).toMatch(/^user_name_[a-z0-9]{6}$/)
    expect(naming.distinct('user_name', 'User-Name', () => false)).toBe('user_name')
    const taken = new Set(['user_name', first])
    const second = naming.distinct('user_name', 'User-Name', (name) => taken.has(name))
    expect(second).toMatch(/^user_name_[a-z0-9]{6}$/)
    expect(taken).not.toContain(second)
  })

  it('stays within the limit and counts names that differ in case as one', () => {
    const long = 'É'.repeat(31)
    const name = direct.distinct(long, 'x', (name) => name === long.toLowerCase())
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63)
    expect(name).toMatch(/^É{28}_[a-z0-9]{6}$/)
  })
})

describe('direct naming', () => {
  it.each([
    ['createdAt', 'createdAt'],
    ['Größe (cm)', 'Größe (cm)'],
    ['日本', '日本'],
    ['', '_empty'],
    ['\0', '_empty'],
    ['a\ud800', 'a�'],
  ])('keeps %j', (key, name) => {
    expect(direct.identifier(key)).toBe(name)
  })

  it('makes valid names of any key', () => {
    fc.assert(
      fc.property(anyText, (key) => {
        const name = direct.identifier(key)
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63)
        expect(name).not.toBe('')
        expect(name).not.toContain('\0')
      }),
    )
  })
})
