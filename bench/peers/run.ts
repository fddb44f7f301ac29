import { bench } from '../bench.ts'
import { parseOptions } from '../options.ts'
import { textTable } from '../table.ts'
import { DLT_MISSING, dltScenarios, dltVersion } from './dlt.ts'

/** A round takes minutes: on SQLite, the peer's second run is slow. */
const ROUNDS = 1

try {
  const version = dltVersion()
  if (version === null) {
    process.stdout.write(`skipped: ${DLT_MISSING}\n`)
  } else {
    process.stderr.write(`dlt ${version}\n`)
    const results = await bench(dltScenarios, parseOptions(ROUNDS))
    process.stdout.write(`${textTable(results)}\n`)
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
