import type { JsonRecord } from '../../core/json.ts'
import { Entry } from '../data/collection.ts'
import { draftOf } from '../data/draft.ts'
import { textReply, type ApiRequest, type Reply } from '../server/http.ts'
import { fieldError, sentenceError } from './errors.ts'
import { intParam } from './params.ts'

/** How objects of one kind look when they are served. */
export interface Shape {
  /** Names the shape among all shapes that an object is ever served in. */
  readonly name: string
  readonly view: (entry: Entry) => JsonRecord
}

export const PLAIN: Shape = { name: 'plain', view: (entry) => entry.record }

/** The deepest `_skip`, and which of its two known refusals the service gives beyond. */
export interface SkipCap {
  readonly maxSkip: number
  readonly message: 'field' | 'max_skip'
}

export interface ListPage {
  /** All that match, in order. */
  readonly entries: readonly Entry[]
  readonly shape: Shape
  /** The greatest `_limit`; a greater one is refused. */
  readonly maxLimit: number
  /** Only some lists tell how many there are in all. */
  readonly total?: boolean
  /** What a list tells beside its records. */
  readonly extra?: JsonRecord
}

const DEFAULT_LIMIT = 100

/** One page of a list by `_limit`, `_skip` and `_fields`: `{"data": [...], "has_more": true, "total_results": 250}`. */
export function servePage(
  { query }: ApiRequest,
  { entries, shape, maxLimit, total = false, extra }: ListPage,
  cap: SkipCap,
): Reply {
  const fallback = Math.min(DEFAULT_LIMIT, maxLimit)
  const limit = intParam(query, '_limit', { fallback, min: 1, max: maxLimit })
  const skip = intParam(query, '_skip', { fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER })
  if (skip > cap.maxSkip) throw skipTooDeep(cap)
  const fields = query.get('_fields')
  const texts = entries.slice(skip, skip + limit).map((entry) => render(entry, shape, fields))
  const more = entries.length > skip + limit
  const count = total ? `,"total_results":${entries.length}` : ''
  const rest = extra ? `,${JSON.stringify(extra).slice(1, -1)}` : ''
  return textReply(`{"data":[${texts.join(',')}],"has_more":${more}${count}${rest}}`)
}

/** A list that comes whole, whatever `_limit` and `_skip` say: it knows neither. */
export function serveWhole(
  { query }: ApiRequest,
  { entries, shape }: Pick<ListPage, 'entries' | 'shape'>,
): Reply {
  const texts = entries.map((entry) => render(entry, shape, query.get('_fields')))
  return textReply(`{"data":[${texts.join(',')}],"has_more":false}`)
}

export function serveOne(request: ApiRequest, entry: Entry, shape: Shape): Reply {
  return textReply(render(entry, shape, request.query.get('_fields')))
}

/** Records that are worked out, as entries of a list. */
export function toEntries(records: readonly JsonRecord[]): readonly Entry[] {
  return records.map((record) => new Entry(draftOf(record)))
}

/** The JSON text of an object, kept with it until it changes or is asked for differently. */
export function render(entry: Entry, shape: Shape, fields: string | null): string {
  const key = fields === null ? shape.name : `${shape.name} ${fields}`
  if (entry.text === undefined || entry.shape !== key) {
    const view = shape.view(entry)
    entry.text = JSON.stringify(fields === null ? view : project(view, fields.split(',')))
    entry.shape = key
  }
  return entry.text
}

/** Only the fields asked for; `custom` stands for all custom fields. A field that isn't there is left out. */
export function project(record: JsonRecord, fields: readonly string[]): JsonRecord {
  const wanted = new Set(fields)
  const allCustom = wanted.has('custom')
  return Object.fromEntries(
    Object.entries(record).filter(
      ([field]) => wanted.has(field) || (allCustom && field.startsWith('custom.')),
    ),
  )
}

function skipTooDeep({ maxSkip, message }: SkipCap) {
  return message === 'field'
    ? fieldError('_skip', `Value must be less than or equal to ${maxSkip}.`)
    : sentenceError(
        `The skip you set is larger than the maximum skip for this resource (max_skip = ${maxSkip}). Please refine your search query.`,
      )
}
