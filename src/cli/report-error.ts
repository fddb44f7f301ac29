import { asSluiceError, type SluiceError } from '../core/errors.ts'
import type { Redactor } from '../core/redact.ts'
import { summarizeError, type ErrorSummary } from '../run/summary.ts'
import type { Output } from './effects.ts'

export interface ErrorReporter {
  readonly stdout: Output
  readonly stderr: Output
  /** Adds the stack trace. */
  readonly verbose: boolean
  /** Also prints the error as one JSON object on stdout, where the result would have been. */
  readonly json: boolean
  readonly redact: Redactor
}

/** Prints anything thrown: code, message and hint on stderr. Errors are printed by this file only. */
export function reportError(
  thrown: unknown,
  { stdout, stderr, verbose, json, redact }: ErrorReporter,
  pipeline: string | null = null,
): SluiceError {
  const error = asSluiceError(thrown)
  const subject = pipeline === null ? '' : `${pipeline}: `
  stderr.write(`${redact(formatError(summarizeError(error), subject))}\n`)
  if (verbose) stderr.write(`${redact(formatStack(error))}\n`)
  if (json) {
    const status = error.code === 'INTERRUPTED' ? 'interrupted' : 'failed'
    const text = JSON.stringify({ pipeline, status, error: summarizeError(error) })
    stdout.write(`${redact(text)}\n`)
  }
  return error
}

/** Prints an error that is already part of a result: on stderr only. */
export function reportPart(
  error: ErrorSummary,
  { stderr, redact }: Pick<ErrorReporter, 'stderr' | 'redact'>,
  subject: string,
): void {
  stderr.write(`${redact(formatError(error, `${subject}: `))}\n`)
}

/** An error as text: `error [CODE] subject: message`, and the hint on a line of its own. */
function formatError({ code, message, hint }: ErrorSummary, subject: string): string {
  const text = `error [${code}] ${subject}${message}`
  return hint === null ? text : `${text}\n  hint: ${hint}`
}

/** The stacks of an error and its causes. Their other properties may hold requests, and so are never shown. */
function formatStack(error: Error): string {
  const stacks: string[] = []
  const seen = new Set<unknown>()
  for (
    let cause: unknown = error;
    cause instanceof Error && !seen.has(cause);
    cause = cause.cause
  ) {
    seen.add(cause)
    stacks.push(`${stacks.length === 0 ? '' : 'caused by '}${cause.stack ?? cause.message}`)
  }
  return stacks.join('\n')
}
