import { parseArgs } from 'node:util'
import { destinations, type DestinationConfig } from '../src/load/index.ts'
import { openDatabases } from './databases.ts'
import { createReport, total, type Report } from './report.ts'
import { playAppend, playRound } from './rounds.ts'

const APPEND_KILLS = 50
/** Of one command, in each phase of a round. */
const MOST_KILLS = 8

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    destination: { type: 'string' },
    seed: { type: 'string' },
  },
})
const seed = Number(values.seed ?? Date.now() % 1e6)
const types = destinations.types.filter((type) => type === (values.destination ?? type))
if (types.length === 0) throw new Error(`no destination is called ${values.destination}`)

const say = (text: string) => void process.stdout.write(`${text}\n`)

for (const type of types) {
  const ends = Date.now() + (Number(values.minutes) * 60_000) / types.length
  say(`${type}, seed ${seed}`)
  const report = await torture(type, ends)
  print(report)
  if (report.differences.length > 0) process.exitCode = 1
}

async function torture(type: DestinationConfig['type'], ends: number): Promise<Report> {
  await using databases = await openDatabases(type)
  const report = createReport()
  await playAppend(seed, databases, report, APPEND_KILLS)
  for (let round = 0; Date.now() < ends; round++) {
    await playRound(seed + round, databases, report, MOST_KILLS)
    say(`  round ${round + 1}: ${report.runs} runs, ${report.differences.length} differences`)
  }
  return report
}

function print({ rounds, runs, survived, kills, faults, differences }: Report): void {
  const list = (counts: ReadonlyMap<string, number>) =>
    [...counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .forEach(([name, count]) => say(`    ${String(count).padStart(6)}  ${name}`))
  say(`  ${rounds} rounds, ${runs} runs, ${survived} of them to their end`)
  say(`  ${total(kills)} kills`)
  list(kills)
  say(`  ${total(faults)} faults`)
  list(faults)
  say(`  ${differences.length} differences`)
  differences.forEach((line) => say(`    ${line}`))
}
