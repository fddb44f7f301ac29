import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { stringifyJson, type JsonValue } from '../../src/core/json.ts'

/** A request as the server received it. */
export interface RecordedRequest {
  readonly method: string
  /** Path and query, exactly as they came. */
  readonly url: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

/** Writes one response; made by `reply`, `hang`, `reset`, `truncated` and the like. */
export type Reply = (response: ServerResponse) => void

type Handler = (request: RecordedRequest) => Reply | JsonValue | Promise<Reply | JsonValue>

/** A JSON value to answer with, or a function that answers. */
export type Route = JsonValue | Handler

export interface TestServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string
  readonly requests: readonly RecordedRequest[]
  close(): Promise<void>
}

/** Starts a server on a free port of 127.0.0.1; `routes` by path, any other path is a 404. */
export async function serve(
  routes: Readonly<Record<string, Route>> | Handler,
): Promise<TestServer> {
  const requests: RecordedRequest[] = []
  const server = createServer((incoming, response) => {
    void answer(incoming, response)
  })

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await record(incoming)
    requests.push(request)
    const route = typeof routes === 'function' ? routes : (routes[request.path] ?? notFound)
    const answered = typeof route === 'function' ? await route(request) : route
    const write = typeof answered === 'function' ? answered : reply(200, answered)
    write(response)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${port}`, requests, close, [Symbol.asyncDispose]: close }
}

/** Runs `use` with a server that is closed afterwards. */
export async function withServer<T>(
  routes: Readonly<Record<string, Route>> | Handler,
  use: (server: TestServer) => Promise<T>,
): Promise<T> {
  const server = await serve(routes)
  try {
    return await use(server)
  } finally {
    await server.close()
  }
}

async function record(incoming: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
  const url = incoming.url ?? '/'
  const [path = '', query = ''] = url.split('?')
  return {
    method: incoming.method ?? 'GET',
    url,
    path,
    query: new URLSearchParams(query),
    headers: incoming.headers as Record<string, string | undefined>,
    body: Buffer.concat(chunks).toString(),
  }
}

const notFound: Handler = () => reply(404, { error: 'not found' })

/** A whole response; a JSON body gets its content type, a string or Buffer is sent as it is. */
export function reply(
  status: number,
  body: JsonValue | Buffer = null,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
): Reply {
  return (response) => {
    const raw = typeof body === 'string' || Buffer.isBuffer(body)
    response.statusCode = status
    if (!raw && body !== null) response.setHeader('content-type', 'application/json')
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    if (body === null) response.end()
    else response.end(raw ? body : stringifyJson(body))
  }
}

/** A JSON body, gzipped. */
export function gzipped(body: JsonValue): Reply {
  const headers = { 'content-encoding': 'gzip', 'content-type': 'application/json' }
  return reply(200, gzipSync(stringifyJson(body)), headers)
}

/** Answers with each in turn, and with the last one from then on. */
export function sequence(...answers: readonly (Reply | JsonValue)[]): Handler {
  let turn = 0
  return () => answers[Math.min(turn++, answers.length - 1)] ?? null
}

/** Never answers. */
export function hang(): Reply {
  return () => {}
}

/** Sends the head and the start of a body, then nothing more. */
export function stalled(start: string): Reply {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write(start)
  }
}

/** Sends `text` again and again, every `everyMs`, until the connection is closed; counts the bytes in `sent`. */
export function endless(text: string, everyMs: number, sent = { bytes: 0 }): Reply {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const timer = setInterval(() => {
      if (response.writableNeedDrain) return
      sent.bytes += text.length
      response.write(text)
    }, everyMs)
    response.on('close', () => clearInterval(timer))
  }
}

/** A body that says it is gzipped, and breaks off in the middle. */
export function brokenGzip(body: JsonValue): Reply {
  const packed = gzipSync(stringifyJson(body))
  const headers = { 'content-encoding': 'gzip', 'content-type': 'application/json' }
  return reply(200, packed.subarray(0, packed.length - 12), headers)
}

/** Promises a longer body than it sends, then closes the connection. */
export function truncated(start: string): Reply {
  return (response) => {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': String(start.length + 100),
    })
    response.write(start, () => response.destroy())
  }
}

/** Closes the connection without a response. */
export function reset(): Reply {
  return (response) => {
    response.socket?.resetAndDestroy()
  }
}
