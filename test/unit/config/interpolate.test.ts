import { describe, expect, it } from 'vitest'
import { interpolate } from '../../../src/config/interpolate.ts'

const run = (
  value: unknown,
  env: Readonly<Record<string, string | undefined>> = {},
  isTemplate = () => false,
) => interpolate(value, { env, isTemplate })

describe('interpolate', () => {
  it('replaces variables in strings only, wherever they are', () => {
    const { value } = run(
      { a: ['${X}', 1, null], b: { c: 'x-${X}-${Y}' }, '${X}': true },
      { X: '1', Y: '2' },
    )
    expect(value).toEqual({ a: ['1', 1, null], b: { c: 'x-1-2' }, '${X}': true })
  })

  it('keeps a value text, whatever it looks like', () => {
    const { value } = run({ a: '${X}', b: '${Y}' }, { X: '100', Y: 'a: [1, 2]\nb: null' })
    expect(value).toEqual({ a: '100', b: 'a: [1, 2]\nb: null' })
  })

  it('does not look into what it put in', () => {
    expect(run('${X}', { X: '${Y}', Y: 'secret' }).value).toBe('${Y}')
  })

  it('takes the default when the variable is unset or empty', () => {
    expect(run('${X:-a b}', {}).value).toBe('a b')
    expect(run('${X:-}', {}).value).toBe('')
    expect(run('${X:-d}', { X: '' }).value).toBe('d')
    expect(run('${X:-d}', { X: 'x' }).value).toBe('x')
    expect(run('${X}', { X: '' })).toMatchObject({ value: '', missing: [] })
  })

  it('leaves an escaped one, and other dollars, alone', () => {
    expect(run('$${X} costs $5, ${not a name}', { X: 'x' })).toMatchObject({
      value: '${X} costs $5, ${not a name}',
      uses: [],
    })
  })

  it('lists what is missing and leaves its text', () => {
    const result = run({ a: ['x${NOPE}'] }, { NOPE: undefined })
    expect(result.value).toEqual({ a: ['x${NOPE}'] })
    expect(result.missing).toEqual([{ path: ['a', 0], name: 'NOPE', value: undefined }])
  })

  it('does not find variables in the prototype of the environment', () => {
    expect(run('${constructor}').missing).toHaveLength(1)
  })

  it('escapes braces of a value where templates are read, and not those of the file', () => {
    const { value } = run('{a}${X}', { X: '{b}' }, () => true)
    expect(value).toBe('{a}{{b}}')
    expect(run('${X}', { X: '{b}' }).value).toBe('{b}')
  })

  it('remembers which strings hold a variable, and which values are from the environment', () => {
    const result = run({ a: 'plain', b: '${X}', c: '${Y:-d}' }, { X: 'x' })
    expect([...result.variablePaths]).toEqual(['["b"]', '["c"]'])
    expect(result.uses.map(({ value }) => value)).toEqual(['x', undefined])
  })

  it('keeps keys that mean something to JavaScript', () => {
    const source = JSON.parse('{"__proto__": {"x": "${X}"}}') as unknown
    expect(Object.keys(run(source, { X: '1' }).value as object)).toEqual(['__proto__'])
  })
})
