import { SluiceError } from '../core/errors.ts'
import type { Effects } from './effects.ts'
import { EXIT } from './exit-codes.ts'

export interface Interrupt {
  /** Aborted by the first SIGINT or SIGTERM, with the error to report as its reason. */
  readonly signal: AbortSignal
  /** Leaves signals to the process again. */
  readonly release: () => void
}

/** Turns the first SIGINT or SIGTERM into an abort; the second one ends the process at once. */
export function listenForInterrupt(effects: Effects, say: (line: string) => void): Interrupt {
  const controller = new AbortController()
  const release = effects.onInterrupt((name) => {
    if (controller.signal.aborted) {
      effects.exit(EXIT.interrupted)
      return
    }
    say(`${name}: stopping after what is being committed; again to stop at once`)
    controller.abort(
      new SluiceError('INTERRUPTED', `stopped by ${name}`, {
        hint: 'what was committed is kept; run the command again to go on from there',
      }),
    )
  })
  return { signal: controller.signal, release }
}
