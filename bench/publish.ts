import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { format } from 'prettier'
import type { Result } from './results.ts'
import { markdownTable } from './table.ts'

const RESULTS = new URL('results.json', import.meta.url)
const DOCUMENT = new URL('../docs/performance.md', import.meta.url)

/** Writes the results down: all of them, and the table between the markers of docs/performance.md. */
export async function publish(results: readonly Result[], rounds: number): Promise<void> {
  const about = {
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    rounds,
  }
  writeFileSync(RESULTS, `${JSON.stringify({ about, results }, null, 2)}\n`)
  const head = `Node ${about.node}, ${about.cores} cores (${about.cpu}), medians of ${rounds} rounds:`
  const section = `${head}\n\n${markdownTable(results)}`
  const document = readFileSync(DOCUMENT, 'utf8').replace(
    /(<!-- results -->\n)[^]*?(<!-- end -->)/,
    (_, start: string, end: string) => `${start}\n${section}\n\n${end}`,
  )
  writeFileSync(DOCUMENT, await format(document, { parser: 'markdown', printWidth: 100 }))
}
