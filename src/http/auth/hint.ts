import type { Auth } from './auth.ts'
import { auths, type AuthConfig } from './index.ts'

/** What to check after a 401: the secret keys of the auth. */
export function unauthorizedHint(auth: AuthConfig | Auth): string {
  if ('credentials' in auth) return 'the API did not accept the credentials of this source'
  const variant = auths.variants.find(({ config }) => config.shape.type.value === auth.type)
  const shape = variant?.config.shape as Record<
    string,
    { meta(): { secret?: unknown } | undefined }
  >
  const keys = Object.keys(shape).filter((key) => shape[key]!.meta()?.secret === true)
  if (keys.length === 0) return 'the API asks for credentials: set auth'
  const named = keys.map((key) => `auth.${key}`).join(', ')
  return `the API did not accept auth.type ${auth.type}; check ${named}`
}
