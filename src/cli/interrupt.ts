import { SluiceError } from '../core/errors.ts'
import type { Effects } from './effects.ts'
import { EXIT } from './exit-codes.ts'

export interface Interrupt {
  /** Aborted by the first SIGINT or SIGTERM, with the error to report as its reason. */
  readonly signal: AbortSignal
  /** Leaves signals to the process again. */
  readonly release: () => void
}

/** Schedulers kill what is still there ten seconds after SIGTERM; what is not committed by then is not going to be. */
const PATIENCE_MS = 9_000

/**
 * Turns the first SIGINT or SIGTERM into an abort. The second one ends the process at once, as does a run that is still
 * there after nine seconds: a database that does not answer can't be stopped in another way, and loses nothing by it.
 */
export function listenForInterrupt(effects: Effects, say: (line: string) => void): Interrupt {
  const controller = new AbortController()
  const leave = () => effects.exit(EXIT.interrupted)
  let timer: NodeJS.Timeout | undefined
  const stopListening = effects.onInterrupt((name) => {
    if (controller.signal.aborted) {
      leave()
      return
    }
    timer = setTimeout(() => {
      say('stopped: what was being done took too long; what was committed is kept')
      leave()
    }, PATIENCE_MS)
    timer.unref()
    say(`${name}: stopping after what is being committed; again to stop at once`)
    controller.abort(
      new SluiceError('INTERRUPTED', `stopped by ${name}`, {
        hint: 'what was committed is kept; run the command again to go on from there',
      }),
    )
  })
  const release = () => {
    clearTimeout(timer)
    stopListening()
  }
  return { signal: controller.signal, release }
}
