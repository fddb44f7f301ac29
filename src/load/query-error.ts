import { messageOf, SluiceError } from '../core/errors.ts'

/** A user's query that is not valid, or not one that only reads. */
export function queryError(cause: unknown): SluiceError {
  return new SluiceError('USAGE', `query: ${messageOf(cause)}`, {
    cause,
    hint: 'write one SELECT; `sluice schema` lists tables and columns',
  })
}

/** Why a statement that would change something, or returns nothing, is not run. */
export const NOT_A_QUERY = 'only a statement that returns rows and changes nothing is run'
