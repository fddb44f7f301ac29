import { hash } from 'node:crypto'

/**
 * Row ids are 96 bits as 16 characters of base64url: a billion rows collide with a chance of 1 in 10^11.
 * Ids of records come from SHA-256, because the keys in them are written by strangers; ids of list items
 * are mixed from the id above them by MurmurHash3, which takes a fraction of the time. They start as the
 * record's id does: the rows of one record then lie side by side in every index, and loading a page touches
 * a few hundred places of it instead of thousands.
 */
const ID_LENGTH = 16

/** The id of a record with a primary key: a hash of its key values, whatever load brings it. */
export function keyedId(keyValues: readonly string[]): string {
  return hash('sha256', keyValues.join('\0'), 'base64url').slice(0, ID_LENGTH)
}

/** The id of a record that has no key, or is added each time: where in which load it stood. */
export function positionalId(loadId: string, endpoint: string, position: number): string {
  return hash('sha256', `${loadId}\0${endpoint}\0${position}`, 'base64url').slice(0, ID_LENGTH)
}

/** What sets the items of one child table apart from those of every other. */
export type TableSeed = readonly [number, number, number, number]

export function tableSeed(tableName: string): TableSeed {
  const digest = Buffer.from(hash('sha256', tableName, 'hex'), 'hex')
  return [
    digest.readInt32LE(0),
    digest.readInt32LE(4),
    digest.readInt32LE(8),
    digest.readInt32LE(12),
  ]
}

const CODES = Uint8Array.from(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
  (character) => character.charCodeAt(0),
)

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by))
}

function avalanche(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

/** The id of a list item: four characters of its parent's id, and MurmurHash3 (x86, 128 bits) of that and the position. */
export function childId(parentId: string, seed: TableSeed, index: number): string {
  let [h1, h2, h3, h4] = seed
  // Ids are base64url, so four characters fill one 32-bit word of a 16-character block.
  for (let at = 0; at < parentId.length; at += ID_LENGTH) {
    const k1 = Math.imul(rotate(Math.imul(word(parentId, at), 0x239b961b), 15), 0xab0e9789)
    h1 = (Math.imul((rotate(h1 ^ k1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0
    const k2 = Math.imul(rotate(Math.imul(word(parentId, at + 4), 0xab0e9789), 16), 0x38b34ae5)
    h2 = (Math.imul((rotate(h2 ^ k2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0
    const k3 = Math.imul(rotate(Math.imul(word(parentId, at + 8), 0x38b34ae5), 17), 0xa1e38b93)
    h3 = (Math.imul((rotate(h3 ^ k3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0
    const k4 = Math.imul(rotate(Math.imul(word(parentId, at + 12), 0xa1e38b93), 18), 0x239b961b)
    h4 = (Math.imul((rotate(h4 ^ k4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0
  }
  h1 ^= Math.imul(rotate(Math.imul(index, 0x239b961b), 15), 0xab0e9789)
  const length = parentId.length + 4
  return toText(parentId, h1 ^ length, h2 ^ length, h3 ^ length, h4 ^ length)
}

function word(text: string, at: number): number {
  return (
    text.charCodeAt(at) |
    (text.charCodeAt(at + 1) << 8) |
    (text.charCodeAt(at + 2) << 16) |
    (text.charCodeAt(at + 3) << 24)
  )
}

/** The start of the parent's id, then 72 bits of the finish of MurmurHash3 in base64url. */
function toText(parentId: string, h1: number, h2: number, h3: number, h4: number): string {
  const sum = (h1 + h2 + h3 + h4) | 0
  const f1 = avalanche(sum)
  const f2 = avalanche((h2 + sum) | 0)
  const f3 = avalanche((h3 + sum) | 0)
  const f4 = avalanche((h4 + sum) | 0)
  const a = (f1 + f2 + f3 + f4) | 0
  const b = (f2 + a) | 0
  const c = (f3 + a) | 0
  // One call for all characters makes a flat string; joining parts would make a rope.
  return String.fromCharCode(
    parentId.charCodeAt(0),
    parentId.charCodeAt(1),
    parentId.charCodeAt(2),
    parentId.charCodeAt(3),
    CODES[(a >>> 2) & 63]!,
    CODES[((a & 3) << 4) | (b >>> 28)]!,
    CODES[(b >>> 22) & 63]!,
    CODES[(b >>> 16) & 63]!,
    CODES[(b >>> 10) & 63]!,
    CODES[(b >>> 4) & 63]!,
    CODES[((b & 15) << 2) | (c >>> 30)]!,
    CODES[(c >>> 24) & 63]!,
    CODES[(c >>> 18) & 63]!,
    CODES[(c >>> 12) & 63]!,
    CODES[(c >>> 6) & 63]!,
    CODES[c & 63]!,
  )
}
