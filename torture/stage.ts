import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../src/config/load.ts'
import { backfill } from '../src/run/backfill.ts'
import { sync } from '../src/run/sync.ts'
import { serveWorld } from './api.ts'
import { differences, readDataset, untruths } from './compare.ts'
import type { Databases } from './databases.ts'
import { createFaults, type Faults } from './faults.ts'
import { DAYS, sourceOf, SYNCED_DAYS, type List } from './lists.ts'
import { createRandom, type Random } from './random.ts'
import { count, type Report } from './report.ts'
import { runCli, type Ended, type Kill } from './run-cli.ts'
import { createWorld, type World } from './world.ts'

/** What a pipeline is told to do: `backfill` is that of two lists from before the start date. */
export type Command = 'sync' | 'backfill'

/** A pipeline that is disturbed beside a calm one, both reading the same API. */
export interface Stage extends AsyncDisposable {
  readonly random: Random
  readonly world: World
  readonly faults: Faults
  /** Runs a command of the disturbed pipeline; an end that no run should have is a difference. */
  disturbed(command: Command, kill: Kill): Promise<Ended>
  /** Runs the commands of the calm pipeline to their ends, and compares. */
  compare(commands: readonly Command[]): Promise<void>
  /** Notes something that is not as it had to be, with what shows it again. */
  differs(what: string): void
}

const DAY_MS = 24 * 3600 * 1000
const BACKFILLED: readonly string[] = ['calls', 'audits']
const SHOWN_CHARACTERS = 2000

export async function openStage(
  seed: number,
  databases: Databases,
  names: readonly string[],
  report: Report,
): Promise<Stage> {
  const random = createRandom(seed)
  const world = createWorld(random, names)
  const faults = createFaults(random, () => world.mutate('between requests'))
  const api = await serveWorld(world, faults.intrude)
  const calmApi = await serveWorld(world)
  const folder = mkdtempSync(join(tmpdir(), 'sluice-torture-'))
  const id = randomUUID().slice(0, 8)
  const datasets = { disturbed: `disturbed_${id}`, calm: `calm_${id}` }
  const start = daysAgo(SYNCED_DAYS)
  const range = { from: daysAgo(DAYS + 1), to: start }
  const { disturbed, calm } = databases

  const write = (name: string, content: object) => {
    const path = join(folder, name)
    writeFileSync(path, JSON.stringify(content))
    return path
  }
  write('disturbed.yaml', sourceOf(api.url, '500ms', names))
  write('calm.yaml', sourceOf(calmApi.url, '30s', names))
  const pipeline = (name: 'disturbed' | 'calm') => ({
    source: `${name}.yaml`,
    destination: name,
    dataset: datasets[name],
    start_date: start,
  })
  const file = write('pipelines.yaml', {
    destinations: { disturbed, calm },
    pipelines: { disturbed: pipeline('disturbed'), calm: pipeline('calm') },
  })
  const argumentsOf: Readonly<Record<Command, readonly string[]>> = {
    sync: ['sync', 'disturbed'],
    backfill:
      `backfill disturbed -e ${BACKFILLED.join()} --from ${range.from} --to ${range.to}`.split(' '),
  }

  let backfilled = false
  const since = ({ endpoint, name }: List) =>
    !('incremental' in endpoint) || (backfilled && BACKFILLED.includes(name))
      ? 0
      : Date.parse(start)
  const differs = (what: string) =>
    void report.differences.push(`seed ${seed}, round ${report.rounds}: ${what}`)

  return {
    random,
    world,
    faults,
    differs,
    async disturbed(command, kill) {
      report.runs++
      const ended = await runCli(folder, argumentsOf[command], kill)
      const { code, output } = ended
      const allowed = kill === null ? [0, 1, 3] : [0, 1, 3, 130, null]
      if (!allowed.includes(code) || output.includes('INTERNAL')) {
        differs(`${command} ended with ${code}: ${output.slice(0, SHOWN_CHARACTERS)}`)
      }
      return ended
    },
    async compare(commands) {
      const config = await loadConfig(file, { env: {} })
      for (const command of commands) {
        const { status } =
          command === 'sync'
            ? await sync(config, 'calm')
            : await backfill(config, 'calm', { ...range, endpoints: BACKFILLED })
        if (status !== 'ok') differs(`the calm ${command} ended with ${status}`)
      }
      backfilled ||= commands.includes('backfill')
      databases.check(folder, datasets.disturbed)
      const said = await readDataset(calm, datasets.disturbed, folder)
      const wanted = await readDataset(calm, datasets.calm, folder)
      differences(said, wanted).forEach(differs)
      untruths(said, world, names, since).forEach(differs)
      world.settle((list, { at }) => at >= since(list))
    },
    async [Symbol.asyncDispose]() {
      for (const [name, times] of faults.counts) count(report.faults, name, times)
      await api.close()
      await calmApi.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Midnight, some days ago. */
function daysAgo(days: number): string {
  const midnight = Math.floor(Date.now() / DAY_MS) * DAY_MS
  return new Date(midnight - days * DAY_MS).toISOString()
}
