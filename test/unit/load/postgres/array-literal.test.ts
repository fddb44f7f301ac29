import { expect, it } from 'vitest'
import { columnLiteral, textArray } from '../../../../src/load/postgres/array-literal.ts'

it('writes one column of some of the rows', () => {
  const rows = [['skipped'], ['a', 1], ['b', -2n], ['c', null], ['d'], ['skipped', 9]]
  expect(columnLiteral(rows, 0, 1, 5)).toBe('{"a","b","c","d"}')
  expect(columnLiteral(rows, 1, 1, 5)).toBe('{1,-2,NULL,NULL}')
})

it('quotes texts that would read as syntax, or as null', () => {
  const texts = ['', 'NULL', '{}', 'a,b', '"', '\\', ' x ', 'a\nb']
  expect(textArray(texts)).toBe('{"","NULL","{}","a,b","\\"","\\\\"," x ","a\nb"}')
})

it('writes booleans and doubles as Postgres reads them', () => {
  const rows = [
    [true, 1e300],
    [false, 0.1],
    [null, -0],
  ]
  expect(columnLiteral(rows, 0, 0, 3)).toBe('{true,false,NULL}')
  expect(columnLiteral(rows, 1, 0, 3)).toBe('{1e+300,0.1,0}')
})
