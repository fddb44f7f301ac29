import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { loadConfig } from '../src/config/load.ts'
import { backfill } from '../src/run/backfill.ts'
import { sync } from '../src/run/sync.ts'
import { serveWorld } from './api.ts'
import { differences, readDataset, untruths } from './compare.ts'
import type { Databases } from './databases.ts'
import { createFaults } from './faults.ts'
import { DAYS, LISTS, sourceOf, SYNCED_DAYS, type List } from './lists.ts'
import { createRandom, type Random } from './random.ts'
import { runCli, STEPS, type Ended, type Kill } from './run-cli.ts'
import { createWorld } from './world.ts'

const DAY_MS = 24 * 3600 * 1000
const PHASES = 3
/** Runs of one phase that are killed, at most; then it must come through the faults alone. */
const KILLED_RUNS = 8
const FAULTY_RUNS = 3
const APPEND_KILLS = 50

/** What was done, and what came of it. */
export interface Report {
  rounds: number
  runs: number
  /** Runs that came to their end although they met faults. */
  survived: number
  /** Kills by step or signal, and faults by name. */
  readonly kills: Map<string, number>
  readonly faults: Map<string, number>
  /** Where tables were not what they had to be; each says how to see it again. */
  readonly differences: string[]
}

export function createReport(): Report {
  return {
    rounds: 0,
    runs: 0,
    survived: 0,
    kills: new Map(),
    faults: new Map(),
    differences: [],
  }
}

/** A pipeline that is disturbed beside a calm one, both reading the same API. */
interface Stage extends AsyncDisposable {
  readonly random: Random
  readonly faults: ReturnType<typeof createFaults>
  readonly world: ReturnType<typeof createWorld>
  /** Runs a command of the disturbed pipeline once; a run that ends badly in a way that none should is a difference. */
  disturbed(args: readonly string[], kill: Kill): Promise<Ended>
  /** Runs the calm pipeline to its end, and compares. */
  compare(alsoBackfill: boolean): Promise<void>
  readonly backfillArgs: readonly string[]
}

async function openStage(
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
  const id = `${process.pid}_${seed}_${report.rounds}`
  const datasets = { disturbed: `disturbed_${id}`, calm: `calm_${id}` }
  const midnight = Math.floor(Date.now() / DAY_MS) * DAY_MS
  const daysAgo = (days: number) => new Date(midnight - days * DAY_MS).toISOString()
  const start = daysAgo(SYNCED_DAYS)
  const range = { from: daysAgo(DAYS + 1), to: start }

  writeFileSync(join(folder, 'disturbed.yaml'), JSON.stringify(sourceOf(api.url, '500ms', names)))
  writeFileSync(join(folder, 'calm.yaml'), JSON.stringify(sourceOf(calmApi.url, '30s', names)))
  const pipeline = (name: 'disturbed' | 'calm') => ({
    source: `${name}.yaml`,
    destination: name,
    dataset: datasets[name],
    start_date: start,
  })
  const file = join(folder, 'pipelines.yaml')
  const { disturbed, calm } = databases
  writeFileSync(
    file,
    JSON.stringify({
      destinations: { disturbed, calm },
      pipelines: { disturbed: pipeline('disturbed'), calm: pipeline('calm') },
    }),
  )
  let backfilled = false
  const since = ({ endpoint, name }: List) =>
    !('incremental' in endpoint) || (name === 'calls' && backfilled) ? 0 : Date.parse(start)
  const fail = (what: string) =>
    void report.differences.push(`seed ${seed}, round ${report.rounds}: ${what}`)

  return {
    random,
    faults,
    world,
    backfillArgs: ['backfill', 'disturbed', '-e', 'calls', '--from', range.from, '--to', range.to],
    async disturbed(args, kill) {
      report.runs++
      const ended = await runCli(folder, args, kill)
      if (/"INTERNAL"|\bINTERNAL\b|Unhandled|node:internal/.test(ended.output)) {
        fail(`${args[0]} ended with ${ended.code}: ${ended.output.slice(0, 2000)}`)
      }
      return ended
    },
    async compare(alsoBackfill) {
      const config = await loadConfig(file, { env: {} })
      if (alsoBackfill) await backfill(config, 'calm', { ...range, endpoints: ['calls'] })
      backfilled ||= alsoBackfill
      const { status } = await sync(config, 'calm')
      if (status !== 'ok') fail(`the calm run ended with ${status}`)
      databases.check(folder, datasets.disturbed)
      const said = await readDataset(calm, datasets.disturbed, folder)
      const wanted = await readDataset(calm, datasets.calm, folder)
      for (const line of [...differences(said, wanted), ...untruths(said, world, names, since)])
        fail(line)
      world.settle((list, { at }) => at >= since(list))
    },
    async [Symbol.asyncDispose]() {
      for (const [name, count] of faults.counts) add(report.faults, name, count)
      await api.close()
      await calmApi.close()
      databases.clear(folder)
    },
  }
}

/**
 * One API with every kind of list, read by a pipeline that is killed and lied to until a run comes to its end, while
 * the records change; then by a calm one. Both have to say the same, and what the API says; several times over.
 */
export async function playRound(seed: number, databases: Databases, report: Report): Promise<void> {
  const names = LISTS.map(({ name }) => name)
  await using stage = await openStage(seed, databases, names, report)
  const { random, world } = stage
  for (let phase = 0; phase < PHASES; phase++) {
    const commands =
      phase === 1 ? [stage.backfillArgs, ['sync', 'disturbed']] : [['sync', 'disturbed']]
    for (const args of commands) await untilDone(stage, databases, args, report)
    await stage.compare(phase === 1)
    for (let i = random.int(5, 30); i > 0; i--) world.mutate('between runs')
  }
  report.rounds++
}

/** Runs a command again and again: killed first, then through faults, at last in peace. */
async function untilDone(
  stage: Stage,
  databases: Databases,
  args: readonly string[],
  report: Report,
): Promise<void> {
  const { random, faults, world } = stage
  let typical = 800
  const killed = random.int(2, KILLED_RUNS)
  for (let run = 0; run < killed + FAULTY_RUNS; run++) {
    const mayKill = run < killed
    faults.set({
      fault: random.pick([0, 0.01, 0.03, 0.1]),
      change: random.pick([0, 0, 0.02, 0.2]),
    })
    const kill = mayKill ? chooseKill(random, typical) : null
    const disturbing =
      mayKill && databases.disturb && random.chance(0.3)
        ? disturbLater(databases.disturb, random, typical)
        : null
    const { code, ms } = await stage.disturbed(args, kill)
    const disturbance = await disturbing
    if (disturbance) add(report.faults, disturbance)
    if (kill && isKilled(kill, code)) add(report.kills, 'at' in kill ? kill.at : kill.signal)
    else if (kill === null) typical = Math.max(300, ms)
    if (code === 0) report.survived++
    for (let i = random.int(0, 3); i > 0; i--) world.mutate('between runs')
    if (!mayKill && code === 0) break
  }
  faults.set({ fault: 0, change: 0 })
  const { code, output } = await stage.disturbed(args, null)
  if (code !== 0) {
    report.differences.push(`the run in peace ended with ${code}: ${output.slice(0, 2000)}`)
  }
}

function chooseKill(random: Random, typicalMs: number): Kill {
  const chance = random.next()
  if (chance < 0.6) return { at: random.pick(STEPS), times: random.int(1, 60) }
  const signal = chance < 0.9 ? 'SIGKILL' : random.pick(['SIGINT', 'SIGTERM'] as const)
  return { signal, afterMs: random.int(150, typicalMs) }
}

/** A run that ended by itself before its kill has met none. */
function isKilled(kill: NonNullable<Kill>, code: number | null): boolean {
  return code === null || ('signal' in kill && code === 130)
}

async function disturbLater(
  disturb: NonNullable<Databases['disturb']>,
  random: Random,
  typicalMs: number,
): Promise<string> {
  await delay(random.int(200, typicalMs))
  return disturb(random)
}

/** Lists without a key, of which a row that is written twice stays twice: killed fifty times, each record once. */
export async function playAppend(
  seed: number,
  databases: Databases,
  report: Report,
): Promise<void> {
  const names = ['visits', 'clicks', 'audits']
  await using stage = await openStage(seed, databases, names, report)
  const { random, world } = stage
  for (let kills = 0; kills < APPEND_KILLS;) {
    const kill: Kill = { at: random.pick(STEPS), times: random.int(1, 12) }
    const { code } = await stage.disturbed(['sync', 'disturbed'], kill)
    if (code === null) {
      kills++
      add(report.kills, `${kill.at}, append`)
    }
    for (const name of names) world.add(name, random.int(0, 8))
  }
  const { code, output } = await stage.disturbed(['sync', 'disturbed'], null)
  if (code !== 0) report.differences.push(`append: the last run ended with ${code}: ${output}`)
  await stage.compare(false)
}

function add(counts: Map<string, number>, name: string, count = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + count)
}
