import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import type { Counts, Settings } from './control.ts'
import { createBucket, type Bucket } from './limit.ts'
import { createLists } from './lists.ts'

/**
 * An API that is never the bottleneck, as a process of its own. It prints its base URL. `PUT /control` changes
 * its settings and sets its counts to zero, `GET /control` returns them; every other path is a list.
 */
const lists = createLists()
let bucket: Bucket | null = null
let latencyMs = 0
let requests = 0
let refused = 0

async function control(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'PUT') {
    const settings = JSON.parse(await text(request)) as Settings
    lists.prepare(settings.lists, settings.version ?? 0)
    latencyMs = settings.latency_ms ?? 0
    bucket = settings.limit ? createBucket(settings.limit) : null
    requests = 0
    refused = 0
  }
  response.end(JSON.stringify({ requests, refused } satisfies Counts))
}

async function answer(url: URL, response: ServerResponse): Promise<void> {
  requests++
  const waitSeconds = bucket?.take() ?? 0
  if (waitSeconds > 0) refused++
  if (latencyMs > 0) await delay(latencyMs)
  if (waitSeconds > 0) {
    response.writeHead(429, { 'retry-after': String(Math.ceil(waitSeconds)) }).end()
    return
  }
  const parts = lists.page(url)
  response.writeHead(parts ? 200 : 404, { 'content-type': 'application/json' })
  // All parts leave in one packet, as if they were one text.
  response.cork()
  for (const part of parts ?? ['{}']) response.write(part)
  response.end()
  response.uncork()
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const done = url.pathname === '/control' ? control(request, response) : answer(url, response)
  done.catch((error: unknown) => response.destroy(error as Error))
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`http://127.0.0.1:${port}\n`)
})
