import type { JsonRecord } from '../../src/core/json.ts'
import { reply, serve, type TestServer } from './http-server.ts'

/** The records of a small API with every kind of list; a test changes them as it likes. */
export interface ShopData {
  orders: JsonRecord[]
  events: JsonRecord[]
  visits: JsonRecord[]
  prices: JsonRecord[]
  users: JsonRecord[]
  posts: JsonRecord[]
}

/** Serves the records, lists by `skip` and `limit`, from `since` on where they are incremental. */
export function serveShop(data: ShopData): Promise<TestServer> {
  return serve(({ path, query }) => {
    const since = Date.parse(query.get('since') ?? '1970-01-01T00:00:00Z')
    const newer = (records: JsonRecord[], field: string) =>
      records.filter((record) => Date.parse(record[field] as string) >= since)
    const [, name, parent] = path.split('/')
    const lists: Readonly<Record<string, JsonRecord[]>> = {
      orders: newer(data.orders, 'updated'),
      events: newer(data.events, 'at'),
      visits: newer(data.visits, 'at'),
      prices: data.prices,
      users: data.users,
      posts: data.posts.filter(({ user }) => user === parent),
    }
    const records = lists[name ?? '']
    if (!records) return reply(404, { error: 'not found' })
    const skip = Number(query.get('skip') ?? 0)
    const end = skip + Number(query.get('limit') ?? 100)
    return { data: records.slice(skip, end), has_more: end < records.length }
  })
}

/** A source that reads every list of the shop, each in another way. */
export function shopSource(url: string): object {
  return {
    base_url: url,
    auth: { type: 'none' },
    retry: { max_attempts: 2, base_delay: '1ms' },
    defaults: {
      data_selector: 'data',
      pagination: { type: 'offset', limit_param: 'limit', offset_param: 'skip', limit: 3 },
    },
    endpoints: [
      {
        name: 'orders',
        path: '/orders',
        primary_key: 'id',
        incremental: { cursor_path: 'updated', param_name: 'since' },
      },
      {
        name: 'events',
        path: '/events',
        incremental: { cursor_path: 'at', param_name: 'since', order: 'asc' },
      },
      {
        name: 'visits',
        path: '/visits',
        primary_key: 'id',
        write_disposition: 'append',
        incremental: { cursor_path: 'at', param_name: 'since', lookback: '1h' },
      },
      { name: 'prices', path: '/prices' },
      { name: 'users', path: '/users', primary_key: 'id' },
      {
        name: 'posts',
        path: '/posts/{user_id}',
        primary_key: 'id',
        depends_on: {
          endpoint: 'users',
          param_mapping: { user_id: 'id' },
          include: ['name'],
          only_changed: true,
        },
      },
    ],
  }
}
