import { SluiceError, type ErrorCode } from '../core/errors.ts'
import type { ResolvedEndpoint } from '../config/resolved.ts'
import type { EndpointOutcome } from './summary.ts'

/** Failures that every other endpoint of the source would meet too, as long as nothing was ever answered. */
const SOURCE_WIDE: ReadonlySet<ErrorCode> = new Set([
  'HTTP_NETWORK',
  'HTTP_UNAUTHORIZED',
  'AUTH_FAILED',
])

/**
 * The failure that makes it pointless to ask for more: a server that can't be reached, or a key that it
 * refuses. Going on would wait through every endpoint's retries, or lock the account out.
 *
 * @param answered whether any request of the run was answered with a success
 */
export function sourceFailure(
  outcomes: Iterable<EndpointOutcome>,
  answered: boolean,
): SluiceError | null {
  if (answered) return null
  for (const { error } of outcomes) if (error && SOURCE_WIDE.has(error.code)) return error
  return null
}

/** Why an endpoint was not tried after a failure of the whole source. */
export function sourceFailed(endpoint: ResolvedEndpoint, failure: SluiceError): SluiceError {
  return new SluiceError(failure.code, `${endpoint.name}: not tried after: ${failure.message}`, {
    cause: failure,
    hint: failure.hint,
  })
}

/** Why a child can't be read when its parent could not. */
export function parentFailed(endpoint: ResolvedEndpoint): SluiceError {
  const parent = endpoint.depends_on!.endpoint
  return new SluiceError('PARENT_FAILED', `${endpoint.name}: not read because ${parent} failed`, {
    hint: `mend ${parent} first; its children are read by the next run`,
  })
}
