import type { Measure } from './measure.ts'
import type { Stage } from './stage.ts'
import type { Target } from './target.ts'

/** What is told of a scenario: one of its steps held against another. */
export interface Case {
  readonly name: string
  readonly title: string
  /** The step that it is held against. */
  readonly floor: string
  readonly sluice: string
  readonly target: Target
}

/** Steps that are taken one after another in every round, and the cases that they tell of. */
export interface Scenario {
  readonly cases: readonly Case[]
  open(stage: Stage): Promise<Rounds>
}

export interface Rounds {
  /** Makes everything as it is before a round's first step. */
  begin(this: void): Promise<void>
  /** In this order; steps that no chosen case tells of are left out. */
  readonly steps: Readonly<Record<string, () => Promise<Measure>>>
}

/** What each step took, round by round. */
export type Taken = ReadonlyMap<string, readonly Measure[]>

export async function playRounds(
  scenario: Scenario,
  cases: readonly Case[],
  stage: Stage,
  rounds: number,
): Promise<Taken> {
  const needed = new Set(cases.flatMap((told) => [told.floor, told.sluice]))
  const taken = new Map<string, Measure[]>()
  const { begin, steps } = await scenario.open(stage)
  for (let round = 1; round <= rounds; round++) {
    await begin()
    for (const [name, run] of Object.entries(steps)) {
      if (!needed.has(name)) continue
      const measure = await run()
      taken.set(name, [...(taken.get(name) ?? []), measure])
      stage.say(`  round ${round}, ${name}: ${describe(measure)}`)
    }
  }
  return taken
}

function describe({ ms, cpuMs, peakMb }: Measure): string {
  const seconds = (millis: number) => `${(millis / 1000).toFixed(2)} s`
  return `${seconds(ms)}, ${seconds(cpuMs)} of it on a CPU, ${Math.round(peakMb)} MB`
}
