import { describe, expect, it } from 'vitest'
import type { Params, QueryStyle } from '../../../src/http/types.ts'
import {
  encodePathValue,
  encodeQuery,
  isSecretName,
  joinUrl,
  redactUrl,
  sameOrigin,
  withoutParams,
  withQuery,
} from '../../../src/http/url.ts'

describe('joinUrl', () => {
  it.each([
    ['https://api.example.com/v1', 'lead/', 'https://api.example.com/v1/lead/'],
    ['https://api.example.com/v1/', '/lead/', 'https://api.example.com/v1/lead/'],
    ['https://api.example.com/v1/', 'lead', 'https://api.example.com/v1/lead'],
    ['https://api.example.com', '/', 'https://api.example.com/'],
    ['https://api.example.com/v1/', '', 'https://api.example.com/v1/'],
    ['https://api.example.com/v1', 'lead?x=1', 'https://api.example.com/v1/lead?x=1'],
    ['https://api.example.com/v1', 'a b/ü', 'https://api.example.com/v1/a%20b/%C3%BC'],
    [
      'https://api.example.com/v1',
      'https://api.example.com/v2/x/',
      'https://api.example.com/v2/x/',
    ],
    ['https://api.example.com:443/v1', 'https://api.example.com/v2', 'https://api.example.com/v2'],
    ['https://api.example.com/v1', '@evil.example/x', 'https://api.example.com/v1/@evil.example/x'],
  ])('%s + %s', (base, path, joined) => {
    expect(joinUrl(base, path)).toBe(joined)
  })

  it.each(['https://evil.example/x', '//evil.example/x', 'http://api.example.com/x'])(
    'refuses %s, which is on another origin',
    (path) => {
      expect(() => joinUrl('https://api.example.com/v1', path)).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID' }),
      )
    },
  )

  it('names a base that is not a URL, without its credentials', () => {
    expect(() => joinUrl('//u:hunter22@example', 'x')).toThrow('"//***@example" is not a URL')
  })
})

describe('encodeQuery', () => {
  const nested: Params = { whereGroup: [{ type: 'equals', value: ['a', 'b c'] }] }

  it.each<[string, Params, QueryStyle, string]>([
    [
      'operators in names',
      { 'date_updated>=': '2025-01-01' },
      'plain',
      'date_updated%3E%3D=2025-01-01',
    ],
    ['plus and space', { at: '10:00+00:00 x' }, 'plain', 'at=10%3A00%2B00%3A00%20x'],
    ["characters that JavaScript's encoder skips", { q: "!'()*~" }, 'plain', 'q=%21%27%28%29%2A~'],
    [
      'scalars',
      { n: 9007199254740993n, t: true, z: 0, e: '' },
      'plain',
      'n=9007199254740993&t=true&z=0&e=',
    ],
    ['nothing for null', { a: null, b: [null, 1] }, 'plain', 'b=1'],
    ['plain lists', { id: ['a', 2] }, 'plain', 'id=a&id=2'],
    ['repeated lists', { id: ['a', 2] }, 'repeat', 'id=a&id=2'],
    ['comma lists', { id: ['a', 2], none: [] }, 'comma', 'id=a%2C2'],
    ['lists as JSON', { id: ['a', 2n ** 60n] }, 'json', 'id=%5B%22a%22%2C1152921504606846976%5D'],
    [
      'PHP arrays',
      nested,
      'brackets',
      'whereGroup%5B0%5D%5Btype%5D=equals&whereGroup%5B0%5D%5Bvalue%5D%5B0%5D=a&whereGroup%5B0%5D%5Bvalue%5D%5B1%5D=b%20c',
    ],
  ])('writes %s', (_what, params, style, query) => {
    expect(encodeQuery(params, style)).toBe(query)
  })

  it.each<QueryStyle>(['plain', 'repeat', 'comma'])('%s refuses what it would garble', (style) => {
    expect(() => encodeQuery(nested, style)).toThrow('parameter "whereGroup" is nested')
  })

  it('is what URLSearchParams reads back', () => {
    const params = { 'a[b]&=': 'ä?#&=+%', ' ': '\n' }
    expect(Object.fromEntries(new URLSearchParams(encodeQuery(params, 'plain')))).toEqual(params)
  })
})

describe('encodePathValue', () => {
  it.each([
    ['lead_1', 'lead_1'],
    ['a/b?c#d', 'a%2Fb%3Fc%23d'],
    [12n ** 20n, '3833759992447475122176'],
    [0, '0'],
  ])('%s', (value, encoded) => {
    expect(encodePathValue(value)).toBe(encoded)
  })

  it.each([['..'], ['.'], [''], [null], [{ id: 1 }], [['a']]])(
    'refuses %j, which would change the path',
    (value) => {
      expect(() => encodePathValue(value)).toThrow(
        expect.objectContaining({ code: 'RECORD_INVALID' }),
      )
    },
  )
})

describe('withQuery and withoutParams', () => {
  it.each([
    ['https://a.example/x', 'https://a.example/x?b=2'],
    ['https://a.example/x?', 'https://a.example/x?b=2'],
    ['https://a.example/x?a=1', 'https://a.example/x?a=1&b=2'],
    ['https://a.example/x?a=1&#top', 'https://a.example/x?a=1&b=2'],
  ])('adds to %s', (url, expected) => {
    expect(withQuery(url, { b: 2 }, 'plain')).toBe(expected)
  })

  it('takes parameters out and leaves the rest byte for byte', () => {
    const url = 'https://a.example/x?api%2Dkey=s3cret&q=a+b%20c&api-key=other&r=%e4'
    expect(withoutParams(url, ['api-key'])).toBe('https://a.example/x?q=a+b%20c&r=%e4')
    expect(withoutParams('https://a.example/x?k=1', ['k'])).toBe('https://a.example/x')
  })
})

describe('redactUrl', () => {
  it.each([
    ['https://u:p@a.example/x', 'https://***@a.example/x'],
    ['https://a.example/x?api-key=s3cret&page=2', 'https://a.example/x?api-key=***&page=2'],
    ['https://a.example/x?auth%5Btoken%5D=s3cret#k', 'https://a.example/x?auth%5Btoken%5D=***#k'],
    [
      'https://a.example/x?accessToken=a&_skip=100',
      'https://a.example/x?accessToken=***&_skip=100',
    ],
    ['https://a.example/@x?monkey=1&_cursor=abc', 'https://a.example/@x?monkey=1&_cursor=abc'],
  ])('%s', (url, redacted) => {
    expect(redactUrl(url)).toBe(redacted)
  })

  it.each([
    'Authorization',
    'X-Api-Key',
    'api_key',
    'client_secret',
    'Cookie',
    'X-Hmac-Authorization',
    'password',
    'sig',
  ])('takes %s for a secret name', (name) => {
    expect(isSecretName(name)).toBe(true)
  })

  it.each(['limit', 'keyword', 'author', 'X-TZ-Offset', 'monkey', 'tokens_used'])(
    'takes %s for an ordinary name',
    (name) => {
      expect(isSecretName(name)).toBe(false)
    },
  )
})

describe('sameOrigin', () => {
  it.each([
    ['https://a.example/x', 'https://A.example:443/y', true],
    ['https://a.example', 'http://a.example', false],
    ['https://a.example', 'https://a.example:8443', false],
    ['https://a.example', 'https://a.example.evil', false],
    ['https://a.example', 'nonsense', false],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(sameOrigin(a, b)).toBe(expected)
  })
})
