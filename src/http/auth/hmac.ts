import { createHmac } from 'node:crypto'
import * as z from 'zod'
import type { Variant } from '../../core/registry.ts'
import type { Auth, AuthContext } from './auth.ts'

const config = z.strictObject({
  type: z.literal('hmac'),
  api_key: z.string().min(1).meta({ secret: true }).describe('Key of the API user.'),
  secret_key: z.string().min(1).meta({ secret: true }).describe('Secret that signs each request.'),
  digest: z
    .enum(['hex', 'raw'])
    .default('hex')
    .describe('How the signature is written: `hex`, or `raw` bytes for EspoCRM before 8.4.1.'),
})

/**
 * EspoCRM's `X-Hmac-Authorization: base64(api_key:signature)`, where the signature is the HMAC-SHA256 of
 * `GET /Contact`: the method, and the path after `base_url` without its query.
 */
export const hmac = {
  config,
  create: ({ api_key, secret_key, digest }, { baseUrl }: AuthContext): Auth => {
    const basePath = new URL(baseUrl).pathname.replace(/\/+$/, '')
    return {
      credentials: async ({ method, url }) => {
        const { pathname } = new URL(url)
        const path = pathname.startsWith(`${basePath}/`)
          ? pathname.slice(basePath.length)
          : pathname
        const signed = createHmac('sha256', secret_key).update(`${method} ${path}`)
        const signature = digest === 'hex' ? Buffer.from(signed.digest('hex')) : signed.digest()
        const header = Buffer.concat([Buffer.from(`${api_key}:`), signature]).toString('base64')
        return { headers: { 'X-Hmac-Authorization': header } }
      },
      secrets: () => [api_key, secret_key],
    }
  },
} satisfies Variant<typeof config, [AuthContext], Auth>
