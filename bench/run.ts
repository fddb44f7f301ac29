import { bench } from './bench.ts'
import { parseOptions } from './options.ts'
import { publish } from './publish.ts'
import { scenarios } from './scenarios/index.ts'
import { textTable } from './table.ts'

const ROUNDS = 5

try {
  const options = parseOptions(ROUNDS)
  const results = await bench(scenarios, options)
  process.stdout.write(`${textTable(results)}\n`)
  // What was measured in part, or slowed down by a profiler, is not kept.
  const isWhole = options.parts.length === 0 && options.profile === undefined
  if (isWhole) await publish(results, options.rounds)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
