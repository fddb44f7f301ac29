import { badRequest } from '../refusals.ts'
import { isList, type PhpArray, type PhpValue } from './php-query.ts'

/** One condition of a filter, or a group of them. */
export type WhereItem =
  | { readonly type: 'and' | 'or' | 'not'; readonly items: readonly WhereItem[] }
  | {
      readonly type: string
      /** Of an attribute or, for some types, of a link. */
      readonly attribute: string
      readonly value: PhpValue
      /** The value is in a time zone, and may be ISO 8601. */
      readonly dateTime: boolean
    }

const KEYS: ReadonlySet<string> = new Set([
  'type',
  'attribute',
  'field',
  'value',
  'dateTime',
  'timeZone',
  'date',
])

export function isGroup(item: WhereItem): item is Extract<WhereItem, { items: unknown }> {
  return 'items' in item
}

/** Reads a list of conditions, all of which are to be met. */
export function parseWhere(list: PhpArray): readonly WhereItem[] {
  if (!isList(list)) throw badRequest("Bad 'value'.")
  return [...list.values()].map(parseItem)
}

function parseItem(raw: PhpValue): WhereItem {
  if (!(raw instanceof Map)) throw badRequest('Bad where item.')
  const type = raw.get('type')
  if (typeof type !== 'string' || type === '') throw badRequest("No 'type' in where item.")
  for (const key of raw.keys()) {
    if (!KEYS.has(key)) throw badRequest(`Unknown parameter '${key}'.`)
  }
  const value = raw.get('value') ?? null
  if (type === 'and' || type === 'or' || type === 'not') {
    const items = value ?? new Map<string, PhpValue>()
    if (!(items instanceof Map)) throw badRequest("Bad 'value'.")
    return { type, items: parseWhere(items) }
  }
  const attribute = raw.get('attribute') ?? raw.get('field')
  if (typeof attribute !== 'string' || attribute === '')
    throw badRequest("No 'attribute' in where item.")
  const dateTime = isTruthy(raw.get('dateTime'))
  const timeZone = raw.get('timeZone') ?? 'UTC'
  if (dateTime && timeZone !== 'UTC') throw badRequest('The sandbox knows no time zone but UTC.')
  return { type, attribute, value, dateTime }
}

function isTruthy(value: PhpValue | undefined): boolean {
  return value !== undefined && value !== null && value !== '' && value !== '0' && value !== false
}
