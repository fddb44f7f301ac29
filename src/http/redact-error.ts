import { SluiceError, TransientError } from '../core/errors.ts'
import type { Redactor } from '../core/redact.ts'

/**
 * The same error without secrets: message, hint, details, stack and causes. A cause is copied without the
 * properties that its library hung on it, because those hold whole requests.
 */
export function redactError(error: SluiceError, redact: Redactor): SluiceError {
  const options = {
    cause: redactCause(error.cause, redact),
    hint: error.hint && redact(error.hint),
    details: redactDetails(error.details, redact),
  }
  const message = redact(error.message)
  const clean =
    error instanceof TransientError
      ? new TransientError(error.code, message, {
          ...options,
          retryAfterMs: error.retryAfterMs,
          kind: error.kind,
        })
      : new SluiceError(error.code, message, options)
  if (error.stack) clean.stack = redact(error.stack)
  return clean
}

function redactDetails(details: SluiceError['details'], redact: Redactor): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(details).map(([key, value]) => [key, redactValue(value, redact)]),
  )
}

function redactValue(value: unknown, redact: Redactor): unknown {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map((item) => redactValue(item, redact))
  return typeof value === 'object' && value !== null
    ? redactDetails(value as Record<string, unknown>, redact)
    : value
}

function redactCause(cause: unknown, redact: Redactor): unknown {
  if (cause instanceof SluiceError) return redactError(cause, redact)
  if (!(cause instanceof Error)) return typeof cause === 'string' ? redact(cause) : undefined
  const clean = new Error(redact(cause.message), { cause: redactCause(cause.cause, redact) })
  clean.name = cause.name
  if (cause.stack) clean.stack = redact(cause.stack)
  return 'code' in cause ? Object.assign(clean, { code: cause.code }) : clean
}
