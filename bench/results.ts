import type { Case, Taken } from './scenario.ts'
import { median, type Measure } from './measure.ts'

/** What one case came to: medians over all rounds, and the seconds of each. */
export interface Result {
  readonly case: string
  readonly title: string
  readonly against: string
  readonly floor_s: number
  readonly sluice_s: number
  readonly ratio: number
  readonly value: string
  readonly target: string
  readonly reached: boolean
  readonly floor_peak_mb: number
  readonly peak_mb: number
  readonly rounds: { readonly floor_s: readonly number[]; readonly sluice_s: readonly number[] }
}

export function judge(told: Case, taken: Taken): Result {
  const floors = taken.get(told.floor)!
  const sluices = taken.get(told.sluice)!
  const [floor, sluice] = [median(floors), median(sluices)]
  const { value, reached } = told.target.judge(sluice, floor)
  return {
    case: told.name,
    title: told.title,
    against: told.floor,
    floor_s: seconds(floor),
    sluice_s: seconds(sluice),
    ratio: Number((sluice.ms / floor.ms).toFixed(2)),
    value,
    target: told.target.text,
    reached,
    floor_peak_mb: Math.round(floor.peakMb),
    peak_mb: Math.round(sluice.peakMb),
    rounds: { floor_s: floors.map(seconds), sluice_s: sluices.map(seconds) },
  }
}

function seconds({ ms }: Measure): number {
  return Number((ms / 1000).toFixed(3))
}
