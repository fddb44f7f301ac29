import type { Random } from '../../data/random.ts'

const HEX = '0123456789abcdef'

function digits(random: Random, count: number, alphabet = HEX): string {
  return Array.from({ length: count }, () => alphabet[random.int(alphabet.length)]).join('')
}

/**
 * `66a0b1c2d3e4f5a60`: seventeen hex digits that begin with the time, as the service makes them; newer ones can be UUIDs.
 * Some look like numbers with an exponent, `65e10234567890123`, and some like plain numbers.
 */
export function makeId(random: Random, index: number, createdMs: number): string {
  if (index % 9 === 4) return uuid(random)
  if (index % 25 === 3) return `65e1${digits(random, 13, '0123456789')}`
  if (index % 25 === 11) return `6${digits(random, 16, '0123456789')}`
  return Math.floor(createdMs / 1000).toString(16) + digits(random, 9)
}

function uuid(random: Random): string {
  const [a, b, c, d, e] = [8, 4, 3, 3, 12].map((count) => digits(random, count))
  return `${a}-${b}-4${c}-${random.pick(['8', '9', 'a', 'b'])}${d}-${e}`
}
