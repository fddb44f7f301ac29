import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { SluiceError, messageOf } from '../../core/errors.ts'
import { jsonReply, type ApiRequest, type Reply } from './http.ts'

export interface Served {
  /** `http://127.0.0.1:1234` */
  readonly origin: string
  stop(): Promise<void>
}

export interface ServeOptions {
  /** 0: any free one. */
  readonly port: number
  readonly latencyMs: number
}

const MOST_BODY_BYTES = 1_000_000
/** Longer than clients keep idle connections, so that a server closing one never races a request on it. */
const KEEP_ALIVE_MS = 65_000

/**
 * Serves a handler on 127.0.0.1.
 *
 * @throws SluiceError USAGE when the port can't be had
 */
export async function serve(
  handle: (request: ApiRequest) => Reply,
  { port, latencyMs }: ServeOptions,
): Promise<Served> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (incoming, outgoing) => {
    const answer = async (): Promise<void> => {
      const reply = await answerTo(incoming, handle)
      const waitMs = latencyMs + (reply.delayMs ?? 0)
      // Nobody waits for a late answer once the server has stopped.
      if (waitMs > 0) await delay(waitMs, undefined, { ref: false })
      send(outgoing, reply)
    }
    answer().catch((error: unknown) => {
      // Nobody is left to answer when the client has hung up; anything else is a defect that a test should see.
      if (outgoing.headersSent || outgoing.destroyed) outgoing.destroy()
      else outgoing.writeHead(500).end(`sandbox: ${messageOf(error)}`)
    })
  })
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new SluiceError(
      'USAGE',
      `sandbox: can't listen on 127.0.0.1:${port}: ${messageOf(cause)}`,
      {
        cause,
        hint: 'choose another port, or none to get a free one',
      },
    )
  }
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function send(outgoing: ServerResponse, { status, headers, body, breaks }: Reply): void {
  if (breaks === 'before') {
    outgoing.socket?.resetAndDestroy()
    return
  }
  const bytes = Buffer.from(body)
  outgoing.writeHead(status, { ...headers, 'content-length': bytes.length })
  if (breaks === undefined) outgoing.end(bytes)
  else outgoing.write(bytes.subarray(0, bytes.length >> 1), () => outgoing.destroy())
}

async function answerTo(
  incoming: IncomingMessage,
  handle: (request: ApiRequest) => Reply,
): Promise<Reply> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MOST_BODY_BYTES) return jsonReply({ error: 'request body too large' }, 413)
    chunks.push(chunk)
  }
  const url = incoming.url ?? '/'
  const mark = url.indexOf('?')
  const rawQuery = mark < 0 ? '' : url.slice(mark + 1)
  return handle({
    method: incoming.method ?? 'GET',
    path: decodePath(mark < 0 ? url : url.slice(0, mark)),
    query: new URLSearchParams(rawQuery),
    rawQuery,
    headers: incoming.headers as Record<string, string | undefined>,
    body: Buffer.concat(chunks).toString('utf8'),
  })
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
