import { SluiceError, TransientError } from '../core/errors.ts'
import { parseJson, type JsonValue } from '../core/json.ts'
import type { Redactor } from '../core/redact.ts'
import { apiWords, quote } from './api-words.ts'
import { readRetryAfter, type RateLimitFacts } from './reset-headers.ts'
import type { RestResponse } from './types.ts'
import { describe, detailsOf, type FailedRequest } from './failures.ts'

/** A response as it came, its body complete and decompressed. */
export interface RawResponse {
  readonly status: number
  /** The URL that answered, without credentials. */
  readonly url: string
  readonly method: string
  readonly headers: RestResponse['headers']
  readonly bytes: Buffer
}

/**
 * A body after parsing; `json` is null when it is not JSON. An empty body is the value null where the status
 * says that there is none; on any other it is one that was cut off.
 */
export interface ReadBody {
  readonly json: { readonly value: JsonValue; readonly nulsRemoved: number } | null
  readonly text: string
}

/** What the sender of a request wants from the response. */
export interface Expectation {
  readonly endpoint: string
  /** Whether a status other than 2xx is an answer rather than a failure. */
  readonly accepts: (status: number) => boolean
  /** Statuses worth another attempt. */
  readonly retryStatuses: readonly number[]
  readonly facts: RateLimitFacts
  readonly now: number
  readonly unauthorizedHint: string
  readonly redact: Redactor
}

const QUOTED = 200
/** Media types that may hold JSON; on any other, a body that does not parse will not parse next time either. */
const MAYBE_JSON = /json|text\/plain|octet-stream|javascript|^$/

/** No Content and Reset Content. */
const WITHOUT_BODY: readonly number[] = [204, 205]

export function readBody(raw: RawResponse): ReadBody {
  const text = decode(raw)
  if (text.trim() === '') {
    const empty = WITHOUT_BODY.includes(raw.status)
    return { json: empty ? { value: null, nulsRemoved: 0 } : null, text: '' }
  }
  try {
    return { json: parseJson(text), text }
  } catch {
    return { json: null, text }
  }
}

function decode({ headers, bytes }: RawResponse): string {
  const charset = /charset\s*=\s*"?([^\s;"]+)/i.exec(headers['content-type'] ?? '')?.[1]
  try {
    return new TextDecoder(charset ?? 'utf-8').decode(bytes)
  } catch {
    return new TextDecoder().decode(bytes)
  }
}

/** The server's clock, from the `Date` header. */
export function serverTimeOf(headers: RestResponse['headers']): number | null {
  const millis = Date.parse(headers.date ?? '')
  return Number.isNaN(millis) ? null : millis
}

/**
 * A response as its caller gets it.
 *
 * @throws TransientError for what is worth another attempt: a status of `retryStatuses`, a 429, broken JSON, no body
 * @throws SluiceError HTTP_UNAUTHORIZED, HTTP_STATUS with the API's own words, HTTP_NOT_JSON
 */
export function toResponse(raw: RawResponse, body: ReadBody, expect: Expectation): RestResponse {
  const ok = raw.status >= 200 && raw.status < 300
  if (!ok && !expect.accepts(raw.status)) throw statusError(raw, body, expect)
  if (ok && !body.json) throw notJson(raw, body, expect)
  return {
    status: raw.status,
    url: raw.url,
    headers: raw.headers,
    body: body.json?.value ?? null,
    bytes: raw.bytes.length,
    nulsRemoved: body.json?.nulsRemoved ?? 0,
    serverTime: serverTimeOf(raw.headers),
  }
}

function about(raw: RawResponse, endpoint: string): FailedRequest {
  return { endpoint, method: raw.method, url: raw.url, status: raw.status }
}

function statusError(raw: RawResponse, body: ReadBody, expect: Expectation): SluiceError {
  const { status, headers } = raw
  const { redact } = expect
  const words =
    body.json || body.text === ''
      ? apiWords(body.json?.value ?? null, headers, redact)
      : quote(body.text, QUOTED, redact)
  const request = about(raw, expect.endpoint)
  const message = `${describe(request)} answered ${status}${words && `: ${words}`}`
  const details = detailsOf(request)
  if (status === 429) {
    const retryAfterMs = expect.facts.resetMs ?? undefined
    return new TransientError('HTTP_STATUS', message, { details, retryAfterMs, kind: 'rate_limit' })
  }
  if (status === 401) {
    const hint = expect.unauthorizedHint
    return new SluiceError('HTTP_UNAUTHORIZED', message, { hint, details })
  }
  if (expect.retryStatuses.includes(status)) {
    // Only Retry-After is about this failure; a rate limit header merely describes the current period.
    const told = readRetryAfter(headers['retry-after'], expect.now, serverTimeOf(headers))
    return new TransientError('HTTP_STATUS', message, { details, retryAfterMs: told ?? undefined })
  }
  return new SluiceError('HTTP_STATUS', message, { hint: HINTS[status], details })
}

const HINTS: Readonly<Record<number, string>> = {
  400: 'the API refuses a parameter: compare params, pagination and incremental with its documentation',
  403: 'the credentials are not allowed to read this; leave the endpoint out, or set on_status: {403: skip}',
  404: 'check base_url and path; where a record may be gone, set on_status: {404: skip}',
}

function notJson(raw: RawResponse, body: ReadBody, expect: Expectation): SluiceError {
  const type = raw.headers['content-type'] ?? ''
  const request = about(raw, expect.endpoint)
  const details = detailsOf(request)
  const answered = `${describe(request)} answered ${raw.status}`
  if (body.text === '') {
    return new TransientError('HTTP_NOT_JSON', `${answered} with an empty body`, { details })
  }
  const start = quote(body.text, QUOTED, expect.redact)
  const message = `${answered} with a body that is not JSON: ${start}`
  if (MAYBE_JSON.test(type)) return new TransientError('HTTP_NOT_JSON', message, { details })
  return new SluiceError('HTTP_NOT_JSON', message, {
    hint: `the content type is ${type}; check base_url and path, and whether a login page answers`,
    details,
  })
}
