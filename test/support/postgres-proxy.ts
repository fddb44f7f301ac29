import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A connection to Postgres that can be cut off at the worst moment. */
export interface PostgresProxy extends AsyncDisposable {
  /** Connection string that leads through the proxy. */
  readonly url: string
  /**
   * The next transaction that ends with a COMMIT loses its connection: `before` the server hears of it, or `after` it
   * has committed and before the client hears of that.
   */
  cutNextCommit(when: 'before' | 'after'): void
  /** The next COPY loses its connection when the server has its statement and the first of its text. */
  cutNextCopy(): void
  /** Resolves when the server is sent this text. */
  whenSent(text: string): Promise<void>
  /** How many connections were cut. */
  cuts(): number
}

export async function proxyPostgres(target: string): Promise<PostgresProxy> {
  const sockets = new Set<Socket>()
  let cut: 'before' | 'after' | 'copy' | null = null
  let cuts = 0
  const awaited = new Map<string, () => void>()
  const to = new URL(target)

  const server = createServer((client) => {
    const upstream = connect(Number(to.port), to.hostname)
    const both = [client, upstream]
    let isCopying = false
    const drop = () => both.forEach((socket) => socket.destroy())
    for (const socket of both) {
      sockets.add(socket)
      socket.on('error', drop)
      socket.on('close', () => {
        sockets.delete(socket)
        drop()
      })
    }
    const dropNow = () => {
      cut = null
      cuts++
      drop()
    }
    client.on('data', (bytes) => {
      if (cut === 'before' && bytes.includes('commit\0')) return dropNow()
      if (cut === 'copy' && isCopying) return dropNow()
      isCopying = bytes.includes(' from stdin\0')
      for (const [text, resolve] of awaited) if (bytes.includes(text)) resolve()
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      if (cut === 'after' && bytes.includes('COMMIT\0')) dropNow()
      else client.write(bytes)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const url = new URL(target)
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    cutNextCommit: (when) => void (cut = when),
    cutNextCopy: () => void (cut = 'copy'),
    whenSent: (text) => new Promise((resolve) => awaited.set(text, resolve)),
    cuts: () => cuts,
    [Symbol.asyncDispose]: async () => {
      sockets.forEach((socket) => socket.destroy())
      server.close()
      await once(server, 'close')
    },
  }
}
