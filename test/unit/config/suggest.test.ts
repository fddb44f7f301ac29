import { describe, expect, it } from 'vitest'
import { closest, didYouMean } from '../../../src/config/suggest.ts'

const ENDPOINT = ['name', 'path', 'pagination', 'primary_key', 'incremental', 'params', 'json']

describe('closest', () => {
  it.each([
    ['pagniation', 'pagination'],
    ['primarykey', 'primary_key'],
    ['primary-keys', 'primary_key'],
    ['PrimaryKey', 'primary_key'],
    ['naem', 'name'],
    ['incrementl', 'incremental'],
    ['incr', 'incremental'],
  ])('takes %s for %s', (word, meant) => {
    expect(closest(word, ENDPOINT)).toBe(meant)
  })

  it.each([
    ['paginator', 'pagination'],
    ['url', 'path'],
    ['body', 'json'],
    ['query_params', 'params'],
  ])('knows that others call it %s', (word, meant) => {
    expect(closest(word, ENDPOINT)).toBe(meant)
  })

  it('does not guess wildly', () => {
    expect(closest('colour', ENDPOINT)).toBeUndefined()
    expect(closest('x', ENDPOINT)).toBeUndefined()
    expect(closest('constructor', ENDPOINT)).toBeUndefined()
    expect(closest('name', [])).toBeUndefined()
  })

  it('only offers what is allowed at the place', () => {
    expect(closest('url', ['base_url', 'auth'])).toBe('base_url')
    expect(closest('url', ['type', 'connection_string'])).toBe('connection_string')
  })
})

it('says nothing when there is nothing to say', () => {
  expect(didYouMean('colour', ENDPOINT)).toBe('')
  expect(didYouMean('paht', ENDPOINT)).toBe('; did you mean "path"?')
})
