import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { registerAuth, registerDestination, registerPaginator } from '../../../src/index.ts'
import type {
  Auth,
  AuthContext,
  PaginationContext,
  Paginator,
  Variant,
} from '../../../src/index.ts'
import { destinations } from '../../../src/load/index.ts'
import { createPipeline } from '../../support/pipeline.ts'
import { reply, serve } from '../../support/http-server.ts'

const headerTokenConfig = z.strictObject({
  type: z.literal('header_token'),
  header: z.string().default('x-next-token'),
  token_param: z.string(),
})

const headerToken = {
  config: headerTokenConfig,
  create: ({ header, token_param }): Paginator => ({
    first: (request) => request,
    next(request, response) {
      const token = response.headers[header.toLowerCase()]
      return token ? { ...request, params: { ...request.params, [token_param]: token } } : null
    },
  }),
} satisfies Variant<typeof headerTokenConfig, [PaginationContext], Paginator>

const badgeConfig = z.strictObject({ type: z.literal('badge'), badge: z.string() })

const badge = {
  config: badgeConfig,
  create: (config): Auth => ({
    credentials: async () => ({ headers: { 'x-badge': config.badge } }),
    secrets: () => [config.badge],
  }),
} satisfies Variant<typeof badgeConfig, [AuthContext], Auth>

registerPaginator(headerToken)
registerAuth(badge)

describe('variants of one’s own', () => {
  it('are written in YAML and used like the built-in ones', async () => {
    await using api = await serve(({ headers, query }) => {
      if (headers['x-badge'] !== 'secret-badge') return reply(401, { error: 'no badge' })
      const page = Number(query.get('token') ?? 1)
      return reply(
        200,
        { data: [{ id: page }] },
        page < 3 ? { 'X-Next-Token': String(page + 1) } : {},
      )
    })
    await using pipeline = createPipeline('sqlite', {
      base_url: api.url,
      auth: { type: 'badge', badge: 'secret-badge' },
      endpoints: [
        {
          name: 'items',
          path: '/items',
          primary_key: 'id',
          pagination: { type: 'header_token', token_param: 'token', max_pages: 9 },
        },
      ],
    })
    expect((await pipeline.sync()).status).toBe('ok')
    expect(await pipeline.rows('select id from items order by id')).toEqual([[1], [2], [3]])
  })

  it('have their keys checked', async () => {
    await using pipeline = createPipeline('sqlite', {
      base_url: 'http://127.0.0.1:1/',
      auth: { type: 'badge', bagde: 'x' },
      endpoints: [{ name: 'items', path: '/items' }],
    })
    await expect(pipeline.sync()).rejects.toThrow(/unknown key "bagde"; did you mean "badge"/)
  })

  it('can not take a type that is there', () => {
    expect(() => registerPaginator(headerToken)).toThrow(/"header_token" already/)
    expect(() => registerDestination(destinations.variants[0]!)).toThrow(/"sqlite" already/)
  })
})

it('the example of docs/extending.md is the paginator that is tested here', () => {
  const docs = readFileSync(new URL('../../../docs/extending.md', import.meta.url), 'utf8')
  const squeeze = (text: string) => text.replaceAll(/\s+/g, '')
  const create = readFileSync(new URL(import.meta.url), 'utf8').match(
    /create: \(\{ header[\s\S]*?\n  \}\),/,
  )![0]
  expect(squeeze(docs)).toContain(squeeze(create))
})
