import { Refusal, jsonReply, type Reply } from '../server/http.ts'

/** 400 about one parameter, as validation answers. */
export function fieldError(field: string, message: string): Refusal {
  return new Refusal(jsonReply({ errors: [], 'field-errors': { [field]: message } }, 400))
}

/** Any other refusal: one sentence. */
export function sentenceError(error: string, status = 400): Refusal {
  return new Refusal(jsonReply({ error }, status))
}

/** `Empty query: Lead matching query does not exist.` */
export function notFound(kind: string): Refusal {
  return sentenceError(`Empty query: ${kind} matching query does not exist.`, 404)
}

export const UNKNOWN_ORDER = 'Value must be one of the fields that the list can be ordered by.'

export const UNAUTHORIZED: Reply = jsonReply(
  {
    error:
      "The server could not verify that you are authorized to access the URL requested.  You either supplied the wrong credentials (e.g. a bad password), or your browser doesn't understand how to supply the credentials required.",
  },
  401,
)

export const NO_SUCH_URL: Reply = jsonReply(
  {
    error:
      'The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.',
  },
  404,
)

export const METHOD_NOT_ALLOWED: Reply = jsonReply(
  { error: 'The method is not allowed for the requested URL.' },
  405,
)

export const NOT_JSON: Reply = jsonReply(
  { error: 'The request body must be JSON: send it with Content-Type: application/json.' },
  415,
)
