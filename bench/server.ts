import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeLead } from './leads.ts'

/**
 * A server that is never the bottleneck: pages of leads as ready-made text. Run as a process of its own, it
 * prints its base URL. `POST /version/N` makes every lead the N-th edit of itself.
 */
const [count = 20_000, limit = 100] = process.argv.slice(2).map(Number)

function makePages(version: number): Buffer[] {
  const pages: Buffer[] = []
  for (let skip = 0; skip < count; skip += limit) {
    const data = Array.from({ length: Math.min(limit, count - skip) }, (_, i) =>
      makeLead(skip + i, version),
    )
    pages.push(Buffer.from(JSON.stringify({ data, has_more: skip + limit < count })))
  }
  return pages
}

let pages = makePages(0)
const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  if (request.method === 'POST') {
    pages = makePages(Number(url.pathname.split('/').at(-1)))
    response.end('{}')
    return
  }
  const page = pages[Number(url.searchParams.get('_skip') ?? 0) / limit]
  response.setHeader('content-type', 'application/json')
  response.end(page ?? '{"data":[],"has_more":false}')
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  const bytes = pages.reduce((sum, page) => sum + page.length, 0)
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}/`, bytes })}\n`)
})
