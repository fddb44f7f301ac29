import { describe, expect, it } from 'vitest'
import { SluiceError, TransientError } from '../../../src/core/errors.ts'
import type { RunEvent } from '../../../src/core/events.ts'
import { retryConfig, retrying, serverWait } from '../../../src/http/retry.ts'
import { fakeClock } from './fake-clock.ts'

const failure = (retryAfterMs?: number): TransientError =>
  new TransientError('HTTP_STATUS', 'leads: GET https://a.example answered 503', { retryAfterMs })
const refusal = (retryAfterMs?: number): TransientError =>
  new TransientError('HTTP_STATUS', 'leads: GET https://a.example answered 429', {
    retryAfterMs,
    kind: 'rate_limit',
  })

/** Runs a request that throws `errors` in turn, then answers `done`. */
async function run(
  errors: readonly Error[],
  { config = {}, random = 1, signal = undefined as AbortSignal | undefined } = {},
): Promise<{
  outcome: unknown
  attempts: number
  sleeps: readonly number[]
  events: RunEvent[]
  pauses: number[]
}> {
  const clock = fakeClock()
  const events: RunEvent[] = []
  const pauses: number[] = []
  let attempts = 0
  const outcome = await retrying(
    async () => {
      const error = errors[attempts++]
      if (error) throw error
      return 'done'
    },
    {
      config: retryConfig.parse(config),
      clock,
      random: () => random,
      emit: (event) => events.push(event),
      endpoint: 'leads',
      group: 'source',
      onRefusal: (ms) => pauses.push(ms),
      signal,
    },
  ).catch((error: unknown) => error)
  return { outcome, attempts, sleeps: clock.sleeps, events, pauses }
}

const times = (count: number, error: Error): Error[] => Array.from({ length: count }, () => error)

describe('retryConfig', () => {
  it('has the documented defaults', () => {
    expect(retryConfig.parse({})).toEqual({
      max_attempts: 8,
      max_wait: 300_000,
      timeout: 60_000,
      base_delay: 1000,
      statuses: [408, 425, 429, 500, 502, 503, 504],
    })
  })

  it('reads durations, and refuses a time limit of nothing', () => {
    expect(retryConfig.parse({ max_wait: '2h', timeout: 'PT5S' })).toMatchObject({
      max_wait: 7_200_000,
      timeout: 5000,
    })
    expect(retryConfig.safeParse({ timeout: 0 }).success).toBe(false)
  })
})

describe('retrying', () => {
  it('backs off exponentially, within the jitter', async () => {
    const high = await run(times(4, failure()), { random: 1 })
    expect(high.outcome).toBe('done')
    expect(high.sleeps).toEqual([1000, 2000, 4000, 8000])
    const low = await run(times(2, failure()), { random: 0 })
    expect(low.sleeps).toEqual([0, 0])
  })

  it('never backs off longer than max_wait', async () => {
    const { sleeps } = await run(times(6, failure()), { config: { max_wait: '5s' } })
    expect(sleeps).toEqual([1000, 2000, 4000, 5000, 5000, 5000])
  })

  it('gives up after max_attempts without waiting once more, and says how many there were', async () => {
    const { outcome, attempts, sleeps } = await run(times(9, failure()), {
      config: { max_attempts: 3 },
    })
    expect(attempts).toBe(3)
    expect(sleeps).toHaveLength(2)
    expect(outcome).toMatchObject({
      code: 'HTTP_STATUS',
      message: 'leads: GET https://a.example answered 503 (3 attempts)',
      details: { attempts: 3 },
    })
    expect(outcome).not.toBeInstanceOf(TransientError)
  })

  it('does not retry what is not transient', async () => {
    const final = new SluiceError('HTTP_STATUS', 'answered 400')
    expect(await run([final])).toMatchObject({
      outcome: final,
      attempts: 1,
      sleeps: [],
      events: [],
    })
  })

  it('waits as long as a failure asks for, and a little longer', async () => {
    const { sleeps } = await run([failure(5000), failure(0)], { random: 0 })
    expect(sleeps).toEqual([5050, 150])
  })

  it('does not count refusals as attempts', async () => {
    const errors = [failure(), ...times(10, refusal(870)), failure(), refusal(1)]
    const { outcome, attempts, sleeps, pauses } = await run(errors, {
      config: { max_attempts: 3 },
      random: 0,
    })
    expect(outcome).toBe('done')
    expect(attempts).toBe(14)
    expect(sleeps.slice(1, 11)).toEqual(Array.from({ length: 10 }, () => 920))
    expect(pauses).toHaveLength(11)
  })

  it('accepts a refusal after the last failure that is allowed', async () => {
    const { outcome } = await run([failure(), refusal(10)], { config: { max_attempts: 2 } })
    expect(outcome).toBe('done')
  })

  it('backs off from refusals that name no reset', async () => {
    expect((await run(times(3, refusal()), { random: 1 })).sleeps).toEqual([1000, 2000, 4000])
    expect((await run(times(1, refusal()), { random: 0 })).sleeps).toEqual([100])
  })

  it.each([
    ['refusal', refusal(300_001)],
    ['failure', failure(300_001)],
  ])('stops when a %s asks to wait longer than max_wait', async (_kind, error) => {
    const { outcome, sleeps } = await run([error])
    expect(sleeps).toEqual([])
    expect(outcome).toMatchObject({ code: 'RATE_LIMIT_WAIT', details: { wait_ms: 300_001 } })
    expect((outcome as Error).message).toMatch(
      'asks to wait 301 s, longer than retry.max_wait (300 s)',
    )
  })

  it('waits when exactly max_wait is asked for', async () => {
    expect((await run([refusal(300_000)])).outcome).toBe('done')
  })

  it('does not wait for ever on a server that never stops refusing', async () => {
    const { outcome, attempts } = await run(times(1000, refusal(0)))
    expect(outcome).toMatchObject({ code: 'RATE_LIMIT_WAIT' })
    expect(attempts).toBeLessThan(50)
  })

  it('says every wait while it happens', async () => {
    const { events } = await run([failure(), refusal(900)], { random: 1 })
    expect(events).toEqual([
      {
        type: 'retry',
        endpoint: 'leads',
        attempt: 1,
        waitMs: 1000,
        reason: 'leads: GET https://a.example answered 503',
      },
      { type: 'wait', endpoint: 'leads', ms: 1150, reason: 'rate limit (429)', group: 'source' },
    ])
  })

  it('stops at once when it is aborted, with the reason given', async () => {
    const controller = new AbortController()
    const reason = new SluiceError('INTERRUPTED', 'stopped')
    controller.abort(reason)
    const { outcome, attempts } = await run(times(5, failure()), { signal: controller.signal })
    expect(outcome).toBe(reason)
    expect(attempts).toBe(0)
  })
})

describe('serverWait', () => {
  it.each([
    [0, 0, 150],
    [870, 0, 920],
    [870, 1, 1120],
    [20, 1, 350],
  ])('%d ms with random %d is %d ms', (resetMs, random, waitMs) => {
    expect(serverWait(resetMs, () => random)).toBe(waitMs)
  })
})
