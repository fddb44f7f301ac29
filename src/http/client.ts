import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { got } from 'got'
import { systemClock, type Clock } from '../core/clock.ts'
import { SluiceError } from '../core/errors.ts'
import type { Emit } from '../core/events.ts'
import { stringifyJson } from '../core/json.ts'
import { silentLogger, type Logger } from '../core/log.ts'
import { createRedactor, type Redactor } from '../core/redact.ts'
import type { Auth, AuthContext, Credentials, TokenStore } from './auth/auth.ts'
import { unauthorizedHint } from './auth/hint.ts'
import { auths, type AuthConfig } from './auth/index.ts'
import { networkError, redirectError, tooLarge } from './failures.ts'
import { incomingHeaders, outgoingHeaders, secretHeaderValues } from './headers.ts'
import { createRateBudget, rateLimitConfig, type RateLimitConfig } from './rate-budget.ts'
import { readAll } from './read-all.ts'
import { redactError } from './redact-error.ts'
import { MAX_REDIRECTS, redirected } from './redirect.ts'
import { readRateLimit, type RateLimitFacts } from './reset-headers.ts'
import { readBody, serverTimeOf, toResponse, type RawResponse, type ReadBody } from './response.ts'
import { retryConfig, retrying, type RetryConfig } from './retry.ts'
import type { RestRequest, RestResponse } from './types.ts'
import { redactUrl, sameOrigin, withoutParams, withQuery } from './url.ts'

export interface ClientOptions {
  readonly baseUrl: string
  readonly auth: AuthConfig | Auth
  /** Sent with every request to the origin of `baseUrl`. */
  readonly headers?: Readonly<Record<string, string>>
  readonly retry?: RetryConfig
  readonly rateLimit?: RateLimitConfig
  readonly clock?: Clock
  /** 0 to 1, as Math.random. */
  readonly random?: () => number
  readonly log?: Logger
  readonly emit?: Emit
  /** Longest decompressed body; default 256 MiB. */
  readonly maxBytes?: number
  /** Where `oauth2` keeps rotated refresh tokens. */
  readonly tokens?: TokenStore | undefined
}

export interface SendOptions {
  /** Name of the endpoint, for messages and events. */
  readonly endpoint: string
  /** Path template, which names the rate group where `group_by` is `path`. Default: the endpoint's name. */
  readonly path?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Statuses that are returned instead of thrown. */
  readonly acceptStatuses?: readonly number[] | undefined
}

/** Sends the requests of one source: authenticated, within its rate limit, retried. */
export interface RestClient {
  /**
   * The response to one request, its body complete and parsed.
   *
   * @throws SluiceError HTTP_*, AUTH_FAILED or RATE_LIMIT_WAIT, without any secret
   */
  send(request: RestRequest, options: SendOptions): Promise<RestResponse>
  /** Everything that must never be printed; grows as tokens are obtained. */
  secrets(): readonly string[]
  /** Closes idle connections. */
  close(): void
}

const DEFAULT_MAX_BYTES = 256 * 1024 * 1024

/** One request on its way through attempts, redirects and renewals. */
interface Call {
  readonly request: RestRequest
  /** Sent instead of a JSON body. */
  readonly form?: Record<string, string> | undefined
  readonly endpoint: string
  readonly group: string
  readonly signal: AbortSignal | undefined
  readonly accepts: (status: number) => boolean
  /** Absent for the requests that an auth itself makes. */
  readonly auth?: Auth
}

/** What came back for a request, before anyone has judged it. */
interface Exchanged {
  readonly raw: RawResponse
  readonly body: ReadBody
  readonly facts: RateLimitFacts
}

/** Opens a client; {@link RestClient.close} it when the run is over. */
export function createClient(options: ClientOptions): RestClient {
  const { baseUrl, headers: sourceHeaders = {}, maxBytes = DEFAULT_MAX_BYTES } = options
  const { clock = systemClock, random = Math.random, log = silentLogger, emit = () => {} } = options
  const retry = options.retry ?? retryConfig.parse({})
  const budget = createRateBudget({
    config: options.rateLimit ?? rateLimitConfig.parse({}),
    maxWaitMs: retry.max_wait,
    clock,
    random,
    emit,
  })
  const agent = {
    http: new HttpAgent({ keepAlive: true }),
    https: new HttpsAgent({ keepAlive: true }),
  }
  const auth =
    'credentials' in options.auth ? options.auth : auths.create(options.auth, authContext())
  const hint = unauthorizedHint(options.auth)
  const isOurs = (url: string): boolean => sameOrigin(url, baseUrl)

  function authContext(): AuthContext {
    return {
      baseUrl,
      clock,
      tokens: options.tokens,
      send: ({ method, url, headers = {}, json, form }, signal) =>
        perform({
          request: { method, url, headers, params: {}, queryStyle: 'plain', body: json },
          form,
          endpoint: 'auth',
          group: isOurs(url) ? budget.groupOf(method, 'auth') : 'auth',
          signal,
          accepts: (status) => status !== 429 && !retry.statuses.includes(status),
        }),
    }
  }

  function perform(call: Call): Promise<RestResponse> {
    const { endpoint, group, signal } = call
    return retrying(() => attempt(call), {
      config: retry,
      clock,
      random,
      emit,
      endpoint,
      group,
      signal,
      onRefusal: (waitMs) => budget.pause(group, waitMs),
    })
  }

  async function attempt(call: Call): Promise<RestResponse> {
    const used: string[] = []
    const redact: Redactor = (text) => createRedactor([...secrets(), ...used])(text)
    try {
      const { raw, body, facts } = await exchange(call, used, redact)
      const { endpoint, accepts } = call
      return toResponse(raw, body, {
        endpoint,
        accepts,
        retryStatuses: retry.statuses,
        facts,
        now: clock.now(),
        unauthorizedHint: hint,
        redact,
      })
    } catch (error) {
      if (!(error instanceof SluiceError) || error === call.signal?.reason) throw error
      throw redactError(error, redact)
    }
  }

  /** One attempt: redirects within the origin are followed, and credentials renewed once after a 401. */
  async function exchange(call: Call, used: string[], redact: Redactor): Promise<Exchanged> {
    const { endpoint, signal } = call
    let { request } = call
    let renewed = false
    for (let redirects = 0; ;) {
      const credentials = isOurs(request.url)
        ? ((await call.auth?.credentials(request, signal)) ?? {})
        : {}
      used.push(
        ...Object.values({ ...credentials.headers, ...credentials.params }),
        ...secretHeaderValues(request.headers),
      )
      const exchanged = await fetchOnce({ ...call, request }, credentials)
      const { raw } = exchanged
      const next = redirected(endpoint, request, raw)
      if (next) {
        if (++redirects > MAX_REDIRECTS) {
          throw redirectError({ ...raw, endpoint }, `more than ${MAX_REDIRECTS} times`)
        }
        request = next
        log.debug(`${endpoint}: redirected to ${redact(redactUrl(request.url))}`)
      } else if (
        raw.status === 401 &&
        !renewed &&
        (await call.auth?.renew?.(credentials, signal))
      ) {
        renewed = true
      } else {
        return exchanged
      }
    }
  }

  async function fetchOnce(call: Call, credentials: Credentials): Promise<Exchanged> {
    const { endpoint, group, signal } = call
    const slot = await budget.acquire({ group, endpoint, signal })
    const startedAt = clock.now()
    try {
      const raw = await download(call, credentials)
      const body = readBody(raw)
      const { status, headers, bytes } = raw
      const now = clock.now()
      const facts = readRateLimit({
        status,
        headers,
        body: body.json?.value ?? null,
        now,
        serverTime: serverTimeOf(headers),
        resetHeader: retry.reset_header,
      })
      slot.release(facts)
      emit({ type: 'request', endpoint, status, ms: now - startedAt, bytes: bytes.length })
      return { raw, body, facts }
    } finally {
      slot.release()
    }
  }

  async function download(call: Call, credentials: Credentials): Promise<RawResponse> {
    const { request, form, endpoint, signal } = call
    const { method, body } = request
    const secretParams = credentials.params ?? {}
    // A next link or a redirect may repeat the key that was sent; it is not part of the address.
    const bare = withoutParams(request.url, Object.keys(secretParams))
    const url = withQuery(bare, request.params, request.queryStyle)
    const about = { endpoint, method, url }
    try {
      signal?.throwIfAborted()
      const stream = got.stream(withQuery(url, secretParams, 'plain'), {
        method,
        headers: outgoingHeaders({
          request,
          source: sourceHeaders,
          credentials,
          ours: isOurs(request.url),
        }),
        ...(body !== undefined && { body: stringifyJson(body) }),
        ...(form && { form }),
        agent,
        timeout: { request: retry.timeout },
        retry: { limit: 0 },
        throwHttpErrors: false,
        followRedirect: false,
      })
      const bytes = await readAll(stream, maxBytes, signal)
      if (bytes === null) throw tooLarge(about, maxBytes)
      const { statusCode: status, headers } = stream.response!
      return { status, url, method, headers: incomingHeaders(headers), bytes }
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      throw error instanceof SluiceError ? error : networkError(about, error)
    }
  }

  function secrets(): string[] {
    const { password } = new URL(baseUrl)
    return [
      ...auth.secrets(),
      ...secretHeaderValues(sourceHeaders),
      ...(password ? [password] : []),
    ]
  }

  return {
    send: (request, { endpoint, path = endpoint, signal, acceptStatuses = [] }) =>
      perform({
        request,
        endpoint,
        group: budget.groupOf(request.method, path),
        signal,
        accepts: (status) => acceptStatuses.includes(status),
        auth,
      }),
    secrets,
    close: () => {
      agent.http.destroy()
      agent.https.destroy()
    },
  }
}
