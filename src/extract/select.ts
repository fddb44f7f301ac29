import { SluiceError } from '../core/errors.ts'
import { isRecord, stringifyJson, type JsonRecord, type JsonValue } from '../core/json.ts'
import { compileSelect } from '../core/path.ts'
import { saysError } from './says-error.ts'

/** Finds the records in a response body. */
export type RecordSelector = (body: JsonValue) => readonly JsonRecord[]

export interface SelectorOptions {
  readonly endpoint: string
  /** The endpoint's path without parameters: `/users/` suggests the key `users`. */
  readonly path: string
  /** What an absent key means on a 2xx page. */
  readonly missing: 'error' | 'empty'
  /** Told once which selector was detected. */
  readonly onDetected: (selector: string) => void
}

const LIST_KEYS = [
  'data',
  'items',
  'results',
  'records',
  'entries',
  'rows',
  'list',
  'objects',
  'values',
  'content',
]
/** Keys that count or page a list. */
const ABOUT_LIST =
  /^_?(?:total|count|size|limit|skip|offset|page|pages|next|prev|previous|cursor|has_?more|links|meta|pagination|paging|success|status|ok|errors?|messages?)(?:_.*|[A-Z].*)?$/
/** Lists under these keys talk about the response, they are not it. */
const ENVELOPE_KEYS = new Set([
  'errors',
  'error',
  'warnings',
  'included',
  'links',
  'meta',
  'messages',
])

/** A path that ends in `[*]` leads to the items of a list one by one, and those may be anything. */
const NAMES_ITEMS = /(?:^|\.)\*$|\[\s*\*\s*\]$/

/**
 * The selector for a configured `data_selector`.
 *
 * @throws SluiceError CONFIG_INVALID; the selector throws SELECTOR_MISSING where it finds neither a list nor an object
 */
export function createSelector(selector: string, options: SelectorOptions): RecordSelector {
  const select = compileSelect(selector)
  const namesItems = NAMES_ITEMS.test(selector)
  return (body) => {
    const found = select(body)
    if (found.length === 0) {
      if (options.missing === 'empty') return []
      throw selectorMissing(selector, body, options.endpoint)
    }
    if (namesItems) return found.flatMap(toRecords)
    const scalar = found.find((value) => typeof value !== 'object')
    if (scalar !== undefined) throw noRecords(selector, scalar, options.endpoint)
    return found.filter((value) => !isNothing(value)).flatMap(toRecords)
  }
}

/**
 * A selector that looks at the first body for the list and reads all later ones by the same path.
 * Throws SELECTOR_MISSING when more than one list could be meant.
 */
export function detectSelector(options: SelectorOptions): RecordSelector {
  let detected: RecordSelector | null = null
  return (body) => {
    if (detected) return detected(body)
    // An empty answer says nothing about where the records of the next one are.
    if (isNothing(body) || isEmptyEnvelope(body, options) || isErrorOnly(body)) return []
    const selector = detect(body, options)
    const select = createSelector(selector, options)
    const records = select(body)
    if (records.length > 0) {
      options.onDetected(selector)
      detected = select
    }
    return records
  }
}

/** What stands for an empty list: null (`{"users": null}` on a last page), and `{}`, as PHP writes it. */
function isNothing(value: JsonValue): boolean {
  return value === null || (isRecord(value) && Object.keys(value).length === 0)
}

/**
 * An object with nothing in it but an empty list and what is said about one: `{"total": 0, "has_more": false}`,
 * `{"success": true, "data": {}}`.
 */
function isEmptyEnvelope(body: JsonValue, { path }: SelectorOptions): boolean {
  if (!isRecord(body)) return false
  const own = ownKey(path)
  return Object.entries(body).every(([key, value]) =>
    ABOUT_LIST.test(key)
      ? !Array.isArray(value)
      : (LIST_KEYS.includes(key) || key === own) && isNothing(value),
  )
}

function ownKey(path: string): string | undefined {
  return path.split('/').findLast((segment) => segment !== '' && !segment.startsWith('{'))
}

/** An error is not a record, whatever status it comes with. */
function isErrorOnly(body: JsonValue): boolean {
  return isRecord(body) && !('id' in body) && findLists(body).length === 0 && saysError(body)
}

function detect(body: JsonValue, { path, endpoint }: SelectorOptions): string {
  if (!isRecord(body)) return '$'
  const lists = findLists(body)
  const own = ownKey(path)
  for (const depth of [1, 2]) {
    const named = lists.find(
      (list) =>
        list.keys.length === depth &&
        (LIST_KEYS.includes(list.keys.at(-1)!) || list.keys.at(-1) === own),
    )
    if (named) return toPath(named.keys)
  }
  // An object with an id of its own is the record; its lists are part of it.
  if ('id' in body || lists.length === 0) return '$'
  const ofRecords = lists.filter((list) => list.keys.length === 1 && list.items.some(isRecord))
  const [only] = ofRecords.length > 0 ? ofRecords : lists
  if (ofRecords.length <= 1 && (ofRecords.length === 1 || lists.length === 1))
    return toPath(only!.keys)
  throw new SluiceError(
    'SELECTOR_MISSING',
    `${endpoint}: the response holds several lists: ${lists.map((list) => toPath(list.keys)).join(', ')}`,
    { hint: 'say which one holds the records with data_selector' },
  )
}

interface FoundList {
  readonly keys: readonly string[]
  readonly items: readonly JsonValue[]
}

function findLists(body: JsonRecord): FoundList[] {
  const lists: FoundList[] = []
  for (const [key, value] of Object.entries(body)) {
    if (ENVELOPE_KEYS.has(key)) continue
    if (Array.isArray(value)) lists.push({ keys: [key], items: value })
    if (!isRecord(value)) continue
    for (const [inner, nested] of Object.entries(value)) {
      if (Array.isArray(nested)) lists.push({ keys: [key, inner], items: nested })
    }
  }
  return lists
}

function toPath(keys: readonly string[]): string {
  return keys.every((key) => /^[\w-]+$/.test(key))
    ? keys.join('.')
    : `$${keys.map((key) => `['${key.replaceAll(/['\\]/g, '\\$&')}']`).join('')}`
}

/** A list's items, or the one thing itself. */
function toRecords(found: JsonValue): readonly JsonRecord[] {
  if (found === null) return []
  if (Array.isArray(found)) {
    if (found.every(isRecord)) return found
    return found.map((item) => (isRecord(item) ? item : { value: item }))
  }
  return [isRecord(found) ? found : { value: found }]
}

function selectorMissing(selector: string, body: JsonValue, endpoint: string): SluiceError {
  const there = isRecord(body)
    ? `an object with ${Object.keys(body).slice(0, 12).join(', ') || 'no keys'}`
    : Array.isArray(body)
      ? 'a list'
      : quote(body)
  return new SluiceError(
    'SELECTOR_MISSING',
    `${endpoint}: data_selector "${selector}" finds nothing in the response, which is ${there}`,
    {
      hint: 'correct data_selector, or set selector_missing: empty for an API that leaves the key out when there is nothing',
      details: { endpoint, selector },
    },
  )
}

/** An error in words, more often than not; whoever looks at a row of them does not see that the records are lacking. */
function noRecords(selector: string, found: JsonValue, endpoint: string): SluiceError {
  return new SluiceError(
    'SELECTOR_MISSING',
    `${endpoint}: data_selector "${selector}" finds ${quote(found)}, which is neither a list nor an object`,
    {
      hint: 'correct data_selector, unless what it finds is how the API reports an error',
      details: { endpoint, selector },
    },
  )
}

function quote(value: JsonValue): string {
  return stringifyJson(value).slice(0, 200)
}
