import type { Clock } from '../../core/clock.ts'
import type { JsonValue } from '../../core/json.ts'
import type { RestRequest } from '../types.ts'

/** What authentication adds to one request; header names in any case. */
export interface Credentials {
  readonly headers?: Readonly<Record<string, string>>
  readonly params?: Readonly<Record<string, string>>
}

/** An auth authenticates requests to the origin of `base_url`, and only those. */
export interface Auth {
  /** The credentials for one request; may log in first. Concurrent calls share one login. */
  credentials(request: RestRequest, signal?: AbortSignal): Promise<Credentials>
  /**
   * After a 401: true when new credentials were obtained and the request is worth sending once more.
   * Absent where there is nothing to renew.
   */
  renew?(rejected: Credentials, signal?: AbortSignal): Promise<boolean>
  /** Everything that must never be printed, including tokens obtained later. */
  secrets(): readonly string[]
}

/** What an auth may use. */
export interface AuthContext {
  readonly baseUrl: string
  readonly clock: Clock
  /**
   * Sends one unauthenticated request and returns its status and parsed body (null when it is not JSON).
   * Retries, time limits and redirect rules are those of every other request.
   */
  send(
    request: {
      method: 'POST' | 'GET'
      url: string
      headers?: Record<string, string>
      json?: JsonValue
      form?: Record<string, string>
    },
    signal?: AbortSignal,
  ): Promise<{ readonly status: number; readonly body: JsonValue }>
  /** Where a rotated refresh token is kept between runs; absent when nothing keeps it. */
  readonly tokens?: TokenStore | undefined
}

export interface TokenStore {
  load(): Promise<string | null>
  save(refreshToken: string): Promise<void>
}
