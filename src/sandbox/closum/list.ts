import { jsonReply, type ApiRequest, type Reply } from '../server/http.ts'
import { notFound } from './errors.ts'

export interface List<Row> {
  /** In the order of their ids. */
  readonly rows: readonly Row[]
  /** The fields that the list can be sorted by. */
  readonly sortable: readonly (keyof Row & string)[]
  /** A row as the list shows it. */
  readonly view: (row: Row) => object
  /** The most records of a page, whatever is asked for. */
  readonly maxLimit: number
}

const DEFAULT_LIMIT = 25

/** One page of a list by `page`, `limit`, `sort` and `direction`; whatever else is asked for is ignored. */
export function servePage<Row>(request: ApiRequest, list: List<Row>): Reply {
  const { query } = request
  const limit = Math.min(positive(query.get('limit'), DEFAULT_LIMIT), list.maxLimit)
  const page = positive(query.get('page'), 1)
  const count = list.rows.length
  const pages = Math.max(1, Math.ceil(count / limit))
  if (page > pages) throw notFound(request)
  const shown = sorted(list, query).slice((page - 1) * limit, page * limit)
  return jsonReply({
    success: true,
    data: shown.map(list.view),
    pagination: {
      page_count: pages,
      current_page: page,
      has_next_page: page < pages,
      has_prev_page: page > 1,
      count,
      // Told only where it is not the usual one.
      limit: limit === DEFAULT_LIMIT ? null : limit,
    },
  })
}

/** A number as PHP reads it: what is none, or less than 1, counts as 1. */
function positive(text: string | null, fallback: number): number {
  return text === null ? fallback : Math.max(1, Number.parseInt(text, 10) || 1)
}

/** Nulls come first, as in MySQL; equal values stay in the order of ids. */
function sorted<Row>({ rows, sortable }: List<Row>, query: URLSearchParams): readonly Row[] {
  const wanted = query.get('sort') ?? 'id'
  const field = sortable.find((name) => name === wanted)
  if (!field) return rows
  const sign = query.get('direction')?.toLowerCase() === 'desc' ? -1 : 1
  return rows.toSorted((a, b) => sign * compare(a[field], b[field]))
}

function compare(a: unknown, b: unknown): number {
  if (a === b) return 0
  if (a === null) return -1
  if (b === null) return 1
  return (a as string | number) < (b as string | number) ? -1 : 1
}
