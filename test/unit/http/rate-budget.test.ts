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

const NOTHING_TOLD = { remaining: null, resetMs: null }

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

  it('starts nothing in a paused group, and says so once for each endpoint', async () => {
    const { budget, take, started, events } = open()
    budget.pause('source', 5000)
    const waiting = [take('a'), take('a'), take('b')]
    ;(await waiting[0])!.release(NOTHING_TOLD)
    await Promise.all(waiting)
    expect(started).toEqual([
      ['a', 5000],
      ['b', 5000],
      ['a', 5000],
    ])
    const wait = { type: 'wait', ms: 5000, reason: 'rate limit (429)', group: 'source' }
    expect(events).toEqual([
      { ...wait, endpoint: 'a' },
      { ...wait, endpoint: 'b' },
    ])
  })

  it('says how long each endpoint waits for its turn', async () => {
    const { take, events } = open({ requests_per_second: 10 })
    await Promise.all(['a', 'b', 'c', 'a', 'a'].map((name) => take(name)))
    const wait = { type: 'wait', reason: 'rate_limit.requests_per_second', group: 'source' }
    expect(events).toEqual([
      { ...wait, endpoint: 'b', ms: 100 },
      { ...wait, endpoint: 'c', ms: 200 },
      { ...wait, endpoint: 'a', ms: 300 },
      { ...wait, endpoint: 'a', ms: 100 },
    ])
  })

  it('lets endpoints take turns, whoever asked for more', async () => {
    const { take, started } = open({ concurrency: 1 })
    const slots = ['leads', 'leads', 'leads', 'leads', 'users', 'tasks'].map((name) => take(name))
    for (const slot of [0, 1, 4, 5, 2, 3]) (await slots[slot])!.release()
    expect(started.map(([name]) => name)).toEqual([
      'leads',
      'leads',
      'users',
      'tasks',
      'leads',
      'leads',
    ])
  })

  it('has a budget for each group, within that of the source', async () => {
    const { take, started } = open({
      requests_per_second: 20,
      concurrency: 100,
      per_group: { requests_per_second: 10 },
      groups: [{ name: 'reports', path: '/report/*', requests_per_second: 5 }],
    })
    const asked = ['search', 'reports', 'source'].flatMap((group) => [group, group, group])
    await Promise.all(asked.map((group) => take(group, group)))
    const times = (group: string) => started.filter(([name]) => name === group).map(([, at]) => at)
    expect(times('search')).toEqual([0, 100, 200])
    expect(times('reports')).toEqual([50, 250, 450])
    expect(times('source')).toEqual([150, 300, 400])
  })

  it('limits how much of a group is under way', async () => {
    const { take, started } = open({
      groups: [{ name: 'reports', path: '/report/*', concurrency: 1 }],
    })
    const report = await take('a', 'reports')
    const second = take('b', 'reports')
    await Promise.all([take('c'), take('d')])
    expect(started.map(([name]) => name)).toEqual(['a', 'c', 'd'])
    report.release()
    await second
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

  it('sets no timer for a waiter that gives up when it hears how long it would wait', async () => {
    const controller = new AbortController()
    const clock = fakeClock()
    const budget = createRateBudget({
      config: rateLimitConfig.parse({}),
      maxWaitMs: 300_000,
      clock,
      random: () => 0,
      emit: () => controller.abort(new Error('stopped')),
    })
    budget.pause('source', 60_000)
    const asked = { group: 'source', endpoint: 'a', signal: controller.signal }
    await expect(budget.acquire(asked)).rejects.toThrow('stopped')
    await settle()
    expect(clock.sleeps).toEqual([])
  })
})
