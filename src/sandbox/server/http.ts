/** A request as an API sees it: the path below its base, and no socket. */
export interface ApiRequest {
  readonly method: string
  /** Decoded, from `/` on, without the query: `/api/v1/lead/`. */
  readonly path: string
  readonly query: URLSearchParams
  /** Everything after `?`, as sent. */
  readonly rawQuery: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

export interface Reply {
  /** 0 where the connection breaks before it could be told. */
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
  /** Where the connection breaks: before anything is sent, or after half of the body. */
  readonly breaks?: 'before' | 'midway'
  /** How many milliseconds longer than others this takes. */
  readonly delayMs?: number
}

/** Thrown anywhere below a handler to answer with something else than a page of records. */
export class Refusal extends Error {
  readonly reply: Reply

  constructor(reply: Reply) {
    super(`answered ${reply.status}`)
    this.reply = reply
  }
}

export function jsonReply(body: unknown, status = 200): Reply {
  return textReply(JSON.stringify(body), status)
}

/** A body that is JSON text already. */
export function textReply(body: string, status = 200): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body }
}
