import { asSluiceError, type SluiceError } from '../core/errors.ts'
import type { Clock } from '../core/clock.ts'
import type { Emit } from '../core/events.ts'
import type { Logger } from '../core/log.ts'
import { createRedactor } from '../core/redact.ts'
import type { Config, ResolvedPipeline } from '../config/resolved.ts'
import { createClient, type RestClient } from '../http/client.ts'
import { redactError } from '../http/redact-error.ts'
import type { Dataset } from '../state/dataset.ts'
import { openRotatedTokens } from './rotated-tokens.ts'

/** One pipeline's connection to its API, and the guard that keeps its secrets out of everything printed. */
export interface Session {
  readonly client: RestClient
  /** Passes events on, without secrets. */
  readonly emit: Emit
  /** A text with every secret in it replaced. */
  redact(text: string): string
  /** Anything thrown as an error with every secret in it replaced: message, hint, details and causes. */
  redactThrown(thrown: unknown): SluiceError
  close(): Promise<void>
}

export interface SessionOptions {
  /** The dataset of the run, open for writing; null for commands that write nothing. */
  readonly dataset: Dataset | null
  readonly clock: Clock
  readonly log: Logger
  readonly emit: Emit
}

export function createSession(
  config: Config,
  pipeline: ResolvedPipeline,
  { dataset, clock, log, emit }: SessionOptions,
): Session {
  const { source } = pipeline
  const tokens = openRotatedTokens(config, pipeline, dataset)
  const client: RestClient = createClient({
    baseUrl: source.base_url,
    auth: source.auth,
    headers: source.headers,
    retry: source.retry,
    rateLimit: source.rate_limit,
    clock,
    log,
    emit: (event) => emitSafely(event),
    tokens: tokens.store,
  })
  // Tokens obtained during the run are secrets too, so the redactor is made when it is needed.
  const redact = (text: string) => createRedactor([...config.secrets, ...client.secrets()])(text)
  const emitSafely: Emit = (event) => {
    if ('message' in event) emit({ ...event, message: redact(event.message) })
    else if ('reason' in event) emit({ ...event, reason: redact(event.reason) })
    else emit(event)
  }
  return {
    client,
    emit: emitSafely,
    redact,
    redactThrown: (thrown) => redactError(asSluiceError(thrown), redact),
    async close() {
      client.close()
      await tokens.close()
    },
  }
}
