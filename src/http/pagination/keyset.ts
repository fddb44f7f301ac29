import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import { SluiceError } from '../../core/errors.ts'
import type { JsonRecord, JsonValue } from '../../core/json.ts'
import { compileGet } from '../../core/path.ts'
import type { Variant } from '../../core/registry.ts'
import { compileTree, templateNames } from '../../core/template.ts'
import type { Params, RestRequest, RestResponse } from '../types.ts'
import type { PaginationContext, Paginator } from './paginator.ts'
import {
  location,
  pageSize,
  paramOf,
  withJoinedParams,
  withoutParamsNamed,
  withParams,
} from './params.ts'
import { countSignal, END, hasMoreSignal, MORE, toCount } from './signals.ts'

const config = z.strictObject({
  type: z.literal('keyset'),
  param: z.string().min(1).optional().describe('Parameter for the value to go on after.'),
  field: z
    .string()
    .min(1)
    .optional()
    .describe('Field of the last record that holds the value; the API must sort by it.'),
  params: z
    .record(z.string(), z.json())
    .optional()
    .describe(
      'Parameters of every page but the first, where one value is not enough; values may hold `{last.<field>}` of the last record. Lists and maps are added to those that the request has.',
    ),
  ...pageSize,
  limit: pageSize.limit.describe('Records to ask for per page.'),
  total_path: z
    .string()
    .optional()
    .describe(
      'Path to the number of records from the place asked for on; -1 means more, -2 the end (EspoCRM).',
    ),
  ties: z
    .union([
      z.strictObject({
        offset_param: z.string().min(1).describe('Parameter for the number of records to skip.'),
      }),
      z.strictObject({
        cursor_param: z.string().min(1).describe('Parameter for the cursor.'),
        cursor_path: z.string().min(1).describe('Path to the cursor of the next page.'),
      }),
    ])
    .optional()
    .describe(
      'How to go on where more records share one value than fit on a page, for a parameter that includes the value itself: an `offset_param`, or `cursor_param` and `cursor_path`. Default: such a list fails.',
    ),
  in: location,
})

/** What the page sizes of APIs are like. */
const LEAST_SIZE = 10
const ROUND = 5

const LAST = /^last\.(.+)$/

/**
 * Goes on after the last record received (`after_id=42`), until a page is empty, or brings nothing beyond the value that
 * it was asked for. A page with fewer records than were asked for is not taken for the last, unless the API says so: it may
 * have a lower limit of its own. Where a whole page shares one value, `ties` say how to get past it.
 */
export const keyset = {
  config,
  create: (options, { endpoint }: PaginationContext): Paginator => {
    const { limit_param, limit, ties, in: where } = options
    const hasMore = hasMoreSignal(undefined)
    const total = countSignal(options.total_path)
    const size = limit === undefined ? {} : { [limit_param]: limit }
    const goOn = options.params ? afterFields(options.params) : afterValue(options)
    let start: RestRequest | null = null
    /** How many pages of each length led on. */
    const lengths = new Map<number, number>()

    /**
     * Whether a page is as long as pages get: the records of one value may go on behind it. Where no limit was asked for, a
     * round number is taken for the API's own.
     */
    function isAsLongAsAny(length: number): boolean {
      const longest = Math.max(0, ...lengths.keys())
      if (length === limit || (length >= longest && (lengths.get(length) ?? 0) > 1)) return true
      return (
        limit === undefined && length >= longest && length >= LEAST_SIZE && length % ROUND === 0
      )
    }

    /** Whether the response says that there is more; null where it leaves that to the length of the page. */
    const saysMore = (response: RestResponse, received: number): boolean | null => {
      const count = total(response)
      if (count === null) return hasMore(response)
      return count === MORE ? null : count !== END && received < count
    }

    return {
      first: (request) => (start = withParams(request, size, where)),
      next: (request, response, records) => {
        const last = records.at(-1)
        const more = saysMore(response, records.length)
        if (last === undefined || more === false) return null
        const base = start ?? request
        const following = goOn(base, last, where)
        const isFull = isAsLongAsAny(records.length)
        if (ties && isFull && isDeepStrictEqual(goOn(base, records[0]!, where), following)) {
          return withinValue(request, response, records, following)
        }
        if (isDeepStrictEqual(following, withoutTies(request))) {
          return isFull || more ? following : null
        }
        lengths.set(records.length, (lengths.get(records.length) ?? 0) + 1)
        return following
      },
    }

    function withoutTies(request: RestRequest): RestRequest {
      if (!ties) return request
      const name = 'cursor_param' in ties ? ties.cursor_param : ties.offset_param
      return withoutParamsNamed(request, [name], where)
    }

    /** The request that goes on among records of one value, which `following` asks for from its first one on. */
    function withinValue(
      request: RestRequest,
      { body }: RestResponse,
      records: readonly JsonRecord[],
      following: RestRequest,
    ): RestRequest {
      if ('cursor_param' in ties!) {
        const cursor = compileGet(ties.cursor_path)(body) ?? null
        if (cursor === null || typeof cursor === 'object') return following
        return withParams(request, { [ties.cursor_param]: cursor }, where)
      }
      const { offset_param } = ties!
      const isBegun = isDeepStrictEqual(withoutTies(request), following)
      const skipped = isBegun ? (toCount(paramOf(request, offset_param, where)) ?? 0) : 0
      // One that is edited meanwhile leaves the value, and those behind it move up: half of the page is read again.
      const skip = skipped + Math.max(1, Math.floor(records.length / 2))
      return withParams(following, { [offset_param]: skip }, where)
    }

    function afterValue({ param = '', field = '' }: typeof options) {
      const fieldOf = compileGet(field)
      return (request: RestRequest, last: JsonRecord, where: typeof options.in): RestRequest =>
        withParams(request, { [param]: valueOf(fieldOf, field, last) }, where)
    }

    function afterFields(params: Params) {
      const fields = templateNames({ ...params }).map((name) => {
        const field = LAST.exec(name)?.[1] ?? name
        return { name, field, get: compileGet(field) }
      })
      const render = compileTree({ ...params })
      return (request: RestRequest, last: JsonRecord, where: typeof options.in): RestRequest => {
        const scope = new Map(
          fields.map(({ name, field, get }) => [name, valueOf(get, field, last)]),
        )
        return withJoinedParams(request, render(scope) as Params, where)
      }
    }

    function valueOf(
      get: ReturnType<typeof compileGet>,
      field: string,
      last: JsonRecord,
    ): JsonValue {
      const value = get(last) ?? null
      if (value !== null && typeof value !== 'object') return value
      const message = `${endpoint}: the last record of a page has no value at "${field}"`
      throw new SluiceError('PAGINATION_INVALID', message, {
        hint: 'go on after a field that every record has and the API sorts by: pagination.field, or {last.<field>} in pagination.params',
        details: { endpoint, field },
      })
    }
  },
} satisfies Variant<typeof config, [PaginationContext], Paginator>
