import type { ApiRequest } from '../../server/http.ts'
import type { Direction } from '../model/definitions.ts'
import { badRequest, forbidden } from '../refusals.ts'
import { fromJson, parsePhpQuery, type PhpArray, type PhpValue } from './php-query.ts'
import { parseWhere, type WhereItem } from './where.ts'

/** What a list is asked for. */
export interface SearchParams {
  readonly where: readonly WhereItem[]
  readonly offset: number
  readonly maxSize: number
  readonly orderBy: string | null
  readonly order: Direction | null
  /** Null: every attribute that lists carry. */
  readonly select: ReadonlySet<string> | null
  readonly textFilter: string | null
  readonly primaryFilter: string | null
  readonly onlyMy: boolean
}

/** The largest page, and the one that is served when no size is asked for. */
const LARGEST_PAGE = 200

/**
 * Reads what a list is asked for, from `searchParams` alone if it is there. A filter that is no array, such as JSON text in
 * `where`, is dropped without a word.
 */
export function readSearchParams({ rawQuery }: ApiRequest): SearchParams {
  const query = parsePhpQuery(rawQuery)
  const json = query.get('searchParams')
  const params = typeof json === 'string' ? parseSearchParams(json) : fromQuery(query)
  const maxSize = params.get('maxSize') ?? LARGEST_PAGE
  const offset = params.get('offset') ?? 0
  if (!Number.isInteger(maxSize)) throw badRequest('maxSize must be integer.')
  if (!Number.isInteger(offset)) throw badRequest('offset must be integer.')
  if (Number(maxSize) > LARGEST_PAGE) {
    throw forbidden(`Max size should not exceed ${LARGEST_PAGE}. Use offset and limit.`)
  }
  const where = params.get('whereGroup') ?? params.get('where')
  const filters = params.get('boolFilterList')
  return {
    where: where instanceof Map ? parseWhere(where) : [],
    offset: Math.max(0, Number(offset)),
    maxSize: Math.max(0, Number(maxSize)),
    orderBy: textOf(params.get('orderBy')),
    order: orderOf(textOf(params.get('order'))),
    select: selectOf(params.get('select')),
    textFilter: textOf(params.get('textFilter') ?? params.get('q')),
    primaryFilter: textOf(params.get('primaryFilter')),
    onlyMy: filters instanceof Map && [...filters.values()].includes('onlyMy'),
  }
}

function parseSearchParams(json: string): PhpArray {
  const params = decodeJson(json)
  if (params instanceof Map) return params
  throw badRequest('Invalid search params JSON.')
}

function decodeJson(json: string): PhpValue {
  try {
    return fromJson(JSON.parse(json))
  } catch {
    return null
  }
}

/** Parameters of the query in the terms of `searchParams`: texts become what they stand for. */
function fromQuery(query: PhpArray): PhpArray {
  const params = new Map(query)
  for (const name of ['maxSize', 'offset']) {
    const text = textOf(query.get(name))
    params.set(name, text === null ? null : leadingInteger(text))
  }
  if (textOf(query.get('orderBy')) === null) params.set('orderBy', query.get('sortBy') ?? null)
  const ascending = textOf(query.get('asc'))
  if (textOf(query.get('order')) === null && ascending !== null) {
    params.set('order', ascending === 'true' ? 'asc' : 'desc')
  }
  const select = textOf(query.get('attributeSelect') ?? query.get('select'))
  params.set('select', select === null ? null : fromJson(select.split(',')))
  return params
}

function textOf(value: PhpValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** As PHP casts text: `50abc` is 50, `abc` is 0. */
function leadingInteger(text: string): number {
  return Number(/^\s*([+-]?\d{1,15})/.exec(text)?.[1] ?? 0)
}

function orderOf(text: string | null): Direction | null {
  const order = text?.toLowerCase() ?? null
  if (order === null || order === 'asc' || order === 'desc') return order
  throw badRequest("Bad 'order'.")
}

function selectOf(value: PhpValue | undefined): ReadonlySet<string> | null {
  if (!(value instanceof Map)) return null
  const names = [...value.values()].filter((name) => typeof name === 'string')
  return names.length === 1 && names[0] === '*' ? null : new Set(names)
}
