import { jsonReply, type Reply } from './http.ts'

/**
 * How a request is answered that meets a fault. `usual` makes the answer that it would have had; where it isn't called, the
 * API never hears of the request.
 */
export type Fault = (usual: () => Reply, settings: { readonly slowMs: number }) => Reply

const HTML =
  '<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n'
const RETRY_AFTER_SECONDS = 1

/** What can go wrong with a request, by name. Another fault is another line. */
export const FAULTS = {
  '429': () => ({ status: 429, headers: { 'retry-after': `${RETRY_AFTER_SECONDS}` }, body: '' }),
  '500': () => jsonReply({ error: 'Internal server error' }, 500),
  '502': () => ({ status: 502, headers: { 'content-type': 'text/html' }, body: HTML }),
  '503': () => ({ status: 503, body: '' }),
  '504': () => ({ status: 504, body: '' }),
  /** The connection is reset before an answer. */
  reset: () => ({ status: 0, body: '', breaks: 'before' }),
  /** The connection ends in the middle of the body. Where there is none, before the answer. */
  cut: (usual) => {
    const reply = usual()
    return { ...reply, breaks: reply.body === '' ? 'before' : 'midway' }
  },
  /** Half of the body, sent as though it were the whole. */
  truncated: (usual) => {
    const reply = usual()
    return { ...reply, body: reply.body.slice(0, Math.floor(reply.body.length / 2)) }
  },
  /** A page of the gateway, sent in the API's name. */
  html: () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: HTML }),
  /** The usual answer, late. */
  slow: (usual, { slowMs }) => ({ ...usual(), delayMs: slowMs }),
} as const satisfies Readonly<Record<string, Fault>>

export type FaultKind = keyof typeof FAULTS

export const FAULT_KINDS = Object.keys(FAULTS) as readonly FaultKind[]
