import { randomBytes } from 'node:crypto'

/** A JSON value as Sluice reads it: integers beyond 2^53 are bigints, never rounded. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonRecord

/** One JSON object, as the API returned it. */
export interface JsonRecord {
  [key: string]: JsonValue
}

export interface ParsedJson {
  readonly value: JsonValue
  /** How many strings and keys held NUL characters, which were removed: Postgres can't store them. */
  readonly nulsRemoved: number
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Two values as one: objects are merged key by key and lists joined, so that a condition can be added to others. */
export function mergeJson(base: JsonValue | undefined, extra: JsonValue): JsonValue {
  if (base === undefined) return extra
  if (Array.isArray(base) && Array.isArray(extra)) return [...base, ...extra]
  if (!isRecord(base) || !isRecord(extra)) return extra
  const merged: JsonRecord = { ...base }
  for (const [key, value] of Object.entries(extra)) merged[key] = mergeJson(base[key], value)
  return merged
}

/**
 * A number that may be an integer beyond doubles: it has 16 digits before the point, or an exponent. What stands before
 * it keeps ids and times in strings out, all but a few; exact tests follow.
 */
const MAYBE_LONG_NUMBER = /(?:^|[\s,:[])-?(?:\d{16}|[\d.]+[eE]\+?\d)/
/** Only an escape can bring a NUL or a lone surrogate into decoded UTF-8. */
const MAYBE_BAD_STRING = /\\u(?:0000|[dD][89a-fA-F])/
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
/** Starts a number that was made a string for parsing; random, so that no body can hold a string like it. */
const MARK = `\u0001${randomBytes(12).toString('hex')}:`
const LONGEST_EXPANDED_EXPONENT = 400

/**
 * Parses JSON without losing integers: those that a double can't hold exactly become bigints, up to an
 * exponent of 400; what is beyond the range of doubles even so (`1e999`) is kept as the text it was. Other
 * numbers are doubles. NUL characters are removed from strings and keys and counted; lone surrogates become
 * U+FFFD.
 *
 * @throws SyntaxError as `JSON.parse` does
 */
export function parseJson(text: string): ParsedJson {
  // The original decides whether the text is valid; the marked copy only carries the long numbers.
  const plain = JSON.parse(text) as JsonValue
  const marked = MAYBE_LONG_NUMBER.test(text) ? markLongNumbers(text) : undefined
  if (marked === undefined && !MAYBE_BAD_STRING.test(text)) return { value: plain, nulsRemoved: 0 }
  const counter = { nuls: 0 }
  const source = marked === undefined ? plain : (JSON.parse(marked) as JsonValue)
  return { value: repair(source, counter), nulsRemoved: counter.nuls }
}

/** Valid JSON with its long numbers as marked strings, or undefined when it has none. */
function markLongNumbers(text: string): string | undefined {
  let marked = ''
  let copied = 0
  let at = 0
  // Strings are stepped over by hand: a regular expression overflows its stack on one of some megabytes.
  while (at < text.length) {
    const quote = text.indexOf('"', at)
    const end = quote === -1 ? text.length : quote
    for (const { 0: token, index } of text.slice(at, end).matchAll(NUMBER)) {
      const isExact = toExactInteger(token) !== undefined
      if (!isExact && Number.isFinite(Number(token))) continue
      marked += text.slice(copied, at + index) + JSON.stringify(isExact ? MARK + token : token)
      copied = at + index + token.length
    }
    at = quote === -1 ? end : endOfString(text, quote)
  }
  return copied === 0 ? undefined : marked + text.slice(copied)
}

/** The position after the string that starts at `quote`. */
function endOfString(text: string, quote: number): number {
  let end = quote
  let escapes: number
  do {
    end = text.indexOf('"', end + 1)
    escapes = 0
    while (text[end - 1 - escapes] === '\\') escapes++
  } while (escapes % 2 === 1)
  return end + 1
}

/** The integer that a JSON number spells, when a double would round it; otherwise undefined. */
function toExactInteger(token: string): bigint | undefined {
  if (token.length < 16 && !/[eE]/.test(token)) return undefined
  const [mantissa = '', exponent = '0'] = token.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const digits = (whole + fraction).replace(/0+$/, '')
  const zeros = whole.length + Number(exponent) - digits.length
  if (Number(exponent) > LONGEST_EXPANDED_EXPONENT || zeros < 0) return undefined
  if (digits === '' || digits === '-') return undefined
  const integer = BigInt(digits) * 10n ** BigInt(zeros)
  return Number.isSafeInteger(Number(integer)) ? undefined : integer
}

function repair(value: JsonValue, counter: { nuls: number }): JsonValue {
  if (typeof value === 'string') {
    if (value.startsWith(MARK)) return toExactInteger(value.slice(MARK.length))!
    return repairText(value, counter)
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = repair(value[i]!, counter)
    return value
  }
  if (!isRecord(value)) return value
  // fromEntries defines each key as its own, `__proto__` too, and a key met twice keeps its last value.
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      repairText(key, counter),
      repair(member, counter),
    ]),
  )
}

function repairText(text: string, counter: { nuls: number }): string {
  let repaired = text
  if (repaired.includes('\0')) {
    counter.nuls++
    repaired = repaired.replaceAll('\0', '')
  }
  // String.prototype.toWellFormed is in Node 20 but not yet in the es2023 library types.
  return (repaired as string & { toWellFormed(): string }).toWellFormed()
}

/** JSON text of a value; bigints are written as the integers they are, undefined members left out. */
export function stringifyJson(value: JsonValue): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    // Bigints are few, and looking for one first would take as long as the rest.
    if (!(error instanceof TypeError)) throw error
    return spell(value)
  }
}

function spell(value: JsonValue): string {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(spell).join(',')}]`
  const members = Object.entries(value as Partial<JsonRecord>).flatMap(([key, member]) =>
    member === undefined ? [] : [`${JSON.stringify(key)}:${spell(member)}`],
  )
  return `{${members.join(',')}}`
}
