/** Every failure Sluice can report. `docs/errors.md` has one section for each. */
export const ERROR_CODES = [
  'USAGE',
  'CONFIG_INVALID',
  'CONFIG_NOT_FOUND',
  'CONFIG_UNSUPPORTED',
  'HTTP_STATUS',
  'HTTP_UNAUTHORIZED',
  'HTTP_NETWORK',
  'HTTP_TIMEOUT',
  'HTTP_NOT_JSON',
  'HTTP_TOO_LARGE',
  'HTTP_REDIRECT',
  'AUTH_FAILED',
  'RATE_LIMIT_WAIT',
  'PAGINATION_LOOP',
  'PAGINATION_ORIGIN',
  'PAGINATION_INVALID',
  'PAGINATION_CAPPED',
  'PAGINATION_DRIFT',
  'PAGINATION_EXPIRED',
  'LIST_INCOMPLETE',
  'SELECTOR_MISSING',
  'RESPONSE_UNSUCCESSFUL',
  'RECORD_INVALID',
  'CURSOR_INVALID',
  'CURSOR_MISSING',
  'PARENT_FIELD_MISSING',
  'PARENT_FAILED',
  'TRANSFORM_FAILED',
  'SCHEMA_FROZEN',
  'DESTINATION_UNAVAILABLE',
  'DATASET_TOO_NEW',
  'LOAD_FAILED',
  'DELETES_REFUSED',
  'REJECTS_EXCEEDED',
  'RUN_LOCKED',
  'INTERRUPTED',
  'INTERNAL',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

export interface SluiceErrorOptions {
  readonly cause?: unknown
  /** What to do next, one sentence. */
  readonly hint?: string | undefined
  /** Facts for logs and `--json`; never secrets. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

/**
 * A failure with a stable code, a message that names the offending value, and the next step.
 * Messages start in lower case and name the endpoint or file they are about.
 */
export class SluiceError extends Error {
  override readonly name: string = 'SluiceError'
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: SluiceErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.hint = options.hint
    this.details = Object.freeze({ ...options.details })
  }
}

/** A failure worth trying again; `http/retry.ts` is its only reader. */
export class TransientError extends SluiceError {
  override readonly name: string = 'TransientError'
  /** How long the server asked to wait, in milliseconds; undefined when it did not say. */
  readonly retryAfterMs: number | undefined
  /** Rate limit refusals wait as long as they are told to and do not use up attempts. */
  readonly kind: 'failure' | 'rate_limit'

  constructor(
    code: ErrorCode,
    message: string,
    options: SluiceErrorOptions & {
      retryAfterMs?: number | undefined
      kind?: 'failure' | 'rate_limit'
    } = {},
  ) {
    super(code, message, options)
    this.retryAfterMs = options.retryAfterMs
    this.kind = options.kind ?? 'failure'
  }
}

/** The message of anything thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** Anything thrown as a SluiceError: one of ours as it is, the rest wrapped as INTERNAL with its cause. */
export function asSluiceError(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown
  return new SluiceError('INTERNAL', messageOf(thrown), {
    cause: thrown,
    hint: 'this is a defect in Sluice or in a custom module; run again with -v for the stack trace',
  })
}
