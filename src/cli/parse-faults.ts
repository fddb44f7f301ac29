import { SluiceError } from '../core/errors.ts'
import { didYouMean } from '../config/suggest.ts'
import type { FaultKind, FaultOptions } from '../sandbox/sandbox.ts'

/**
 * Reads the value of `--faults`: `0.2`, `reset,truncated` or both, `0.2,reset`; true where there is none.
 *
 * @throws SluiceError USAGE for anything else
 */
export function parseFaults(text: string | true, known: readonly FaultKind[]): FaultOptions {
  if (text === true) return {}
  const words = text.split(',').map((word) => word.trim())
  const kinds = words.filter((word): word is FaultKind => known.some((kind) => kind === word))
  const [rate, ...others] = words.filter((word) => !kinds.some((kind) => kind === word))
  const wrong = rate === undefined || isShare(rate) ? others[0] : rate
  if (wrong !== undefined) {
    const message = `--faults: "${wrong}" is neither a kind of fault nor the one rate from 0 to 1`
    throw new SluiceError('USAGE', message + didYouMean(wrong, known), {
      hint: `kinds: ${known.join(', ')}; a source comes before --faults`,
    })
  }
  return {
    ...(rate === undefined ? {} : { rate: Number(rate) }),
    ...(kinds.length === 0 ? {} : { kinds }),
  }
}

function isShare(text: string): boolean {
  return /^(?:\d+(?:\.\d+)?|\.\d+)$/.test(text) && Number(text) <= 1
}
