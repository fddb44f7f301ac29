import type { JsonRecord } from '../../core/json.ts'
import { textReply, type ApiRequest, type Reply } from '../server/http.ts'
import { API_USER_ID } from './data/org.ts'
import { listed, type Linked, type Store } from './data/store.ts'
import type { Row } from './data/table.ts'
import type { Entity } from './model/entities.ts'
import type { EntityName } from './model/names.ts'
import { compareValues, textOf } from './query/compare.ts'
import { compileAll, type Predicate } from './query/conditions.ts'
import { readSearchParams, type SearchParams } from './query/search-params.ts'
import { badRequest } from './refusals.ts'

export type Memo = <T>(key: string, compute: () => T) => T

export interface ListScope {
  readonly store: Store
  readonly entity: Entity
  readonly canRead: (entity: EntityName) => boolean
  /** All rows that the list could have, in any order. */
  readonly rows: readonly Row[]
  /** Keeps what is expensive for this kind of records under its key until anything changes. */
  readonly memo: Memo
}

/** `total` where nobody counted: there are more rows, or there are none. */
const MORE = -1
const NO_MORE = -2
/** What a text is cut to in a list that selects it. */
const LONGEST_SELECTED_TEXT = 10_000

/** One page of a list: `{"total": 250, "list": [...]}`. */
export function serveList(
  request: ApiRequest,
  scope: ListScope,
  linksById?: ReadonlyMap<string, Linked>,
  columns: Readonly<Record<string, string>> = {},
): Reply {
  const params = readSearchParams(request)
  const { entity } = scope
  const isCounted =
    !entity.uncounted && params.textFilter === null && request.headers['x-no-total'] !== 'true'
  const { offset, maxSize } = params
  const rows = select(scope, params, isCounted ? Infinity : offset + maxSize + 1)
  const page = rows.slice(offset, offset + maxSize)
  // A page of nothing looks no further either.
  const hasMore = maxSize > 0 && rows.length > offset + maxSize
  const uncounted = hasMore ? MORE : NO_MORE
  const names = selected(entity, params)
  const list = page.map((row) => {
    const record = listed(scope.store, row, entity.name, names)
    if (params.select) cutTexts(record, entity)
    const link = linksById?.get(row.id)
    return link ? { ...record, ...columnAttributes(link.columns, columns) } : record
  })
  return textReply(JSON.stringify({ total: isCounted ? rows.length : uncounted, list }))
}

/** The rows that fit, in order; when nobody counts, only as many as are looked at. */
function select(scope: ListScope, params: SearchParams, most: number): readonly Row[] {
  const fits = filterOf(scope, params)
  const ordered = order(scope, params)
  if (!fits) return ordered
  if (most === Infinity) {
    const { where, textFilter, primaryFilter, onlyMy, orderBy, order: direction } = params
    const asked = [where, textFilter, primaryFilter, onlyMy, orderBy, direction]
    const key = `rows ${scope.entity.name} ${JSON.stringify(asked, entriesOfMaps)}`
    return scope.memo(key, () => ordered.filter(fits))
  }
  const found: Row[] = []
  for (const row of ordered) {
    if (found.length >= most) break
    if (fits(row)) found.push(row)
  }
  return found
}

function filterOf(scope: ListScope, params: SearchParams): Predicate | null {
  const { entity, store } = scope
  const { where, textFilter, primaryFilter, onlyMy } = params
  const predicates: Predicate[] = []
  if (where.length > 0) predicates.push(compileAll(where, scope))
  if (primaryFilter !== null && Object.hasOwn(entity.filters, primaryFilter)) {
    const { attribute, values } = entity.filters[primaryFilter]!
    predicates.push(({ record }) => values.some((value) => value === record[attribute]))
  }
  if (onlyMy && 'assignedUserId' in entity.attributes) {
    predicates.push(({ record }) => record.assignedUserId === API_USER_ID)
  }
  if (textFilter !== null) {
    const start = textFilter.toLowerCase()
    const searched = ['name', 'emailAddress', 'number'].filter((name) => name in entity.attributes)
    predicates.push((row) =>
      searched.some((name) =>
        textOf(store.valueOf(row, name, entity))
          .toLowerCase()
          .startsWith(start),
      ),
    )
  }
  return predicates.length === 0 ? null : (row) => predicates.every((fits) => fits(row))
}

/** All rows in the order asked for. Ties are settled by id, in the same direction, always. */
function order(scope: ListScope, params: SearchParams): readonly Row[] {
  const { entity, store, memo, rows } = scope
  const by = params.orderBy ?? entity.order.by
  const fallback = params.orderBy === null ? entity.order.direction : 'asc'
  const direction = params.order ?? fallback
  const attribute = attributeFor(by, entity)
  return memo(`order ${entity.name} ${attribute} ${direction}`, () => {
    const sign = direction === 'asc' ? 1 : -1
    return rows
      .map((row) => ({ row, value: store.valueOf(row, attribute, entity) }))
      .sort((a, b) => sign * (compareValues(a.value, b.value) || compareValues(a.row.id, b.row.id)))
      .map(({ row }) => row)
  })
}

function entriesOfMaps(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value
}

/** A list is ordered by an attribute, or by a link to one record: by its name. */
function attributeFor(by: string, { attributes, belongsTo }: Entity): string {
  if (Object.hasOwn(belongsTo, by)) return `${by}Name`
  if (Object.hasOwn(attributes, by)) return by
  throw badRequest(`Order by non-existing field '${by}'.`)
}

/** Of what is selected, that which exists; the id always. */
function selected({ names }: Entity, { select }: SearchParams): readonly string[] {
  return select ? names.all.filter((name) => name === 'id' || select.has(name)) : names.listed
}

function cutTexts(record: JsonRecord, { attributes }: Entity): void {
  for (const [name, value] of Object.entries(record)) {
    if (attributes[name]!.type === 'text' && typeof value === 'string') {
      record[name] = value.slice(0, LONGEST_SELECTED_TEXT)
    }
  }
}

function columnAttributes(
  columns: JsonRecord,
  names: Readonly<Record<string, string>>,
): JsonRecord {
  return Object.fromEntries(
    Object.entries(names).map(([column, attribute]) => [attribute, columns[column] ?? null]),
  )
}
