import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const PRELOAD = fileURLToPath(new URL('peak-memory.cjs', import.meta.url))
const CLI = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))

/** What one process took, from its start to its end. */
export interface Measure {
  readonly ms: number
  readonly cpuMs: number
  readonly peakMb: number
  /** The share of its requests that the server refused. */
  readonly refused?: number
}

/** Runs programs and measures them. */
export interface Meter {
  sluice(args: readonly string[]): Promise<Measure>
  node(args: readonly string[]): Promise<Measure>
  /** A program that itself writes what it took to descriptor 3, as `peak-memory.cjs` does. */
  command(file: string, args: readonly string[]): Promise<Measure>
}

/** With a folder for profiles, each node process leaves a CPU profile there, numbered in their order. */
export function createMeter(profiles: string | undefined): Meter {
  let count = 0
  const node = (name: string, args: readonly string[]) => {
    const options = ['--require', PRELOAD]
    if (profiles !== undefined) {
      const file = `${++count}-${name}.cpuprofile`
      options.push('--cpu-prof', '--cpu-prof-dir', profiles, '--cpu-prof-name', file)
    }
    return measure(process.execPath, [...options, ...args])
  }
  return {
    sluice: (args) => node('sluice', [CLI, ...args]),
    node: (args) => node('floor', args),
    command: measure,
  }
}

/** Runs a process to its end. */
async function measure(file: string, args: readonly string[]): Promise<Measure> {
  const began = performance.now()
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
  let output = ''
  let report = ''
  child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr!.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stdio[3]!.on('data', (chunk: Buffer) => (report += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  const ms = performance.now() - began
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}:\n${output}`)
  const { peak_kb, cpu_ms } = JSON.parse(report) as { peak_kb: number; cpu_ms: number }
  return { ms, cpuMs: cpu_ms, peakMb: peak_kb / 1024 }
}

/** Of each value the one in the middle; of an even number, the greater of two. */
export function median(measures: readonly Measure[]): Measure {
  const middle = (valueOf: (measure: Measure) => number) =>
    measures.map(valueOf).sort((a, b) => a - b)[measures.length >> 1]!
  return {
    ms: middle(({ ms }) => ms),
    cpuMs: middle(({ cpuMs }) => cpuMs),
    peakMb: middle(({ peakMb }) => peakMb),
    refused: middle(({ refused = 0 }) => refused),
  }
}
