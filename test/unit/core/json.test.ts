import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRecord, parseJson, stringifyJson, type JsonValue } from '../../../src/core/json.ts'

const parse = (text: string): JsonValue => parseJson(text).value

/** The value as JSON.parse gives it, which rounds integers. */
function rounded(value: JsonValue): JsonValue {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(rounded)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, rounded(member)]))
}

describe('parseJson', () => {
  it.each<[string, JsonValue]>([
    ['0', 0],
    ['-1.5', -1.5],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740993', -9007199254740993n],
    ['9223372036854775807', 9223372036854775807n],
    ['123456789012345678901234567890', 123456789012345678901234567890n],
    ['12345678901234567890.0', 12345678901234567890n],
    ['1234567890123456789e0', 1234567890123456789n],
    ['1234567890123456789000e-3', 1234567890123456789n],
    ['1.2345678901234567891e19', 12345678901234567891n],
    ['1e16', 10n ** 16n],
    ['1E+23', 10n ** 23n],
    ['1e400', 10n ** 400n],
    ['1.5e2', 150],
    ['0.1234567890123456', 0.1234567890123456],
    ['9007199254740993.5', 2 ** 53 + 2],
    ['0.0000000000000000000', 0],
    ['0e999', 0],
  ])('reads the number %s without loss', (text, value) => {
    expect(parse(text)).toStrictEqual(value)
    expect(parse(`[ ${text} ]`)).toStrictEqual([value])
    expect(parse(`{"a":${text},"b":${text}}`)).toStrictEqual({ a: value, b: value })
    expect(parse(`{"a":\n\t${text}\n}`)).toStrictEqual({ a: value })
  })

  it.each(['1e401', '-1e999', '1e999999999999', '1.5E+500'])(
    'keeps %s, which no double holds, as its text',
    (text) => {
      expect(parse(`{"a": ${text}}`)).toStrictEqual({ a: text })
    },
  )

  it('never touches digits in strings and keys', () => {
    const text =
      '{"12345678901234567890": "12345678901234567890", "b": "\\"9007199254740993, 1e99"}'
    expect(parse(text)).toStrictEqual(JSON.parse(text))
  })

  it('is not fooled by strings that look like something of its own', () => {
    const text = String.raw`{"a":"\u0001n:12345678901234567890","\u0001n:1":"\u0001\u006e:5","b":12345678901234567890}`
    expect(parse(text)).toStrictEqual({
      a: '\u0001n:12345678901234567890',
      '\u0001n:1': '\u0001n:5',
      b: 12345678901234567890n,
    })
  })

  it('removes and counts NUL characters in strings and keys', () => {
    const parsed = parseJson(String.raw`{"a\u0000b":"x\u0000y\u0000z","c":["\u0000",1]}`)
    expect(parsed).toStrictEqual({ value: { ab: 'xyz', c: ['', 1] }, nulsRemoved: 3 })
    expect(parseJson('{"a":"b"}').nulsRemoved).toBe(0)
  })

  it('keeps the order of keys when one is repaired', () => {
    expect(Object.keys(parse(String.raw`{"a\u0000":1,"b":2}`) as object)).toEqual(['a', 'b'])
  })

  it('keeps a key that becomes __proto__ as a key', () => {
    const value = parse(String.raw`{"__pro\u0000to__":{"admin":true}}`)
    expect(Object.keys(value as object)).toEqual(['__proto__'])
    expect((value as { admin?: boolean }).admin).toBeUndefined()
  })

  it('replaces lone surrogates and keeps pairs', () => {
    expect(parse(String.raw`["\ud800","\udc00x","\ud83d\ude00"]`)).toEqual(['�', '�x', '😀'])
  })

  it.each(['', '{', '{12345678901234567890:1}', '[01234567890123456789]', '[1e5e5]', 'NaN'])(
    'refuses %s as JSON.parse does',
    (text) => {
      expect(() => parseJson(text)).toThrow(SyntaxError)
    },
  )

  it('reads a string of ten megabytes beside a long number', () => {
    const long = 'x"\\'.repeat(3_000_000)
    const value = parse(`[${JSON.stringify(long)},12345678901234567890]`) as JsonValue[]
    expect(value[0] === long).toBe(true)
    expect(value[1]).toBe(12345678901234567890n)
  })

  it('agrees with JSON.parse on everything but the integers that it rounds', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        expect(rounded(parse(text))).toStrictEqual(JSON.parse(text))
      }),
    )
  })

  it('keeps every integer, written in any way', () => {
    const nonZero = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).filter((n) => n !== 0n)
    const spelling = fc.tuple(nonZero, fc.nat(30))
    fc.assert(
      fc.property(spelling, ([integer, zeros]) => {
        for (const text of [
          `${integer}`,
          `${integer}.0`,
          `${integer}${'0'.repeat(zeros)}e-${zeros}`,
        ]) {
          const value = (parse(`[${text}]`) as [number | bigint])[0]
          expect(BigInt(value)).toBe(integer)
          expect(typeof value).toBe(Number.isSafeInteger(Number(integer)) ? 'number' : 'bigint')
        }
      }),
    )
  })
})

describe('stringifyJson', () => {
  it('writes bigints as integers', () => {
    const value = { a: [1n, { 'b"': 12345678901234567890n }], c: 'x', d: null, e: {} }
    expect(stringifyJson(value)).toBe(
      '{"a":[1,{"b\\"":12345678901234567890}],"c":"x","d":null,"e":{}}',
    )
  })

  it('leaves out members that are undefined, with and without bigints', () => {
    const value = { a: undefined, b: 1n } as unknown as JsonValue
    expect(stringifyJson(value)).toBe('{"b":1}')
    expect(stringifyJson({ a: undefined } as unknown as JsonValue)).toBe('{}')
  })

  it('is undone by parseJson', () => {
    const text = fc.string({ unit: 'grapheme' })
    const big = fc.bigInt({ min: 2n ** 53n, max: 2n ** 90n })
    const value = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.oneof(big, text, fc.integer(), fc.boolean(), fc.constant(null)),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).value
    fc.assert(
      fc.property(value, (value) => {
        expect(parse(stringifyJson(value))).toStrictEqual(value)
      }),
    )
  })
})
