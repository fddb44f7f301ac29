import { InvalidArgumentError, type Option } from 'commander'
import { dateOrTimestamp, parseDuration } from '../core/time.ts'
import { didYouMean } from '../config/suggest.ts'

/** An option that takes one of some words, and says which was probably meant by another. */
export function choice(option: Option, words: readonly string[]): Option {
  return option.choices(words).argParser((text) => {
    if (words.includes(text)) return text
    throw new InvalidArgumentError(`expected ${words.join(', ')}${didYouMean(text, words)}`)
  })
}

/** Names between commas; an option given twice adds to the list. */
export function parseNames(text: string, before: readonly string[] = []): readonly string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.includes('')) throw new InvalidArgumentError('expected names between commas')
  return [...new Set([...before, ...names])]
}

/** A whole number of at least `least`. */
export function parseWhole(least: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (Number.isSafeInteger(value) && value >= least) return value
    throw new InvalidArgumentError(`expected a whole number of at least ${least}`)
  }
}

/** A number above 0. */
export function parsePositive(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (value > 0 && Number.isFinite(value)) return value
  throw new InvalidArgumentError('expected a number above 0')
}

/** A duration such as `2h`, in milliseconds. */
export function parseAge(text: string): number {
  const millis = parseDuration(text)
  if (millis !== null) return millis
  throw new InvalidArgumentError('expected a duration such as 30m, 2h or P1D')
}

/** A day or an ISO date-time, in milliseconds since the epoch. */
export function parseInstant(text: string): number {
  const timestamp = dateOrTimestamp(text)
  if (timestamp !== null) return Date.parse(timestamp)
  throw new InvalidArgumentError('expected a day such as 2024-01-31 or an ISO date-time')
}
