import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/core/events.ts'
import {
  createRateBudget,
  rateLimitConfig,
  type RateBudget,
  type Slot,
} from '../../../src/http/rate-budget.ts'
import { fakeClock, type FakeClock } from './fake-clock.ts'

function open(config: object = {}): {
  budget: RateBudget
  clock: FakeClock
  events: RunEvent[]
  /** Acquires a slot and notes when, in milliseconds since the start. */
  take: (name: string, group?: string, signal?: AbortSignal) => Promise<Slot>
  started: [name: string, at: number][]
} {
  const clock = fakeClock(1_000_000)
  const events: RunEvent[] = []
  const budget = createRateBudget({
    config: rateLimitConfig.parse(config),
    maxWaitMs: 300_000,
    clock,
    random: () => 0,
    emit: (event) => events.push(event),
  })
  const started: [string, number][] = []
  const take = async (name: string, group = 'source', signal?: AbortSignal): Promise<Slot> => {
    const slot = await budget.acquire({ group, endpoint: name, signal })
    started.push([name, clock.now() - 1_000_000])
    return slot
  }
  return { budget, clock, events, take, started }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the request budget', () => {
  it('keeps an even pace from the first request on', async () => {
    const { take, started } = open({ requests_per_second: 10 })
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => take(name)))
    expect(started).toEqual([
      ['a', 0],
      ['b', 100],
      ['c', 200],
      ['d', 300],
    ])
  })

  it('never lets more than burst + rate start within a second', async () => {
    const { take, started, clock } = open({ requests_per_second: 5, burst: 3, concurrency: 100 })
    clock.advance(60_000)
    await Promise.all(Array.from({ length: 20 }, (_, i) => take(String(i))))
    const at = started.map(([, ms]) => ms)
    for (const from of at) {
      expect(at.filter((ms) => ms >= from && ms < from + 1000).length).toBeLessThanOrEqual(8)
    }
    expect(at.at(-1)! - at[0]!).toBe(3400)
  })

  it('lets no more than concurrency be under way, in the order they came', async () => {
    const { take, started } = open({ concurrency: 2 })
    const first = await take('a')
    await take('b')
    const waiting = [take('c'), take('d')]
    await settle()
    expect(started.map(([name]) => name)).toEqual(['a', 'b'])
    first.release()
    first.release()
    await waiting[0]
    await settle()
    expect(started.map(([name]) => name)).toEqual(['a', 'b', 'c'])
    ;(await waiting[0])!.release()
    await waiting[1]
  })

  it('starts nothing in a paused group, and says so once', async () => {
    const { budget, take, started, events } = open()
    budget.pause('source', 5000)
    await Promise.all([take('a'), take('b')])
    expect(started).toEqual([
      ['a', 5000],
      ['b', 5000],
    ])
    expect(events).toEqual([
      {
        type: 'wait',
        endpoint: 'a',
        ms: 5000,
        reason: 'rate limit: no requests left',
        group: 'source',
      },
      {
        type: 'wait',
        endpoint: 'b',
        ms: 5000,
        reason: 'rate limit: no requests left',
        group: 'source',
      },
    ])
  })

  it('does not hold up one group for another', async () => {
    const { budget, take, started } = open({ group_by: 'path' })
    const [leads, users] = ['/lead/', '/user/'].map((path) => budget.groupOf('GET', path))
    budget.pause(leads!, 5000)
    await Promise.all([take('leads', leads), take('users', users)])
    expect(started).toEqual([
      ['users', 0],
      ['leads', 5000],
    ])
  })

  it('names groups by method and path, or one for the source', () => {
    const byPath = open({ group_by: 'path' }).budget
    expect(byPath.groupOf('GET', '/lead/')).not.toBe(byPath.groupOf('POST', '/lead/'))
    const bySource = open().budget
    expect(bySource.groupOf('GET', '/lead/')).toBe(bySource.groupOf('POST', '/user/'))
  })

  it('waits for the reset when a response says that nothing is left', async () => {
    const { take, started } = open()
    const slot = await take('a')
    slot.release({ remaining: 0, resetMs: 870 })
    await take('b')
    expect(started).toEqual([
      ['a', 0],
      ['b', 920],
    ])
  })

  it('starts no more than a response says are left, those under way included', async () => {
    const { take, started, clock } = open()
    const [first, second] = [await take('a'), await take('b')]
    first.release({ remaining: 2, resetMs: 1000 })
    const more = [take('c'), take('d')]
    await more[0]
    await Promise.resolve()
    expect(started.map(([name]) => name)).toEqual(['a', 'b', 'c'])
    second.release({ remaining: 5, resetMs: 1000 })
    await more[1]
    expect(clock.now()).toBeLessThan(1_001_100)
  })

  it('does not believe an answer to an older request over that to a newer one', async () => {
    const { take, started } = open()
    const [older, newer] = [await take('a'), await take('b')]
    newer.release({ remaining: 0, resetMs: 2000 })
    older.release({ remaining: 1, resetMs: 2000 })
    await take('c')
    expect(started.at(-1)).toEqual(['c', 2050])
  })

  it('forgets what was left once the period is over', async () => {
    const { take, started, clock } = open()
    ;(await take('a')).release({ remaining: 0, resetMs: 1000 })
    clock.advance(5000)
    await take('b')
    expect(started.at(-1)).toEqual(['b', 5000])
  })

  it('goes on without facts when a response has none', async () => {
    const { take, started } = open()
    ;(await take('a')).release({ remaining: null, resetMs: 60_000 })
    ;(await take('b')).release({ remaining: 0, resetMs: null })
    await take('c')
    expect(started.at(-1)).toEqual(['c', 0])
  })

  it('refuses to wait longer than max_wait, naming the endpoint', async () => {
    const { budget, take } = open()
    budget.pause('source', 3_600_000)
    await expect(take('leads')).rejects.toMatchObject({
      code: 'RATE_LIMIT_WAIT',
      message: 'leads: no requests left for 3600 s, longer than retry.max_wait (300 s)',
    })
    await expect(take('users', 'elsewhere')).resolves.toBeDefined()
  })

  it('lets go of a waiter that is aborted, and of no other', async () => {
    const { take, started } = open({ concurrency: 1 })
    const slot = await take('a')
    const controller = new AbortController()
    const gone = take('b', 'source', controller.signal)
    const kept = take('c')
    const reason = new Error('stopped')
    controller.abort(reason)
    await expect(gone).rejects.toBe(reason)
    await expect(take('d', 'source', controller.signal)).rejects.toBe(reason)
    slot.release()
    await kept
    expect(started.map(([name]) => name)).toEqual(['a', 'c'])
  })
})
