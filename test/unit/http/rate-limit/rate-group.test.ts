import { describe, expect, it } from 'vitest'
import { createPace } from '../../../../src/http/rate-limit/pace.ts'
import { createRateGroup, type RateGroup } from '../../../../src/http/rate-limit/rate-group.ts'

const JITTER = 50

function open({ concurrency = 8, requests_per_second }: OpenOptions = {}): RateGroup {
  const pace = createPace({ requests_per_second })
  return createRateGroup({ concurrency, pace, stepMs: pace.stepMs, random: () => 0 })
}

interface OpenOptions {
  concurrency?: number
  requests_per_second?: number
}

/** Starts as many requests as may start now, at most `count`; their numbers. */
function startAll(group: RateGroup, now: number, count = 20): number[] {
  const started: number[] = []
  while (started.length < count && !group.hold(now)) started.push(group.start(now, 0))
  return started
}

const left = (remaining: number, resetMs: number) => ({ remaining, resetMs })
const untold = { remaining: null, resetMs: null }

describe('a rate group', () => {
  it('holds up what is beyond its concurrency until an answer comes', () => {
    const group = open({ concurrency: 2 })
    const [first] = startAll(group, 0)
    expect(group.hold(0)).toEqual({ until: Infinity, by: 'answers' })
    group.end(first!, 10, untold)
    expect(startAll(group, 10)).toHaveLength(1)
  })

  it('has its own pace', () => {
    const group = open({ requests_per_second: 10 })
    expect(startAll(group, 0)).toHaveLength(1)
    expect(group.hold(0)).toEqual({ until: 100, by: 'group pace' })
    expect(group.hold(0, 3)).toEqual({ until: 400, by: 'group pace' })
    expect(startAll(group, 100)).toHaveLength(1)
  })

  it('starts no more than are left, then waits for the reset, and then tries one', () => {
    const group = open()
    const [first] = startAll(group, 0, 1)
    group.end(first!, 100, left(2, 1000))
    const rest = startAll(group, 100)
    expect(rest).toHaveLength(2)
    expect(group.hold(100)).toEqual({ until: 1100 + JITTER, by: 'answers' })
    group.end(rest[0]!, 200, left(1, 900))
    expect(startAll(group, 200)).toEqual([])
    group.end(rest[1]!, 200, left(0, 900))
    expect(group.hold(200)).toEqual({ until: 1100 + JITTER, by: 'nothing left' })
    const [tried, ...more] = startAll(group, 1150)
    expect(more).toEqual([])
    group.end(tried!, 1300, left(19, 850))
    expect(startAll(group, 1300)).toHaveLength(8)
  })

  it('takes the least that answers of one period say, in whatever order they come', () => {
    const group = open()
    const [older, newer] = startAll(group, 0, 2)
    group.end(newer!, 100, left(3, 900))
    group.end(older!, 150, left(1, 900))
    expect(startAll(group, 150)).toHaveLength(1)
  })

  it('does not believe an answer about the period before', () => {
    const group = open()
    const [older, newer] = startAll(group, 0, 2)
    group.end(newer!, 1000, left(99, 60_000))
    group.end(older!, 1100, left(0, 1))
    expect(startAll(group, 1100)).toHaveLength(8)
  })

  it('does not wait where its own pace makes what is left last', () => {
    const paced = open({ requests_per_second: 1 })
    paced.end(startAll(paced, 0)[0]!, 150, left(0, 1000))
    expect(paced.hold(999)).toEqual({ until: 1000, by: 'group pace' })
    expect(paced.hold(1000)).toBeNull()
    const faster = open({ requests_per_second: 10 })
    faster.end(startAll(faster, 0)[0]!, 150, left(0, 1000))
    expect(faster.hold(1000)).toEqual({ until: 1150 + JITTER, by: 'nothing left' })
  })

  it('is not deceived by a reset that was cut to 0', () => {
    const group = open()
    group.end(startAll(group, 0, 1)[0]!, 100, left(0, 0))
    expect(group.hold(100)).toEqual({ until: 200 + JITTER, by: 'nothing left' })
  })

  it('tries one after a refusal, and then half as many as before', () => {
    const group = open()
    const all = startAll(group, 0)
    group.end(all[0]!, 100, untold)
    group.refuse(100, 600)
    expect(group.hold(100)).toEqual({ until: 600, by: 'refusal' })
    // The others are refused as well, which says nothing new.
    for (const request of all.slice(1)) {
      group.end(request, 150, untold)
      group.refuse(150, 650)
    }
    expect(startAll(group, 649)).toEqual([])
    let at = 650
    const sizes = [1, 2, 4, 4].map(() => {
      const started = startAll(group, at)
      at += 100
      for (const request of started) group.end(request, at, untold)
      return started.length
    })
    expect(sizes).toEqual([1, 2, 4, 4])
  })

  it('goes by what is left where a refusal says it', () => {
    const group = open()
    for (const request of startAll(group, 0)) {
      group.end(request, 100, left(0, 500))
      group.refuse(100, 600)
    }
    const [tried, ...more] = startAll(group, 650)
    expect(more).toEqual([])
    group.end(tried!, 700, left(20, 1000))
    expect(startAll(group, 700)).toHaveLength(8)
  })

  it('tries another one when the one that was tried got no answer', () => {
    const group = open()
    group.refuse(0, 500)
    const [tried] = startAll(group, 500)
    group.end(tried!, 600)
    expect(startAll(group, 600)).toHaveLength(1)
  })
})
