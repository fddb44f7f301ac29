import { expect, it } from 'vitest'
import { createTally } from '../../../src/run/summary.ts'
import { createWaitTime } from '../../../src/run/wait-time.ts'
import { fakeClock } from '../http/fake-clock.ts'

function open() {
  const clock = fakeClock()
  const waited = createWaitTime(() => clock.now())
  return { clock, waited }
}

it('counts waits at the same time once', () => {
  const { clock, waited } = open()
  for (const ms of [1000, 1000, 800]) waited.add(ms)
  clock.advance(500)
  waited.add(300)
  waited.add(1500)
  clock.advance(5000)
  waited.add(250)
  clock.advance(250)
  expect(waited.total()).toBe(2250)
})

it('counts a wait that was broken off as far as it went', () => {
  const { clock, waited } = open()
  waited.add(60_000)
  clock.advance(2000)
  expect(waited.total()).toBe(2000)
})

it('is what the summary of an endpoint says', () => {
  const clock = fakeClock()
  const tally = createTally(clock)
  const wait = { type: 'wait', ms: 1000, reason: 'rate limit (429)', group: 'source' } as const
  for (const endpoint of ['leads', 'leads', 'users']) tally.add({ ...wait, endpoint })
  clock.advance(700)
  tally.add({ ...wait, endpoint: 'leads' })
  clock.advance(1000)
  const outcome = {
    status: 'ok',
    bookmark: { before: null, after: null },
    error: null,
    complete: true,
    whole: true,
  } as const
  const waitedOf = (endpoint: string) => tally.endpoint(endpoint, outcome).waited_ms
  expect([waitedOf('leads'), waitedOf('users'), waitedOf('tasks')]).toEqual([1700, 1000, 0])
})
