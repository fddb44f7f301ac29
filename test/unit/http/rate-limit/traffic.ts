import { createRateBudget, rateLimitConfig } from '../../../../src/http/rate-budget.ts'
import { serverWait } from '../../../../src/http/retry.ts'
import type { LimitOfApi } from './simulated-api.ts'
import { virtualClock } from './virtual-clock.ts'

/** Numbers from 0 to 1 that look random and are the same in every run. */
export function createRandom(seed = 1): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}

export interface Traffic {
  readonly config: object
  readonly openApi: () => LimitOfApi
  readonly pages: number
  /** Timers end up to so many milliseconds late. */
  readonly lateMs?: number
  /** Requests per second of another program with the same key. */
  readonly others?: number
}

export interface Outcome {
  readonly seconds: number
  readonly refused: number
}

/** Reads pages of two endpoints as a run does: a budget, an API 100 to 200 ms away, refused requests sent again. */
export async function read(traffic: Traffic): Promise<Outcome> {
  const { config, openApi, pages, lateMs = 0, others = 0 } = traffic
  const random = createRandom()
  const clock = virtualClock(() => Math.round(random() * lateMs))
  const budget = createRateBudget({
    config: rateLimitConfig.parse(config),
    maxWaitMs: 300_000,
    clock,
    random,
    emit: () => {},
  })
  const api = openApi()
  const start = clock.now()
  let refused = 0
  let answered = 0
  let end = start

  async function send(endpoint: string): Promise<void> {
    const group = budget.groupOf('GET', '/things/')
    const slot = await budget.acquire({ group, endpoint })
    const wayMs = Math.round(50 + random() * 50)
    await clock.sleep(wayMs)
    const answer = api(clock.now())
    await clock.sleep(wayMs)
    slot.release(answer.facts)
    if (!answer.refused) {
      answered++
      end = clock.now()
      return
    }
    refused++
    const waitMs = serverWait(answer.facts.resetMs ?? random() * 1000, random)
    budget.pause(group, waitMs)
    await clock.sleep(waitMs)
    await send(endpoint)
  }

  let left = pages
  async function readSome(endpoint: string): Promise<void> {
    while (left-- > 0) await send(endpoint)
  }
  async function spend(perSecond: number): Promise<void> {
    const isDone = () => answered >= pages
    for (; !isDone(); api(clock.now())) await clock.sleep(Math.round(1000 / perSecond))
  }
  const readers = Array.from({ length: 16 }, (_, i) => readSome(i % 2 === 0 ? 'leads' : 'tasks'))
  await Promise.all([clock.run(), others === 0 || spend(others), ...readers])
  return { seconds: (end - start) / 1000, refused }
}
