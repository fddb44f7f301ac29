import { SluiceError, type ErrorCode } from '../core/errors.ts'
import type { ResolvedEndpoint } from '../config/resolved.ts'
import type { EndpointOutcome } from './summary.ts'

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
  const failures = [...outcomes].flatMap(({ error }) => (error ? [error] : []))
  const byCode = (code: ErrorCode) => failures.find((failure) => failure.code === code) ?? null
  // A login that was refused is an answer too, and the next endpoint would log in once more.
  const noLogin = byCode('AUTH_FAILED')
  if (noLogin || answered) return noLogin
  const refused = failures.filter(({ code }) => code === 'HTTP_UNAUTHORIZED')
  // One endpoint may want a scope that the key does not have; two are the key itself.
  if (refused.length > 1) return refused[0]!
  return byCode('HTTP_NETWORK')
}

/** Failures of the dataset: nothing that is read from here on could be kept. */
const RUN_ENDING: ReadonlySet<ErrorCode> = new Set(['RUN_LOCKED', 'DESTINATION_UNAVAILABLE'])

/** Whether an endpoint's failure ends the run. */
export function endsRun({ error }: EndpointOutcome): boolean {
  return error !== null && RUN_ENDING.has(error.code)
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
