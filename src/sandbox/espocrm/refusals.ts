import { Refusal, type Reply } from '../server/http.ts'

/** An answer without a body: why is in a header, if it is said at all. */
export function emptyReply(
  status: number,
  reason?: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return {
    status,
    headers: { ...headers, ...(reason === undefined ? {} : { 'x-status-reason': reason }) },
    body: '',
  }
}

/** 400: what was asked makes no sense. */
export function badRequest(reason: string): Refusal {
  // A header holds one line of Latin-1.
  return new Refusal(emptyReply(400, reason.replaceAll(/[^\x20-\x7e]/g, ' ')))
}

/** 403: also how too large a page is refused, with a key that is perfectly right. */
export function forbidden(reason: string): Refusal {
  return new Refusal(emptyReply(403, reason))
}

/** 404, for an unknown kind of record, an unknown id and a deleted record alike. */
export function notFound(): Refusal {
  return new Refusal(emptyReply(404))
}
