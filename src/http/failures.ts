import { messageOf, SluiceError, TransientError } from '../core/errors.ts'
import { redactUrl } from './url.ts'

/** The request a failure is about, as messages and details name it. */
export interface FailedRequest {
  readonly endpoint: string
  readonly method: string
  /** Without credentials. */
  readonly url: string
  readonly status?: number
}

/** Failures of a request that can't be sent, or of a certificate: the next attempt would fail alike. */
const FINAL_CODES =
  /^ERR_(?:INVALID|UNESCAPED|HTTP_INVALID|TLS_CERT)|CERT|SELF_SIGNED|UNABLE_TO_VERIFY/

/** How every message about a request starts: `leads: GET https://api.example.com/lead/`. */
export function describe({ endpoint, method, url }: FailedRequest): string {
  return `${endpoint}: ${method} ${redactUrl(url)}`
}

/** The facts every error about a request carries. */
export function detailsOf(request: FailedRequest): Record<string, unknown> {
  const { endpoint, method, url, status } = request
  return { endpoint, method, url: redactUrl(url), ...(status && { status }), attempts: 1 }
}

export function redirectError(request: FailedRequest, where: string): SluiceError {
  return new SluiceError('HTTP_REDIRECT', `${describe(request)} redirects ${where}`, {
    hint: 'credentials stay on the origin of base_url; if the API has moved, change base_url',
    details: detailsOf(request),
  })
}

export function tooLarge(request: FailedRequest, maxBytes: number): SluiceError {
  const message = `${describe(request)} answered with more than ${maxBytes} bytes`
  return new SluiceError('HTTP_TOO_LARGE', message, {
    hint: 'ask for smaller pages: lower pagination.limit',
    details: detailsOf(request),
  })
}

/** A failure below HTTP: worth another attempt, unless the request or a certificate itself is wrong. */
export function networkError(request: FailedRequest, cause: unknown): SluiceError {
  const code = (cause as { code?: string }).code ?? ''
  const details = detailsOf(request)
  if (code === 'ETIMEDOUT') {
    const hint = 'raise retry.timeout, or ask for smaller pages'
    return new TransientError('HTTP_TIMEOUT', `${describe(request)} timed out`, {
      cause,
      details,
      hint,
    })
  }
  const message = `${describe(request)} failed: ${messageOf(cause)}${code && ` (${code})`}`
  const options = { cause, details, hint: 'check base_url and the network' }
  return FINAL_CODES.test(code)
    ? new SluiceError('HTTP_NETWORK', message, options)
    : new TransientError('HTTP_NETWORK', message, options)
}
