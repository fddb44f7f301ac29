/** How a list of the API is sorted: by its time, or in an order that says nothing. */
export type Order = 'asc' | 'desc' | 'none'
export type Paging = 'offset' | 'page' | 'cursor' | 'next_url' | 'link_header'
/** What may happen to the records of a list. `late`: a record comes with a time that is past. */
export type Change = 'insert' | 'edit' | 'late' | 'delete'

/** One list of the API, how it changes, and the endpoint that reads it. */
export interface List {
  readonly name: string
  readonly order: Order
  readonly paging: Paging
  readonly changes: readonly Change[]
  /** Records that are gone stay in the table, or are marked in it, or leave it. */
  readonly gone: 'stay' | 'marked' | 'leave'
  /** The list whose records these belong to, one list for each. */
  readonly parent?: string
  /** Greatest offset that the API accepts. */
  readonly maxOffset?: number
  /** Records at the start, spread over the days before. */
  readonly size: number
  /** Keys of the endpoint beside its name and path. */
  readonly endpoint: object
}

/** Records on a page where a request does not say how many. */
export const PAGE_SIZE = 10
/** Records of the last days are synced, those before them are left to a backfill. */
export const SYNCED_DAYS = 3
export const DAYS = 6

const OFFSET = { type: 'offset', limit: PAGE_SIZE, limit_param: 'limit', offset_param: 'skip' }
const PAGES: Readonly<Record<Paging, object>> = {
  offset: OFFSET,
  page: { type: 'page', limit: PAGE_SIZE, limit_param: 'limit', total_path: 'total' },
  cursor: { type: 'cursor', limit: PAGE_SIZE, limit_param: 'limit', cursor_path: 'next_cursor' },
  next_url: { type: 'next_url', next_url_path: 'next' },
  link_header: { type: 'link_header' },
}
const SINCE = { cursor_path: 'at', param_name: 'since' }

const list = (
  name: string,
  order: Order,
  paging: Paging,
  changes: readonly Change[],
  size: number,
  endpoint: object,
  more: Partial<List> = {},
): List => ({
  name,
  order,
  paging,
  changes,
  size,
  gone: 'stay',
  endpoint: { primary_key: 'id', pagination: PAGES[paging], ...endpoint },
  ...more,
})

/** Every kind of endpoint: how it is read, how it is written, and what becomes of its rows. */
export const LISTS: readonly List[] = [
  list('orders', 'none', 'offset', ['insert', 'edit', 'delete'], 45, { incremental: SINCE }),
  list('messages', 'asc', 'offset', ['insert', 'edit'], 60, {
    incremental: { ...SINCE, order: 'asc' },
  }),
  list('activities', 'desc', 'page', ['insert', 'edit'], 45, {
    incremental: { ...SINCE, order: 'desc' },
  }),
  list('logs', 'asc', 'cursor', ['insert', 'edit'], 45, {
    incremental: { ...SINCE, order: 'asc' },
  }),
  list(
    'calls',
    'asc',
    'offset',
    ['insert', 'edit', 'delete'],
    150,
    {
      pagination: { ...OFFSET, max_offset: 30 },
      incremental: { ...SINCE, end_param_name: 'until', window: { size: 'P1D', min: '1m' } },
    },
    { maxOffset: 30 },
  ),
  list('audits', 'none', 'link_header', ['insert'], 60, {
    primary_key: null,
    incremental: { ...SINCE, end_param_name: 'until', window: { size: 'P1D' } },
  }),
  list('visits', 'asc', 'offset', ['insert'], 70, {
    primary_key: null,
    incremental: { ...SINCE, order: 'asc' },
  }),
  list('clicks', 'none', 'offset', ['insert'], 35, { primary_key: null, incremental: SINCE }),
  list('views', 'desc', 'cursor', ['insert', 'late'], 35, {
    write_disposition: 'append',
    incremental: { ...SINCE, lookback: '1h' },
  }),
  list(
    'prices',
    'none',
    'next_url',
    ['insert', 'edit', 'delete'],
    35,
    { primary_key: null },
    {
      gone: 'leave',
    },
  ),
  list(
    'users',
    'none',
    'offset',
    ['insert', 'edit', 'delete'],
    30,
    { deletes: 'soft' },
    {
      gone: 'marked',
    },
  ),
  list(
    'tags',
    'none',
    'page',
    ['insert', 'edit', 'delete'],
    35,
    { deletes: 'hard' },
    {
      gone: 'leave',
    },
  ),
  list(
    'posts',
    'asc',
    'cursor',
    ['insert', 'edit', 'delete'],
    40,
    {
      path: '/posts/{user_id}',
      deletes: 'hard',
      depends_on: { endpoint: 'users', param_mapping: { user_id: 'id' }, include: ['name'] },
    },
    { gone: 'leave', parent: 'users' },
  ),
]

/** The source that reads `names` of the lists from a server. */
export function sourceOf(url: string, timeout: string, names: readonly string[]): object {
  return {
    base_url: url,
    auth: { type: 'none' },
    retry: { max_attempts: 4, base_delay: '5ms', timeout },
    defaults: { data_selector: 'data', max_delete_ratio: 1 },
    endpoints: LISTS.filter(({ name }) => names.includes(name)).map(({ name, endpoint }) => ({
      name,
      path: `/${name}`,
      ...endpoint,
    })),
  }
}
