import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../../../src/core/json.ts'
import { compileGet, compileSelect, pathProblem } from '../../../src/core/path.ts'

const body: JsonValue = {
  data: { items: [{ id: 1, tags: ['a', 'b'] }, { id: 2, tags: [] }, { id: 3 }] },
  'data.next': 'literal',
  custom: { cf_x: 'nested', cf_y: 'only nested' },
  'custom.cf_x': 'literal',
  '@odata.nextLink': 'https://api.example/2',
  $oid: 'mongo',
  "it's": 1,
  'a"b': 2,
  '': 'empty',
  nothing: null,
  zero: 0,
}

describe('compileSelect', () => {
  it.each<[string, JsonValue[]]>([
    ['$', [body]],
    ['data.items[*].id', [1, 2, 3]],
    ['$.data.items[*].id', [1, 2, 3]],
    ['data.items.*.id', [1, 2, 3]],
    ['data.items[1].id', [2]],
    ['data.items.1.id', [2]],
    ['data.items[7].id', []],
    ['data.items[*].tags[*]', ['a', 'b']],
    ['custom.cf_x', ['literal']],
    ['custom.cf_y', ['only nested']],
    ['data.next', ['literal']],
    ['@odata.nextLink', ['https://api.example/2']],
    ["$['@odata.nextLink']", ['https://api.example/2']],
    ['$["@odata.nextLink"]', ['https://api.example/2']],
    [String.raw`['it\'s']`, [1]],
    [String.raw`["a\"b"]`, [2]],
    ['[ "data" ].items[ 0 ].id', [1]],
    ['$oid', ['mongo']],
    ['$.$oid', ['mongo']],
    ['nothing', [null]],
    ['nothing.deeper', []],
    ['zero', [0]],
    ['zero.deeper', []],
    ['missing', []],
    ['missing[*].id', []],
    ['custom.*', ['nested', 'only nested']],
    ['toString', []],
    ['__proto__.x', []],
    ['data.items.length', []],
  ])('%s', (path, found) => {
    expect(compileSelect(path)(body)).toEqual(found)
  })

  it.each(['', 'a..b', 'a.', '$..id', 'a[', 'a[-1]', 'a[x]', "a['b]", 'a]b', '$.'])(
    'refuses "%s" and says so',
    (path) => {
      expect(() => compileSelect(path)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
      expect(pathProblem(path)).toContain(`"${path}" is not a path`)
    },
  )

  it('accepts a valid path', () => {
    expect(pathProblem('data.items[*].id')).toBeUndefined()
  })
})

describe('compileGet', () => {
  it.each<[string, JsonValue | undefined]>([
    ['zero', 0],
    ['nothing', null],
    ['missing', undefined],
    ['hasOwnProperty', undefined],
    ['custom.cf_x', 'literal'],
    ['data.items[*].id', 1],
    ['data.items.2.id', 3],
  ])('%s', (path, found) => {
    expect(compileGet(path)(body)).toEqual(found)
  })

  it('reads an item of a list by a bare number', () => {
    expect(compileGet('1')(['a', 'b'])).toBe('b')
    expect(compileGet('1')({ 1: 'key' })).toBe('key')
  })

  it('finds nothing in what is no object', () => {
    for (const value of [null, 1, 'text', true, []]) expect(compileGet('a')(value)).toBeUndefined()
  })

  it('finds any key that is quoted, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer(), (key, value) => {
        const record = Object.fromEntries([[key, value]])
        const quoted = key.replaceAll(/['\\]/g, String.raw`\$&`)
        expect(compileGet(`$['${quoted}']`)(record)).toBe(value)
      }),
    )
  })
})
