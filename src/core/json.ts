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

/** A run of digits that a double may not hold, in or outside a string; a cheap test before the exact one. */
const MAYBE_LONG_NUMBER = /[\d.]{16}|\d[eE]\+?\d{3}/
/** Only an escape can bring a NUL or a lone surrogate into decoded UTF-8. */
const MAYBE_BAD_STRING = /\\u(?:0000|[dD][89a-fA-F])/
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
/** Marks a number that was turned into a string before parsing; real strings can't start so: they are escaped. */
const MARK = '\u0001n:'
const LONGEST_EXPANDED_EXPONENT = 400

/**
 * Parses JSON without losing integers: those that a double can't hold exactly become bigints
 * (`1e400` too, as far as its exponent is at most 400). Other numbers are doubles. NUL characters are
 * removed from strings and keys and counted; lone surrogates become U+FFFD.
 *
 * @throws SyntaxError as `JSON.parse` does
 */
export function parseJson(text: string): ParsedJson {
  const long = MAYBE_LONG_NUMBER.test(text)
  const bad = MAYBE_BAD_STRING.test(text)
  if (!long && !bad) return { value: JSON.parse(text) as JsonValue, nulsRemoved: 0 }
  // The original decides whether the text is valid; the marked copy only carries the long numbers.
  const plain = JSON.parse(text) as JsonValue
  const marked = long ? markLongNumbers(text) : undefined
  if (marked === undefined && !bad) return { value: plain, nulsRemoved: 0 }
  const counter = { nuls: 0 }
  const source = marked === undefined ? plain : (JSON.parse(marked) as JsonValue)
  return { value: repair(source, counter), nulsRemoved: counter.nuls }
}

function markLongNumbers(text: string): string | undefined {
  let found = false
  const marked = text.replaceAll(STRING_OR_NUMBER, (token) => {
    if (token.startsWith('"')) {
      // A string of the body that happens to look like a mark must not be taken for one.
      return token.startsWith('"\\u0001n:') ? `"\\u0001s:${token.slice(9)}` : token
    }
    if (toExactInteger(token) === undefined) return token
    found = true
    return `"\\u0001n:${token}"`
  })
  return found ? marked : undefined
}

/** The integer that a JSON number spells, when a double would round it; otherwise undefined. */
function toExactInteger(token: string): bigint | undefined {
  if (token.length < 16 && !/[eE]/.test(token)) return undefined
  const [mantissa = '', exponentText = '0'] = token.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const exponent = Number(exponentText)
  if (exponent > LONGEST_EXPANDED_EXPONENT || exponent < 0) return undefined
  const kept = fraction.replace(/0+$/, '')
  if (kept.length > exponent) return undefined
  const integer = BigInt(whole + kept) * 10n ** BigInt(exponent - kept.length)
  const asDouble = Number(integer)
  return Number.isSafeInteger(asDouble) ? undefined : integer
}

function repair(value: JsonValue, counter: { nuls: number }): JsonValue {
  if (typeof value === 'string') return repairString(value, counter)
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = repair(value[i]!, counter)
    return value
  }
  if (isRecord(value)) {
    for (const key of Object.keys(value)) {
      const repaired = repair(value[key]!, counter)
      const name = repairText(key, counter)
      if (name !== key) delete value[key]
      value[name] = repaired
    }
  }
  return value
}

function repairString(text: string, counter: { nuls: number }): JsonValue {
  if (text.charCodeAt(0) === 1) {
    if (text.startsWith(MARK))
      return toExactInteger(text.slice(MARK.length)) ?? Number(text.slice(MARK.length))
    if (text.startsWith('\u0001s:')) return repairText(`\u0001n:${text.slice(3)}`, counter)
  }
  return repairText(text, counter)
}

function repairText(text: string, counter: { nuls: number }): string {
  let repaired = text
  if (repaired.includes('\0')) {
    counter.nuls++
    repaired = repaired.replaceAll('\0', '')
  }
  // String.prototype.toWellFormed is in Node 20 but not yet in the es2023 library types.
  const wellFormed = repaired as string & { isWellFormed(): boolean; toWellFormed(): string }
  return wellFormed.isWellFormed() ? repaired : wellFormed.toWellFormed()
}

/** JSON text of a value; bigints are written as the integers they are. */
export function stringifyJson(value: JsonValue): string {
  if (typeof value === 'bigint') return value.toString()
  if (!holdsBigint(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(stringifyJson).join(',')}]`
  const members = Object.entries(value as JsonRecord).map(
    ([key, member]) => `${JSON.stringify(key)}:${stringifyJson(member)}`,
  )
  return `{${members.join(',')}}`
}

function holdsBigint(value: JsonValue): boolean {
  if (typeof value === 'bigint') return true
  if (typeof value !== 'object' || value === null) return false
  return (Array.isArray(value) ? value : Object.values(value)).some(holdsBigint)
}
