import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRateBudget, rateLimitConfig } from '../../../src/http/rate-budget.ts'
import { virtualClock } from './rate-limit/virtual-clock.ts'

const request = fc.record({
  endpoint: fc.constantFrom('leads', 'tasks', 'users'),
  group: fc.constantFrom('source', 'search'),
  askedAt: fc.integer({ min: 0, max: 3000 }),
  takesMs: fc.integer({ min: 0, max: 500 }),
})

const share = {
  requests_per_second: fc.option(fc.double({ min: 0.5, max: 300, noNaN: true }), {
    nil: undefined,
  }),
  burst: fc.integer({ min: 1, max: 8 }),
  concurrency: fc.integer({ min: 1, max: 10 }),
}

const traffic = fc.record({
  source: fc.record(share),
  search: fc.record(share),
  requests: fc.array(request, { minLength: 1, maxLength: 60 }),
  pauses: fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 3000 }),
      ms: fc.integer({ min: 1, max: 2000 }),
      group: fc.constantFrom('source', 'search'),
    }),
    { maxLength: 3 },
  ),
  lates: fc.array(fc.integer({ min: 0, max: 150 }), { minLength: 1, maxLength: 10 }),
  isLate: fc.boolean(),
})

interface Started {
  readonly lane: string
  readonly group: string
  readonly askedAt: number
  readonly at: number
  /** Its place among all starts. */
  readonly place: number
  readonly askedAtPlace: number
  endsAt: number
}

/** Runs the traffic by a clock that takes no time; when each request started and ended. */
async function run({ source, search, requests, pauses, lates, isLate }: TrafficOf) {
  let sleeps = 0
  const clock = virtualClock(() => (isLate ? lates[sleeps++ % lates.length]! : 0))
  const budget = createRateBudget({
    config: rateLimitConfig.parse({
      ...source,
      groups: [{ name: 'search', path: '/search', ...search }],
    }),
    maxWaitMs: 300_000,
    clock,
    random: () => 0,
    emit: () => {},
  })
  const started: Started[] = []
  const sending = requests.map(async ({ endpoint, group, askedAt, takesMs }) => {
    await clock.sleep(askedAt)
    const asked = { askedAt: clock.now(), askedAtPlace: started.length }
    const slot = await budget.acquire({ group, endpoint })
    const at = clock.now()
    const lane = `${group} ${endpoint}`
    const start = { lane, group, at, place: started.length, ...asked, endsAt: 0 }
    started.push(start)
    await clock.sleep(takesMs)
    start.endsAt = clock.now()
    slot.release({ remaining: null, resetMs: null })
  })
  const pausing = pauses.map(async ({ at, ms, group }) => {
    await clock.sleep(at)
    budget.pause(group, ms)
  })
  await Promise.all([clock.run(), ...sending, ...pausing])
  return started
}

type TrafficOf = typeof traffic extends fc.Arbitrary<infer T> ? T : never

/** Timers end on whole milliseconds; where they are late, so much of it is made up for. */
const slackMs = (isLate: boolean): number => (isLate ? 50 : 1)

function expectPace(
  starts: readonly Started[],
  { requests_per_second: rate, burst }: TrafficOf['source'],
  slack: number,
): void {
  if (rate === undefined) return
  for (const [i, first] of starts.entries()) {
    for (const [j, last] of starts.entries()) {
      if (j < i) continue
      const allowed = burst + (rate * (last.at - first.at + slack)) / 1000
      expect(j - i + 1).toBeLessThanOrEqual(allowed)
    }
  }
}

function mostUnderWay(starts: readonly Started[]): number {
  return Math.max(
    0,
    ...starts.map(
      ({ at, place }) =>
        starts.filter((other) => other.place <= place && other.endsAt > at).length || 1,
    ),
  )
}

it('never exceeds pace, burst or concurrency, of the source or a group, whatever comes', async () => {
  await fc.assert(
    fc.asyncProperty(traffic, async (t) => {
      const starts = await run(t)
      expect(starts).toHaveLength(t.requests.length)
      const slack = slackMs(t.isLate)
      const searches = starts.filter(({ group }) => group === 'search')
      expectPace(starts, t.source, slack)
      expectPace(searches, t.search, slack)
      expect(mostUnderWay(starts)).toBeLessThanOrEqual(t.source.concurrency)
      expect(mostUnderWay(searches)).toBeLessThanOrEqual(t.search.concurrency)
    }),
    { numRuns: 60 },
  )
})

it('lets no endpoint start twice while another of its group waits for its turn', async () => {
  await fc.assert(
    fc.asyncProperty(traffic, async (t) => {
      const starts = await run(t)
      const lastOf = new Map<string, number>()
      for (const start of starts) {
        // It waits since it asked, or since the one before it of its own lane has started.
        const since = Math.max(start.askedAtPlace, (lastOf.get(start.lane) ?? -1) + 1)
        const others = starts
          .slice(since, start.place)
          .filter(({ lane, group }) => group === start.group && lane !== start.lane)
          .map(({ lane }) => lane)
        expect(new Set(others).size).toBe(others.length)
        lastOf.set(start.lane, start.place)
      }
    }),
    { numRuns: 60 },
  )
})
