import { isRecord, parseJson, type JsonRecord, type JsonValue } from '../../core/json.ts'
import { compareKeys, parseSort, sortKey, type Entry, type SortKey } from '../data/collection.ts'
import { findField } from '../data/settings/fields.ts'
import { textReply, type ApiRequest, type Reply } from '../server/http.ts'
import type { Route } from '../server/router.ts'
import type { CloseApi } from './api.ts'
import { fieldError, sentenceError } from './errors.ts'
import type { Predicate } from './filters.ts'
import { PLAIN, project, render, type Shape } from './list.ts'
import { SEARCHABLE, compileQuery, searchedType, type ObjectType } from './search-query.ts'

export interface SearchOptions {
  /** How long a cursor can be used, in milliseconds; about half a minute in reality. */
  readonly cursorTtlMs: number
  /** How many objects one walk along cursors yields; 10,000 in reality. */
  readonly walkLimit: number
  readonly now: () => number
}

interface Search {
  readonly type: ObjectType
  readonly order: readonly string[]
  readonly holds: Predicate
  readonly fields: readonly string[]
  readonly limit: number
  readonly resultsLimit: number
  readonly includeCounts: boolean
}

/** Where a walk stands: after this object, with so many delivered. */
interface Walk {
  readonly query: string
  readonly after: SortKey
  readonly delivered: number
  readonly expiresAt: number
}

const MAX_LIMIT = 200
/** More selectors than this are refused; the real bound lies between 80 and 140. */
const MAX_FIELDS = 100
/** The most cursors that can be open: the oldest are forgotten first. */
const MAX_WALKS = 1000

/**
 * `POST /data/search/`: the only way to read leads and contacts by `date_updated`. A walk goes on from the place of the
 * last object, so that what is edited meanwhile is seen again later on; it ends early when its cursor expires, and for
 * good at the walk limit.
 */
export function searchRoutes(api: CloseApi, options: SearchOptions): Route[] {
  const walks = new Map<string, Walk>()
  let issued = 0
  const openWalk = (walk: Walk): string => {
    const token = Buffer.from(`walk:${++issued}`).toString('base64url')
    walks.set(token, walk)
    if (walks.size > MAX_WALKS) walks.delete(walks.keys().next().value!)
    return token
  }

  const search = (request: ApiRequest): Reply => {
    const body = parseBody(request.body)
    const search = readSearch(api, body)
    const query = JSON.stringify([body.query, body.sort])
    const walk = typeof body.cursor === 'string' ? walks.get(body.cursor) : undefined
    if (typeof body.cursor === 'string') {
      if (walk?.query !== query || walk.expiresAt <= options.now()) {
        throw sentenceError('Expired cursor')
      }
    }
    const sorts = search.order.map(parseSort)
    const collection = api.world[SEARCHABLE[search.type]]
    const list = collection.list(...search.order)
    const delivered = walk?.delivered ?? 0
    const most = Math.min(options.walkLimit, search.resultsLimit) - delivered
    const wanted = Math.min(search.limit, most)
    const from = walk ? startAfter(list, walk.after, sorts) : 0
    const { page, more } = take(list, from, wanted, search.holds)
    const last = page.at(-1)
    const cursor =
      more && last && wanted < most
        ? openWalk({
            query,
            after: sortKey(last, sorts),
            delivered: delivered + page.length,
            expiresAt: options.now() + options.cursorTtlMs,
          })
        : null
    const shape = searchShape(api, search)
    const texts = page.map((entry) => render(entry, shape, null))
    const counts = search.includeCounts
      ? `,"count":${JSON.stringify(count(list, search.holds, options.walkLimit))}`
      : ''
    return textReply(`{"data":[${texts.join(',')}],"cursor":${JSON.stringify(cursor)}${counts}}`)
  }
  return [{ method: 'POST', path: '/data/search/', handle: search }]
}

function parseBody(text: string): JsonRecord {
  let body: JsonValue
  try {
    body = parseJson(text).value
  } catch {
    throw sentenceError('The request body is not valid JSON.')
  }
  if (!isRecord(body)) throw sentenceError('The request body must be a JSON object.')
  return body
}

function readSearch(api: CloseApi, body: JsonRecord): Search {
  const type = searchedType(body.query)
  const fields = isRecord(body._fields) ? (body._fields[type] ?? []) : []
  if (!Array.isArray(fields) || !fields.every((field) => typeof field === 'string')) {
    throw fieldError('_fields', 'Value must be an object of lists of field names.')
  }
  if (fields.length > MAX_FIELDS) throw fieldError('_fields', 'Too many fields.')
  const unknown = fields.find((field) => isUnknownCustomField(api, field))
  if (unknown !== undefined) throw fieldError('_fields', `Unknown field "${unknown}".`)
  return {
    type,
    order: readOrder(body.sort),
    holds: compileQuery(body.query, api.world),
    fields,
    limit: intOf(body._limit, '_limit', 100, MAX_LIMIT),
    resultsLimit: intOf(body.results_limit, 'results_limit', Infinity, Infinity),
    includeCounts: body.include_counts === true,
  }
}

function isUnknownCustomField({ world }: CloseApi, field: string): boolean {
  const prefix = 'custom.'
  return (
    field.startsWith(prefix) && findField(world.settings, field.slice(prefix.length)) === undefined
  )
}

/** `[{"direction": "asc", "field": {"type": "regular_field", "field_name": "date_updated"}}]` */
function readOrder(sort: JsonValue | undefined): string[] {
  if (sort === undefined || sort === null) return ['-date_created']
  const items = Array.isArray(sort) ? sort : []
  const order = items.map((item) => {
    const field = isRecord(item) && isRecord(item.field) ? item.field.field_name : undefined
    if (typeof field !== 'string') throw fieldError('sort', 'Unknown field.')
    return isRecord(item) && item.direction === 'desc' ? `-${field}` : field
  })
  return order.length > 0 ? order : ['-date_created']
}

function intOf(value: JsonValue | undefined, name: string, fallback: number, max: number): number {
  if (value === undefined || value === null) return fallback
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) {
    throw fieldError(name, 'Value must be a positive integer.')
  }
  if (value > max) throw fieldError(name, `Value must be less than or equal to ${max}.`)
  return value
}

/** The index of the first entry beyond a place; the entry of that place may be gone or elsewhere by now. */
function startAfter(
  list: readonly Entry[],
  after: SortKey,
  sorts: Parameters<typeof compareKeys>[2],
): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareKeys(sortKey(list[middle]!, sorts), after, sorts) <= 0) low = middle + 1
    else high = middle
  }
  return low
}

function take(list: readonly Entry[], from: number, count: number, holds: Predicate) {
  const page: Entry[] = []
  for (let i = from; i < list.length; i++) {
    if (!holds(list[i]!)) continue
    if (page.length >= count) return { page, more: true }
    page.push(list[i]!)
  }
  return { page, more: false }
}

function count(list: readonly Entry[], holds: Predicate, walkLimit: number): JsonRecord {
  const total = list.filter(holds).length
  return { limited: Math.min(total, walkLimit), total }
}

/** Only `id` and the type come back unless `_fields` asks for more. */
function searchShape({ shapes }: CloseApi, { type, fields }: Search): Shape {
  const wanted = ['id', ...fields]
  const shape = type === 'custom_object' ? PLAIN : shapes[type]
  return {
    name: `search ${wanted.join()}`,
    view: (entry) => ({ __object_type: type, ...project(shape.view(entry), wanted) }),
  }
}
