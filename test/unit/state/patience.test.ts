import { expect, it } from 'vitest'
import { silentLogger } from '../../../src/core/log.ts'
import type { FailureKind } from '../../../src/load/destination.ts'
import { createPatience } from '../../../src/state/patience.ts'

/** A clock whose sleeping takes no time, and what was slept. */
function fakeClock() {
  const slept: number[] = []
  let now = 0
  return {
    slept,
    clock: {
      now: () => now,
      sleep: async (ms: number) => {
        slept.push(ms)
        now += ms
      },
    },
  }
}

function patienceOf(kind: FailureKind | null) {
  const { slept, clock } = fakeClock()
  const patiently = createPatience({ judge: () => kind, where: 'db' }, clock, silentLogger)
  return { slept, patiently }
}

it('does work again until the database answers, waiting longer each time', async () => {
  const { slept, patiently } = patienceOf('passing')
  const attempts: number[] = []
  const result = await patiently(async (attempt) => {
    attempts.push(attempt)
    if (attempt < 7) throw new Error('busy')
    return 'done'
  })
  expect(result).toBe('done')
  expect(attempts).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  expect(slept).toEqual([100, 200, 400, 800, 1600, 2000, 2000])
})

it('gives up after a minute, with the error of the last attempt', async () => {
  const { slept, patiently } = patienceOf('passing')
  const work = patiently(async (attempt) => {
    throw new Error(`busy ${attempt}`)
  })
  const error: unknown = await work.catch((error: unknown) => error)
  expect(error).toEqual(new Error(`busy ${slept.length}`))
  const waited = slept.reduce((sum, ms) => sum + ms, 0)
  expect(waited).toBeGreaterThanOrEqual(60_000)
  expect(waited).toBeLessThan(63_000)
})

it.each<FailureKind | null>(['lasting', 'value', null])(
  'does not wait when a failure is %s',
  async (kind) => {
    const { slept, patiently } = patienceOf(kind)
    const work = patiently(async () => {
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect(slept).toEqual([])
  },
)
