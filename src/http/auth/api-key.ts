import * as z from 'zod'
import type { Variant } from '../../core/registry.ts'
import type { Auth, AuthContext, Credentials } from './auth.ts'

const config = z.strictObject({
  type: z.literal('api_key'),
  api_key: z.string().min(1).meta({ secret: true }).describe('The key.'),
  location: z
    .enum(['header', 'query', 'cookie'])
    .default('header')
    .describe('Where the key is sent.'),
  name: z
    .string()
    .min(1)
    .default('Authorization')
    .describe('Name of the header, query parameter or cookie.'),
  format: z
    .string()
    .includes('{api_key}')
    .default('{api_key}')
    .describe('What is sent, such as `Bearer {api_key}`.'),
})

/** Sends one key with every request, in a header, a query parameter or a cookie. */
export const apiKey = {
  config,
  create: ({ api_key, location, name, format }): Auth => {
    const value = format.replaceAll('{api_key}', () => api_key)
    const credentials: Credentials = {
      header: { headers: { [name]: value } },
      query: { params: { [name]: value } },
      cookie: { headers: { Cookie: `${name}=${value}` } },
    }[location]
    return { credentials: async () => credentials, secrets: () => [api_key, value] }
  },
} satisfies Variant<typeof config, [AuthContext], Auth>
