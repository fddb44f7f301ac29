import { describe, expect, it } from 'vitest'
import { inherit, override } from '../../../src/config/merge.ts'

describe('inherit', () => {
  it("lets the endpoint's own value win", () => {
    expect(
      inherit({ method: 'POST', primary_key: 'id' }, { name: 'a', primary_key: 'key' }),
    ).toEqual({
      name: 'a',
      method: 'POST',
      primary_key: 'key',
    })
  })

  it.each(['pagination', 'incremental', 'params', 'headers', 'columns'])(
    'merges %s key by key',
    (key) => {
      expect(inherit({ [key]: { a: 1, b: 2 } }, { [key]: { b: 3, c: 4 } })).toEqual({
        [key]: { a: 1, b: 3, c: 4 },
      })
    },
  )

  it('takes every other map and list whole', () => {
    expect(
      inherit(
        { json: { a: 1 }, transform: [1], on_status: { 404: 'skip' } },
        { json: { b: 2 }, transform: [2], on_status: {} },
      ),
    ).toEqual({ json: { b: 2 }, transform: [2], on_status: {} })
  })

  it('drops what null names, in the endpoint and in merged maps', () => {
    expect(
      inherit(
        { incremental: { cursor_path: 'x' }, columns: { a: 1, b: 2 }, primary_key: 'id' },
        { incremental: null, columns: { a: null }, primary_key: null },
      ),
    ).toEqual({ columns: { b: 2 } })
  })

  it.each(['params', 'headers'])("keeps null in %s, which drops the source's as well", (key) => {
    expect(inherit({ [key]: { a: 1, b: 2, c: null } }, { [key]: { a: null, c: 3 } })).toEqual({
      [key]: { a: null, b: 2, c: 3 },
    })
    expect(inherit({ [key]: { a: 1 } }, { [key]: null })).toEqual({})
  })

  it('keeps null in a body, where it is a value', () => {
    expect(inherit({}, { json: { cursor: null } })).toEqual({ json: { cursor: null } })
  })

  it('starts afresh with a paginator of another type', () => {
    const defaults = { pagination: { type: 'offset', offset_param: '_skip', limit: 100 } }
    expect(inherit(defaults, { pagination: { type: 'cursor', cursor_param: '_cursor' } })).toEqual({
      pagination: { type: 'cursor', cursor_param: '_cursor' },
    })
    expect(inherit(defaults, { pagination: { type: 'offset', limit: 50 } })).toEqual({
      pagination: { type: 'offset', offset_param: '_skip', limit: 50 },
    })
    expect(inherit(defaults, { pagination: { limit: 50 } })).toEqual({
      pagination: { type: 'offset', offset_param: '_skip', limit: 50 },
    })
  })

  it('leaves a value of the wrong kind for the checks to find', () => {
    expect(inherit({ params: { a: 1 } }, { params: [1] })).toEqual({ params: [1] })
    expect(inherit({ params: [1] }, { params: { a: 1 } })).toEqual({ params: { a: 1 } })
  })
})

describe('override', () => {
  const source = {
    name: 'acme',
    base_url: 'https://a.test',
    auth: { type: 'api_key', name: 'X-Key', api_key: 'a' },
    headers: { A: '1', B: '2' },
    defaults: { params: { x: 1 }, primary_key: 'id' },
  }

  it('merges maps and replaces the rest', () => {
    expect(
      override(source, {
        base_url: 'https://b.test',
        auth: { api_key: 'b' },
        headers: { B: null, C: '3' },
        defaults: { params: { y: 2 } },
      }),
    ).toEqual({
      name: 'acme',
      base_url: 'https://b.test',
      auth: { type: 'api_key', name: 'X-Key', api_key: 'b' },
      headers: { A: '1', C: '3' },
      defaults: { params: { x: 1, y: 2 }, primary_key: 'id' },
    })
  })

  it('replaces an auth of another type, and drops what is null', () => {
    expect(override(source, { auth: { type: 'none' }, headers: null })).toMatchObject({
      auth: { type: 'none' },
    })
    expect(override(source, { headers: null })).not.toHaveProperty('headers')
  })

  it("leaves alone what is the pipeline's own", () => {
    expect(override(source, { endpoints: ['a'], source: 'x.yaml', dataset: 'd' })).toEqual(source)
  })
})
