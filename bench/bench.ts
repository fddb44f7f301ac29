import { mkdirSync } from 'node:fs'
import type { Options } from './options.ts'
import { judge, type Result } from './results.ts'
import { playRounds, type Case, type Scenario } from './scenario.ts'
import { openStage } from './stage.ts'

/** Measures the cases that the options name. */
export async function bench(
  scenarios: readonly Scenario[],
  { parts, rounds, profile }: Options,
): Promise<readonly Result[]> {
  const chosen = choose(scenarios, parts)
  if (profile !== undefined) mkdirSync(profile, { recursive: true })
  const results: Result[] = []
  await using stage = await openStage(profile)
  for (const { scenario, cases } of chosen) {
    stage.say(cases.map(({ name }) => name).join(', '))
    const taken = await playRounds(scenario, cases, stage, rounds)
    results.push(...cases.map((told) => judge(told, taken)))
  }
  return results
}

interface Chosen {
  readonly scenario: Scenario
  readonly cases: readonly Case[]
}

function choose(scenarios: readonly Scenario[], parts: readonly string[]): readonly Chosen[] {
  const isChosen = ({ name }: Case) =>
    parts.length === 0 || parts.some((part) => name.includes(part))
  const chosen = scenarios
    .map((scenario) => ({ scenario, cases: scenario.cases.filter(isChosen) }))
    .filter(({ cases }) => cases.length > 0)
  if (chosen.length > 0) return chosen
  const names = scenarios.flatMap(({ cases }) => cases.map(({ name }) => name))
  throw new Error(`no case is called ${parts.join(' or ')}; there are ${names.join(', ')}`)
}
