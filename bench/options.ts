import { parseArgs } from 'node:util'

/** What the command line asks for: `[part of a case's name...] [--rounds n] [--profile folder]`. */
export interface Options {
  /** Cases whose names have one of these in them; none: all. */
  readonly parts: readonly string[]
  readonly rounds: number
  /** A folder for a CPU profile of each node process. */
  readonly profile: string | undefined
}

export function parseOptions(rounds: number): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: 'string' }, profile: { type: 'string' } },
  })
  const { profile } = values
  // A profile of one round tells as much as one of five.
  const wanted = Number(values.rounds ?? (profile === undefined ? rounds : 1))
  if (!Number.isInteger(wanted) || wanted < 1) {
    throw new Error(`--rounds is a whole number from 1, not ${values.rounds}`)
  }
  return { parts: positionals, rounds: wanted, profile }
}
