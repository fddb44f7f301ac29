import { describe, expect, it } from 'vitest'
import { compileTemplate, renderTree, templateNames } from '../../../src/core/template.ts'

const scope = new Map<string, never>(
  Object.entries({ id: 7, name: 'a b', flag: true, list: [1, 2], none: undefined }) as never,
)

describe('compileTemplate', () => {
  it.each([
    ['plain', 'plain'],
    ['{id}', 7],
    ['{flag}', true],
    ['{list}', [1, 2]],
    ['x-{id}', 'x-7'],
    ['{id}/{name}', '7/a b'],
    ['{list}!', '[1,2]!'],
    ['{{id}}', '{id}'],
    ['{{{id}}}', '{7}'],
    ['{none}', undefined],
    ['x{none}', undefined],
    ['{ id }', 7],
    ['', ''],
    ['query { posts }', undefined],
  ])('%s renders to %o', (text, expected) => {
    expect(compileTemplate(text).render(scope)).toEqual(expected)
  })

  it('encodes each value, so that none can change the path', () => {
    const path = compileTemplate('/users/{name}/posts')
    expect(path.render(scope, encodeURIComponent)).toBe('/users/a%20b/posts')
    expect(compileTemplate('{name}').render(scope, encodeURIComponent)).toBe('a%20b')
  })
})

describe('renderTree', () => {
  it('keeps types in a body and leaves out what has no value', () => {
    const body = { filter: { id: '{id}', since: '{none}' }, all: ['{id}', '{none}', 'x'], limit: 5 }
    expect(renderTree(body, scope)).toEqual({ filter: { id: 7 }, all: [7, 'x'], limit: 5 })
  })

  it('lists every name used anywhere', () => {
    expect(templateNames({ a: '{x}', b: [{ c: 'p{y}q' }], d: 1 })).toEqual(['x', 'y'])
  })
})
