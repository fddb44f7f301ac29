import { jsonReply, type ApiRequest, type Reply } from '../server/http.ts'

/** What an app was given when it was registered, and the refresh token that stands for a user's consent. */
export const OAUTH_APP = {
  client_id: 'sandbox_client',
  client_secret: 'sandbox_secret',
  refresh_token: 'sandbox_refresh_token',
  code: 'sandbox_code',
} as const

export const TOKEN_PATH = '/oauth2/token/'

const EXPIRES_IN_SECONDS = 3600

/** HTTP Basic: the API key as the user name, an empty password. */
export function basicKey({ headers }: ApiRequest): string | null {
  const [, encoded] = /^basic +([\w+/=-]+)$/i.exec(headers.authorization ?? '') ?? []
  if (encoded === undefined) return null
  const [, key] = /^([^:]+):$/.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? []
  return key ?? null
}

export function bearerToken({ headers }: ApiRequest): string | null {
  const [, token] = /^bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? []
  return token ?? null
}

/** Mints access tokens for a registered app; each use of a refresh token gives a new one and ends the old one. */
export interface OAuth {
  readonly isValid: (token: string) => boolean
  readonly token: (request: ApiRequest) => Reply
}

export function createOAuth(now: () => number): OAuth {
  const expiresAt = new Map<string, number>()
  let refreshToken: string = OAUTH_APP.refresh_token
  let minted = 0
  return {
    isValid: (token) => (expiresAt.get(token) ?? 0) > now(),
    token: ({ method, body }) => {
      if (method !== 'POST') return jsonReply({ error: 'invalid_request' }, 405)
      const form = new URLSearchParams(body)
      const { client_id, client_secret, code } = OAUTH_APP
      if (form.get('client_id') !== client_id || form.get('client_secret') !== client_secret) {
        return jsonReply({ error: 'invalid_client' }, 401)
      }
      const grant = form.get('grant_type')
      if (grant !== 'refresh_token' && grant !== 'authorization_code') {
        return jsonReply({ error: 'unsupported_grant_type' }, 400)
      }
      const granted =
        grant === 'refresh_token'
          ? form.get('refresh_token') === refreshToken
          : form.get('code') === code
      if (!granted) return jsonReply({ error: 'invalid_grant' }, 400)
      minted++
      const accessToken = `sandbox_access_${minted}`
      refreshToken = `${OAUTH_APP.refresh_token}_${minted}`
      expiresAt.set(accessToken, now() + EXPIRES_IN_SECONDS * 1000)
      return jsonReply({
        access_token: accessToken,
        refresh_token: refreshToken,
        expires_in: EXPIRES_IN_SECONDS,
        token_type: 'Bearer',
        scope: 'all.full_access offline_access',
      })
    },
  }
}
