import type { Readable } from 'node:stream'

/**
 * Everything a stream of bytes holds, or null when that is more than `maxBytes`; the rest is not read then.
 * An abort of the signal destroys the stream.
 */
export async function readAll(
  stream: Readable,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let length = 0
  // Not left to got: it would keep listening to the signal, and throw past everyone once the request is over.
  const stop = (): void => {
    stream.destroy()
  }
  stream.on('error', () => {})
  signal?.addEventListener('abort', stop, { once: true })
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > maxBytes) return null
      chunks.push(chunk)
    }
    signal?.throwIfAborted()
    return Buffer.concat(chunks)
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}
