import type { JsonRecord } from '../../src/core/json.ts'
import { hang, reply, serve, type Reply, type TestServer } from '../support/http-server.ts'
import { createProject, type Project } from './project.ts'

export const API_KEY = 'canary-k3y-8f2a/7+x'

export const PIPELINES = `
destinations:
  local: { type: sqlite, path: "data/{dataset}.db" }
pipelines:
  shop:
    source: config/shop.yaml
`

export const SOURCE = `
base_url: "\${SHOP_URL}"
auth: { type: bearer, token: "\${SHOP_KEY}" }
retry: { max_attempts: 2, base_delay: 10ms }
defaults:
  primary_key: id
  data_selector: data
  pagination: { type: offset, limit: 2, limit_param: limit, offset_param: skip, has_more_path: more }
endpoints:
  - name: orders
    path: /orders
    incremental: { cursor_path: updated, param_name: updated_gte }
  - name: shops
    path: /shops
    pagination: { type: single }
`

/** An API with orders that hold nested lists, newest change last, behind a key. */
export interface Shop extends AsyncDisposable {
  readonly server: TestServer
  readonly orders: Order[]
  /** Answers instead of the API while it is set. */
  override: ((path: string) => Reply | undefined) | undefined
}

export interface Order extends JsonRecord {
  updated: string
}

export function order(id: number, updated: string, lines: readonly string[]): Order {
  return { id, updated, total: id * 10, lines: lines.map((sku) => ({ sku })) }
}

export async function openShop(): Promise<Shop> {
  const shop: { orders: Order[]; override: Shop['override'] } = {
    orders: [
      order(1, '2024-01-01T00:00:00Z', ['a', 'b']),
      order(2, '2024-01-02T00:00:00Z', []),
      order(3, '2024-01-03T00:00:00Z', ['c']),
    ],
    override: undefined,
  }
  const server = await serve(({ path, query, headers }) => {
    const instead = shop.override?.(path)
    if (instead) return instead
    if (headers.authorization !== `Bearer ${API_KEY}`) return reply(401, { error: 'bad key' })
    if (path === '/shops') return { data: [{ id: 1, name: 'Main' }] }
    if (path !== '/orders') return reply(404, { error: `no ${path}` })
    const from = query.get('updated_gte') ?? ''
    const skip = Number(query.get('skip') ?? 0)
    const end = skip + Number(query.get('limit') ?? 100)
    const found = shop.orders.filter(({ updated }) => updated >= from)
    return { data: found.slice(skip, end), more: end < found.length }
  })
  return Object.assign(shop, { server, [Symbol.asyncDispose]: server[Symbol.asyncDispose] })
}

/** A project that reads the shop; `files` replace its own. */
export function shopProject(
  shop: Shop,
  files: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Project> {
  return createProject(
    { 'pipelines.yaml': PIPELINES, 'config/shop.yaml': SOURCE, ...files },
    { SHOP_URL: shop.server.url, SHOP_KEY: API_KEY, ...env },
  )
}

/** From now on the shop answers so many requests for orders; resolves when one more has come, which hangs. */
export function stallAfter(shop: Shop, pages: number): Promise<void> {
  return new Promise((resolve) => {
    let asked = 0
    shop.override = (path) => {
      if (path !== '/orders' || ++asked <= pages) return undefined
      resolve()
      return hang()
    }
  })
}
