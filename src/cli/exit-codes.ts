import type { SluiceError } from '../core/errors.ts'
import type { RunSummary } from '../run/summary.ts'

/** How the program ends. */
export const EXIT = {
  ok: 0,
  failed: 1,
  /** The command line or the configuration is wrong; nothing was done. */
  usage: 2,
  /** Some endpoints failed, the rest is committed. */
  partial: 3,
  /** Another run holds the dataset. */
  locked: 75,
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

const MILDEST_FIRST: readonly ExitCode[] = [
  EXIT.ok,
  EXIT.partial,
  EXIT.locked,
  EXIT.failed,
  EXIT.usage,
  EXIT.interrupted,
]

export function exitCodeOfError({ code }: SluiceError): ExitCode {
  if (code === 'USAGE' || code.startsWith('CONFIG_')) return EXIT.usage
  if (code === 'RUN_LOCKED') return EXIT.locked
  return code === 'INTERRUPTED' ? EXIT.interrupted : EXIT.failed
}

export function exitCodeOfRun({ status, error }: Pick<RunSummary, 'status' | 'error'>): ExitCode {
  return error?.code === 'RUN_LOCKED' ? EXIT.locked : EXIT[status]
}

/** The exit code of several pipelines: that of the one that ended worst; ok for none. */
export function worstExitCode(codes: readonly ExitCode[]): ExitCode {
  const worst = Math.max(0, ...codes.map((code) => MILDEST_FIRST.indexOf(code)))
  return MILDEST_FIRST[worst]!
}
