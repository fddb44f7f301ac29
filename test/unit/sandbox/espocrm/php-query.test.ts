import { describe, expect, it } from 'vitest'
import {
  fromJson,
  isList,
  parsePhpQuery,
  type PhpArray,
  type PhpValue,
} from '../../../../src/sandbox/espocrm/query/php-query.ts'

/** Arrays as objects, so that they can be compared at a glance. */
const plain = (value: PhpValue): unknown =>
  value instanceof Map
    ? Object.fromEntries([...(value as PhpArray)].map(([key, item]) => [key, plain(item)]))
    : value

describe('parsePhpQuery', () => {
  it.each<[string, string, unknown]>([
    ['nothing', '', {}],
    ['plain values', 'a=1&b=two+words&c=%C3%A9%2B', { a: '1', b: 'two words', c: 'é+' }],
    ['no value', 'a&b=&&', { a: '', b: '' }],
    ['nested keys', 'a[x][y]=1&a[x][z]=2', { a: { x: { y: '1', z: '2' } } }],
    ['encoded brackets', 'a%5Bx%5D=1', { a: { x: '1' } }],
    ['lists that count themselves', 'a[]=x&a[]=y', { a: { 0: 'x', 1: 'y' } }],
    [
      'counting on from the greatest index',
      'a[5]=x&a[]=y&a[k]=z',
      { a: { 5: 'x', 6: 'y', k: 'z' } },
    ],
    ['lists of lists', 'a[][t]=1&a[][t]=2', { a: { 0: { t: '1' }, 1: { t: '2' } } }],
    ['the last of two', 'a=1&a=2', { a: '2' }],
    ['an array in place of a text', 'a=1&a[x]=2', { a: { x: '2' } }],
    ['signs that names may not have', 'a.b c=1&x.y[k.l]=2', { a_b_c: '1', x_y: { 'k.l': '2' } }],
    ['an open bracket', 'a[b=1', { a_b: '1' }],
    ['text after brackets', 'a[b]c=1', { a: { b: '1' } }],
    ['no name', '=1&[x]=2', {}],
    ['equals signs in a value', 'a=b=c', { a: 'b=c' }],
    ['a broken escape', 'a=%zz', { a: '%zz' }],
  ])('reads %s', (_, query, expected) => {
    expect(plain(parsePhpQuery(query))).toEqual(expected)
  })

  it('drops what comes after a thousand parameters', () => {
    const query = Array.from({ length: 1200 }, (_, i) => `a[]=${i}`).join('&')
    expect((parsePhpQuery(query).get('a') as PhpArray).size).toBe(1000)
  })
})

describe('isList', () => {
  it('wants the keys to be 0, 1, 2, in order', () => {
    const listed = (query: string) => isList(parsePhpQuery(query).get('a') as PhpArray)
    expect(listed('a[]=x&a[]=y')).toBe(true)
    expect(listed('a[1]=x&a[0]=y')).toBe(false)
    expect(listed('a[1]=x')).toBe(false)
    expect(listed('a[k]=x')).toBe(false)
    expect(isList(fromJson([1, { a: null }]) as PhpArray)).toBe(true)
  })
})
