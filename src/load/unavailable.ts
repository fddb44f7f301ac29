import { messageOf, SluiceError } from '../core/errors.ts'

/** A destination that can't be opened, or not be reached any more. `where` names it without its credentials. */
export function unavailable(where: string, cause: unknown, hint: string | undefined): SluiceError {
  return new SluiceError('DESTINATION_UNAVAILABLE', `${where}: ${messageOf(cause)}`, {
    cause,
    hint: hint ?? 'check the destination in pipelines.yaml',
  })
}
