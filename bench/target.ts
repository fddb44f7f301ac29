import type { Measure } from './measure.ts'

/** What a case is to reach. */
export interface Target {
  readonly text: string
  judge(sluice: Measure, floor: Measure): Verdict
}

export interface Verdict {
  /** What was reached, in the words of the target. */
  readonly value: string
  readonly reached: boolean
}

export function timesAtMost(most: number): Target {
  return {
    text: `at most ${most} x`,
    judge: (sluice, floor) => {
      const times = sluice.ms / floor.ms
      return { value: `${times.toFixed(2)} x`, reached: times <= most }
    },
  }
}

export function timesAsFast(least: number): Target {
  return {
    text: `at least ${least} x as fast`,
    judge: (sluice, floor) => {
      const times = floor.ms / sluice.ms
      return { value: `${times.toFixed(2)} x as fast`, reached: times >= least }
    },
  }
}

export function secondsOver(most: number): Target {
  return {
    text: `at most ${most} s over`,
    judge: (sluice, floor) => {
      const over = (sluice.ms - floor.ms) / 1000
      return { value: `${over.toFixed(2)} s over`, reached: over <= most }
    },
  }
}

export function peakAtMost(mostMb: number, mostOverMb: number): Target {
  return {
    text: `at most ${mostMb} MB and ${mostOverMb} MB over`,
    judge: (sluice, floor) => {
      const over = sluice.peakMb - floor.peakMb
      return {
        value: `${Math.round(sluice.peakMb)} MB, ${Math.round(over)} MB over`,
        reached: sluice.peakMb <= mostMb && over <= mostOverMb,
      }
    },
  }
}

/** The server is to refuse less than this share of the requests. */
export function refusedBelow(share: number, time: Target): Target {
  const percent = (part: number) => `${Number((part * 100).toFixed(2))} %`
  return {
    text: `${time.text}, under ${percent(share)} refused`,
    judge: (sluice, floor) => {
      const { value, reached } = time.judge(sluice, floor)
      const refused = sluice.refused ?? 0
      return { value: `${value}, ${percent(refused)} refused`, reached: reached && refused < share }
    },
  }
}
