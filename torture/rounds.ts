import { setTimeout as delay } from 'node:timers/promises'
import type { Databases } from './databases.ts'
import { LISTS } from './lists.ts'
import type { Random } from './random.ts'
import { count, type Report } from './report.ts'
import { STEPS, type Kill } from './run-cli.ts'
import { openStage, type Command, type Stage } from './stage.ts'

const PHASES: readonly (readonly Command[])[] = [['sync'], ['backfill', 'sync'], ['sync']]
/** Runs that meet faults and no kill, before one is left in peace. */
const FAULTY_RUNS = 2
const APPENDED = ['visits', 'clicks', 'audits']
const FIRST_RUN_MS = 800

/**
 * One API with every kind of list, read by a pipeline that is killed and lied to until a run comes to its end, while
 * the records change; then by a calm one. Both have to say the same, and what the API says; several times over.
 *
 * @param mostKills of one command in each phase
 */
export async function playRound(
  seed: number,
  databases: Databases,
  report: Report,
  mostKills: number,
): Promise<void> {
  const names = LISTS.map(({ name }) => name)
  await using stage = await openStage(seed, databases, names, report)
  const { random, world } = stage
  for (const commands of PHASES) {
    for (const command of commands) {
      const kills = random.int(2, mostKills)
      await untilDone(stage, command, { databases, report, kills })
    }
    await stage.compare(commands)
    for (let i = random.int(5, 30); i > 0; i--) world.mutate('between runs')
  }
  report.rounds++
}

/** Runs a command again and again: killed first, then through faults, at last in peace. */
async function untilDone(
  stage: Stage,
  command: Command,
  { databases, report, kills }: { databases: Databases; report: Report; kills: number },
): Promise<void> {
  const { random, faults, world } = stage
  let typicalMs = FIRST_RUN_MS
  const runs = kills + FAULTY_RUNS
  for (let run = 0; run <= runs; run++) {
    const mayKill = run < kills
    const inPeace = run === runs
    faults.set({
      fault: inPeace ? 0 : random.pick([0, 0.01, 0.03, 0.1]),
      change: inPeace ? 0 : random.pick([0, 0, 0.02, 0.2]),
    })
    const kill = mayKill ? chooseKill(random, typicalMs) : null
    const disturb = mayKill && random.chance(0.3) ? databases.disturb : null
    const disturbance = disturb && disturbLater(disturb, random, typicalMs)
    const { code, ms } = await stage.disturbed(command, kill)
    if (disturbance) count(report.faults, await disturbance)
    if (kill && isKilled(kill, code)) count(report.kills, 'at' in kill ? kill.at : kill.signal)
    if (kill === null) typicalMs = Math.max(FIRST_RUN_MS, ms)
    if (code === 0) report.survived++
    else if (inPeace) stage.differs(`the ${command} in peace failed`)
    for (let i = inPeace ? 0 : random.int(0, 3); i > 0; i--) world.mutate('between runs')
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

/** Lists without a key, where a row that is written twice stays twice: killed so many times, each record once. */
export async function playAppend(
  seed: number,
  databases: Databases,
  report: Report,
  kills: number,
): Promise<void> {
  await using stage = await openStage(seed, databases, APPENDED, report)
  const { random, world } = stage
  for (let killed = 0; killed < kills;) {
    const kill: Kill = { at: random.pick(STEPS), times: random.int(1, 12) }
    const { code } = await stage.disturbed('sync', kill)
    if (code === null) {
      killed++
      count(report.kills, `${kill.at}, append`)
    }
    for (const name of APPENDED) world.add(name, random.int(0, 8))
  }
  const { code } = await stage.disturbed('sync', null)
  if (code !== 0) stage.differs(`the last run ended with ${code}`)
  await stage.compare(['sync'])
}
