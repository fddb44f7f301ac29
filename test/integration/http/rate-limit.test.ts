import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { RunEvent } from '../../../src/core/events.ts'
import { createClient } from '../../../src/http/client.ts'
import { rateLimitConfig } from '../../../src/http/rate-budget.ts'
import { reply, withServer } from '../../support/http-server.ts'
import { bucketApi } from '../../unit/http/rate-limit/simulated-api.ts'

const LATENCY_MS = 60

/** Sends `count` requests, eight at a time, to an API that tells of its token bucket; by the real clock. */
async function read({ count, config }: { count: number; config: object }) {
  const limit = bucketApi(40, 20, 'all')
  let refused = 0
  const answer = async () => {
    const { refused: isRefused, facts } = limit(Date.now())
    if (isRefused) refused++
    await delay(LATENCY_MS)
    const ratelimit = `limit=20, remaining=${facts.remaining}, reset=${facts.resetMs! / 1000}`
    return reply(isRefused ? 429 : 200, [], { ratelimit })
  }
  return withServer({ '/things/': answer }, async ({ url }) => {
    const events: RunEvent[] = []
    const client = createClient({
      baseUrl: url,
      auth: { type: 'none' },
      rateLimit: rateLimitConfig.parse(config),
      emit: (event) => events.push(event),
    })
    const request = { method: 'GET', url: `${url}/things/`, params: {}, headers: {} } as const
    let left = count
    const readSome = async (endpoint: string) => {
      while (left-- > 0) {
        await client.send({ ...request, queryStyle: 'plain', body: undefined }, { endpoint })
      }
    }
    const startedAt = performance.now()
    await Promise.all(Array.from({ length: 8 }, (_, i) => readSome(i < 6 ? 'leads' : 'tasks')))
    const ms = performance.now() - startedAt
    client.close()
    return { ms, refused, events }
  })
}

it('is kept to by the configured pace, and used up', async () => {
  const count = 60
  const { ms, refused, events } = await read({ count, config: { requests_per_second: 40 } })
  expect(refused).toBe(0)
  const shortest = ((count - 1) / 40) * 1000
  expect(ms).toBeGreaterThan(shortest - 50)
  // A busy machine may be slow to answer, but it does not slow the pace.
  expect(ms).toBeLessThan(shortest * 1.3 + LATENCY_MS)
  expect(events).toContainEqual({
    type: 'wait',
    endpoint: 'leads',
    ms: expect.any(Number),
    reason: 'rate_limit.requests_per_second',
    group: 'source',
  })
})

it('is kept to by what the API tells, without any configuration', async () => {
  const { ms, refused } = await read({ count: 80, config: {} })
  expect(refused).toBeLessThan(3)
  // 20 at once, and 60 as they come in again.
  expect(ms).toBeGreaterThan(1300)
  expect(ms).toBeLessThan(2500)
})
