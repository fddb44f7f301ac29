const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** Digits are written here and read as one flat string: appended one by one they would be a chain of 43 pieces. */
const idBytes = Buffer.alloc(64)

/** A stream of made-up choices that is the same on every machine for the same seed. */
export interface Random {
  /** At least 0, less than 1. */
  next(): number
  /** An integer, at least 0, less than `below`. */
  int(below: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
  /** `lead_` and 43 base-62 digits, as Close's own ids; younger kinds of objects have 22. */
  id(prefix: string, digits?: number): string
}

/** Starts a stream; streams with different seeds share nothing, ids included. */
export function createRandom(...seed: readonly (string | number)[]): Random {
  const next = sfc32(...hash128(seed.join(' ')))
  const int = (below: number) => Math.floor(next() * below)
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: <T>(list: readonly T[]) => list[int(list.length)] as T,
    id: (prefix, digits = 43) => {
      for (let i = 0; i < digits; i++) idBytes[i] = BASE62.charCodeAt(int(62))
      return `${prefix}_${idBytes.toString('latin1', 0, digits)}`
    },
  }
}

// 128 bits of state: with a 32-bit seed two of 20,000 leads would too likely get the same ids.
function hash128(text: string): [number, number, number, number] {
  const words: [number, number, number, number] = [1779033703, 3144134277, 1013904242, 2773480762]
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    words[0] = words[1] ^ Math.imul(words[0] ^ code, 597399067)
    words[1] = words[2] ^ Math.imul(words[1] ^ code, 2869860233)
    words[2] = words[3] ^ Math.imul(words[2] ^ code, 951274213)
    words[3] = words[0] ^ Math.imul(words[3] ^ code, 2716044179)
  }
  return words
}

/** The small fast counting generator of PractRand; the first outputs are dropped to mix the seed. */
function sfc32(a: number, b: number, c: number, counter: number): () => number {
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return (sum >>> 0) / 4294967296
  }
  for (let i = 0; i < 12; i++) next()
  return next
}
