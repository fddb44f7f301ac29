import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const KILL_STEP = fileURLToPath(new URL('kill-step.js', import.meta.url))

export const STEPS = ['after-fetch', 'after-stage', 'before-commit', 'after-commit'] as const
export type Step = (typeof STEPS)[number]

/** What is done to a run: a kill at a step, or a signal after some time; nothing where it is null. */
export type Kill =
  | { readonly at: Step; readonly times: number }
  | { readonly signal: 'SIGKILL' | 'SIGINT' | 'SIGTERM'; readonly afterMs: number }
  | null

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly output: string
  readonly ms: number
}

/** Runs the built command line in `folder` to its end, whoever ends it. */
export async function runCli(
  folder: string,
  args: readonly string[],
  kill: Kill = null,
): Promise<Ended> {
  const atStep = kill && 'at' in kill
  const began = performance.now()
  const child = spawn(
    process.execPath,
    [...(atStep ? ['--import', KILL_STEP] : []), MAIN, ...args, '--json', '--progress', 'none'],
    {
      cwd: folder,
      env: { PATH: process.env.PATH, ...(atStep ? { KILL_AT: `${kill.at} ${kill.times}` } : {}) },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const timer =
    kill && 'signal' in kill ? setTimeout(() => child.kill(kill.signal), kill.afterMs) : undefined
  const output = collect(child)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  return { code, output: output(), ms: performance.now() - began }
}

function collect(child: ChildProcess): () => string {
  let output = ''
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  return () => output
}
