import { PassThrough } from 'node:stream'
import type { Clock } from '../../../src/core/clock.ts'
import type { Effects, InterruptSignal, Output } from '../../../src/cli/effects.ts'

/** Effects that are kept instead of happening. */
export interface RecordedEffects extends Effects {
  readonly out: () => string
  readonly err: () => string
  /** Moves the clock. */
  advance(ms: number): void
  interrupt(signal: InterruptSignal): void
  throwUncaught(thrown: unknown): void
  readonly exits: number[]
}

export interface TerminalOptions {
  /** Columns of a terminal at stdout and stderr; null for pipes. */
  readonly columns: number | null
}

export function recordEffects({ columns }: TerminalOptions = { columns: null }): RecordedEffects {
  const stdout = collect(columns)
  const stderr = collect(columns)
  const listeners = new Set<(signal: InterruptSignal) => void>()
  let uncaught: (thrown: unknown) => void = () => {}
  let now = Date.parse('2024-05-01T12:00:00Z')
  const clock: Clock = { now: () => now, sleep: async () => {} }
  const exits: number[] = []
  return {
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: {},
    clock,
    onInterrupt(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onUncaught: (listener) => void (uncaught = listener),
    exit: (code) => void exits.push(code),
    out: stdout.text,
    err: stderr.text,
    advance: (ms) => void (now += ms),
    interrupt: (signal) => listeners.forEach((listener) => listener(signal)),
    throwUncaught: (thrown) => uncaught(thrown),
    exits,
  }
}

function collect(columns: number | null): { readonly stream: Output; readonly text: () => string } {
  const chunks: string[] = []
  const stream = new PassThrough({ encoding: 'utf8' }).on('data', (text: string) =>
    chunks.push(text),
  )
  const terminal = columns === null ? {} : { isTTY: true, columns }
  return { stream: Object.assign(stream, terminal), text: () => chunks.join('') }
}
