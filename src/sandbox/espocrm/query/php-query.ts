/** A value as PHP reads it from a query or from JSON. */
export type PhpValue = string | number | boolean | null | PhpArray

/** PHP has one kind of array: a map that remembers its order, whose keys happen to be numbers in a list. */
export type PhpArray = ReadonlyMap<string, PhpValue>

/** So many parameters PHP reads; it drops the rest without a word (`max_input_vars`). */
const MOST_PARAMETERS = 1000

/**
 * Reads a query as PHP does: `a[b][]=1&a[b][]=2` is `a` with a list in `b`. A later value replaces an earlier one;
 * dots and spaces in names become underscores.
 */
export function parsePhpQuery(rawQuery: string): PhpArray {
  const root = new Map<string, PhpValue>()
  const parts = rawQuery.split('&').filter((part) => part !== '')
  for (const part of parts.slice(0, MOST_PARAMETERS)) {
    const equals = part.indexOf('=')
    const name = decode(equals < 0 ? part : part.slice(0, equals))
    const path = pathOf(name.trimStart())
    if (path) put(root, path, equals < 0 ? '' : decode(part.slice(equals + 1)))
  }
  return root
}

/** JSON in the same terms: `json_decode` to arrays. */
export function fromJson(value: unknown): PhpValue {
  if (typeof value !== 'object' || value === null) return value as PhpValue
  return new Map(Object.entries(value).map(([key, item]) => [key, fromJson(item)]))
}

/** Whether the keys are 0, 1, 2, in that order. */
export function isList(array: PhpArray): boolean {
  return [...array.keys()].every((key, i) => key === String(i))
}

/** `a[b][]` as `['a', 'b', null]`; null for a name that PHP ignores. */
function pathOf(name: string): readonly (string | null)[] | null {
  const open = name.indexOf('[')
  const close = open < 0 ? -1 : name.indexOf(']', open)
  const base = close < 0 ? name : name.slice(0, open)
  if (base === '') return null
  const path: (string | null)[] = [base.replaceAll(/[ .[]/g, '_')]
  let rest = close < 0 ? '' : name.slice(open)
  // What follows the last bracket is dropped.
  for (let match; (match = /^\[([^\]]*)\]/.exec(rest)); rest = rest.slice(match[0].length)) {
    path.push(match[1] === '' ? null : match[1]!)
  }
  return path
}

function put(root: Map<string, PhpValue>, path: readonly (string | null)[], value: string): void {
  let array = root
  for (const [i, segment] of path.entries()) {
    const key = segment ?? nextIndex(array)
    if (i === path.length - 1) {
      array.set(key, value)
      return
    }
    const inner = array.get(key)
    const next = inner instanceof Map ? inner : new Map<string, PhpValue>()
    if (inner !== next) array.set(key, next)
    array = next
  }
}

function nextIndex(array: PhpArray): string {
  const indexes = [...array.keys()].filter((key) => /^\d+$/.test(key)).map(Number)
  return String(Math.max(-1, ...indexes) + 1)
}

/** Percent-decoding that leaves alone what is no valid escape. */
function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}
