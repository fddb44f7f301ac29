import { systemClock, type Clock } from '../core/clock.ts'

export type InterruptSignal = 'SIGINT' | 'SIGTERM'

/** A stream that text is written to, and what it says of the terminal behind it. */
export interface Output extends NodeJS.WritableStream {
  readonly isTTY?: boolean
  /** Width of the terminal in characters. */
  readonly columns?: number
}

/** What the program touches of the process it runs in; tests pass their own. */
export interface Effects {
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  /** Calls `listener` on every SIGINT and SIGTERM until the returned function is called. */
  onInterrupt(listener: (signal: InterruptSignal) => void): () => void
  /** Calls `listener` with what was thrown where nothing could catch it. */
  onUncaught(listener: (thrown: unknown) => void): void
  /** Ends the process at once, leaving what is under way. */
  exit(code: number): void
}

/** The effects of the real process. */
export function processEffects(): Effects {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    clock: systemClock,
    onInterrupt(listener) {
      process.on('SIGINT', listener)
      process.on('SIGTERM', listener)
      return () => {
        process.off('SIGINT', listener)
        process.off('SIGTERM', listener)
      }
    },
    onUncaught: (listener) => void process.on('uncaughtException', listener),
    exit: (code) => process.exit(code),
  }
}
