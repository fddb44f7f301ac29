import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createPageBudget } from '../../../src/extract/page-budget.ts'
import { prefetch } from '../../../src/extract/prefetch.ts'

interface Numbered {
  readonly n: number
  readonly bytes: number
}

interface Setting {
  readonly count?: number
  readonly bytes?: number
  readonly maxBytes?: number
  readonly maxPages?: number
  readonly failsAt?: number
}

function start({ count = 10, bytes = 10, failsAt = -1, ...setting }: Setting = {}) {
  const fetched: number[] = []
  const abort = new AbortController()
  let returned = false
  async function* pages(): AsyncGenerator<Numbered, void> {
    try {
      for (let n = 1; n <= count; n++) {
        await turn()
        if (n === failsAt) throw new Error(`page ${n}`)
        fetched.push(n)
        yield { n, bytes }
      }
    } finally {
      returned = true
    }
  }
  const budget = createPageBudget(setting.maxBytes ?? 1_000_000)
  const ahead = prefetch(pages(), { budget, maxPages: setting.maxPages ?? 4, abort })
  return { ahead, fetched, abort, budget, returned: () => returned }
}

/** Lets whatever can go on without being asked do so. */
async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await turn()
}

describe('prefetched pages', () => {
  it('come in their order, all of them', async () => {
    const { ahead } = start()
    const numbers: number[] = []
    for await (const { n } of ahead) numbers.push(n)
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  it('are fetched before they are asked for, but not more than may wait', async () => {
    const { ahead, fetched } = start({ maxPages: 3 })
    await settle()
    expect(fetched).toEqual([1, 2, 3])
    for await (const { n } of ahead) {
      await settle()
      expect(fetched).toHaveLength(Math.min(10, n + 3))
    }
  })

  it('are fetched as far as the budget has room, and one at a time where it has none', async () => {
    const { ahead, fetched, budget } = start({ bytes: 40_000, maxBytes: 100_000 })
    await settle()
    expect(fetched).toEqual([1, 2])
    const others = budget.take(20_000)!
    for await (const { n } of ahead) {
      await settle()
      expect(fetched.length).toBeLessThanOrEqual(n + 2)
    }
    expect(fetched).toHaveLength(10)
    others.giveBack()
    expect(budget.take(100_000)).not.toBeNull()
  })

  it('go on once others give room back, without being asked for', async () => {
    const { ahead, fetched, budget } = start({ bytes: 10, maxBytes: 64 * 1024 })
    const rest = budget.take(1) ?? null
    expect(rest).toBeNull()
    await settle()
    expect(fetched).toEqual([1, 2, 3, 4])
    await ahead.close()
  })

  it('bring an error in its place', async () => {
    const { ahead } = start({ failsAt: 3 })
    await settle()
    const numbers: number[] = []
    const read = async () => {
      for await (const { n } of ahead) numbers.push(n)
    }
    await expect(read()).rejects.toThrow('page 3')
    expect(numbers).toEqual([1, 2])
  })

  it('are given up when the loop over them ends early, with all their room', async () => {
    const { ahead, abort, fetched, budget, returned } = start({ maxBytes: 100_000 })
    for await (const { n } of ahead) if (n === 2) break
    expect(abort.signal.aborted).toBe(true)
    expect(returned()).toBe(true)
    const before = fetched.length
    await settle()
    expect(fetched).toHaveLength(before)
    expect(budget.take(100_000)).not.toBeNull()
  })

  it('can be given up before anyone takes them', async () => {
    const { ahead, budget, fetched } = start({ maxBytes: 100_000 })
    await ahead.close()
    await ahead.close()
    await settle()
    expect(fetched).toEqual([])
    expect(budget.take(100_000)).not.toBeNull()
  })
})
