import { describe, expect, it } from 'vitest'
import { NEVER, createAlarm, type Alarm } from '../../../../src/http/rate-limit/alarm.ts'
import { steadyTime } from '../../../../src/http/rate-limit/steady-time.ts'
import { virtualClock, type VirtualClock } from './virtual-clock.ts'

const START = virtualClock().now()

function open(late = 0): { alarm: Alarm; clock: VirtualClock; rings: number[] } {
  const clock = virtualClock(() => late)
  const rings: number[] = []
  const alarm = createAlarm(
    clock,
    () => clock.now(),
    () => rings.push(clock.now() - START),
  )
  return { alarm, clock, rings }
}

describe('an alarm', () => {
  it('rings at the time that was set last, once', async () => {
    const { alarm, clock, rings } = open()
    alarm.set(START + 100)
    alarm.set(START + 300)
    alarm.set(START + 200)
    await clock.run()
    expect(rings).toEqual([200])
  })

  it('does not ring when it is off', async () => {
    const { alarm, clock, rings } = open()
    alarm.set(START + 100)
    alarm.set(NEVER)
    await clock.run()
    expect(rings).toEqual([])
    expect(alarm.overdue(START + 1000)).toBe(0)
  })

  it('can be set to the same time again once it has rung', async () => {
    const { alarm, clock, rings } = open()
    for (let i = 0; i < 2; i++) {
      alarm.set(START + 100)
      await clock.run()
    }
    expect(rings).toEqual([100, 100])
  })

  it('does not ring before a fraction of a millisecond is over', async () => {
    const { alarm, clock, rings } = open()
    alarm.set(START + 33.3)
    await clock.run()
    expect(rings).toEqual([34])
  })

  it('knows how late it is', async () => {
    const { alarm, clock, rings } = open(7)
    alarm.set(START + 100)
    expect(alarm.overdue(START + 50)).toBe(0)
    await clock.run()
    expect(rings).toEqual([107])
    expect(alarm.overdue(clock.now())).toBe(7)
  })
})

describe('steady time', () => {
  it('goes on where the clock is set back, and follows it forward', () => {
    let time = 10_000
    const now = steadyTime({ now: () => time, sleep: () => Promise.resolve() })
    expect(now()).toBe(10_000)
    time = 4000
    expect(now()).toBe(10_000)
    time = 4500
    expect(now()).toBe(10_500)
    time = 20_000
    expect(now()).toBe(26_000)
  })
})
