import { createHash } from 'node:crypto'

const HASH_LENGTH = 10

/**
 * A name for a table or index of Sluice's own: `prefix` and as much of `readable` as fits, and a hash of
 * `readable` when it does not fit. `maxBytes` is the longest identifier of the destination.
 */
export function ownName(prefix: string, readable: string, maxBytes: number): string {
  const plain = prefix + readable
  if (Buffer.byteLength(plain) <= maxBytes) return plain
  const hash = createHash('sha256').update(readable).digest('hex').slice(0, HASH_LENGTH)
  const room = maxBytes - Buffer.byteLength(prefix) - HASH_LENGTH - 1
  return `${prefix}${cutBytes(readable, room)}_${hash}`
}

/** As many leading characters as fit into `maxBytes` of UTF-8. */
function cutBytes(text: string, maxBytes: number): string {
  let bytes = 0
  let cut = ''
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    if (bytes > maxBytes) break
    cut += character
  }
  return cut
}
