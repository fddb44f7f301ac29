import { describe, expect, it } from 'vitest'
import { createPageBudget } from '../../../src/extract/page-budget.ts'

describe('a page budget', () => {
  it('has room until it is full, and again once some is given back', () => {
    const budget = createPageBudget(100)
    const first = budget.take(60)
    expect(budget.take(60)).toBeNull()
    first!.resize(30)
    const second = budget.take(60)
    expect(second).not.toBeNull()
    expect(budget.take(20)).toBeNull()
    first!.giveBack()
    first!.giveBack()
    expect(budget.take(40)).not.toBeNull()
    expect(budget.take(1)).toBeNull()
  })

  it('tells who waits that room was given back', async () => {
    const budget = createPageBudget(100)
    const room = budget.take(100)!
    const never = new AbortController().signal
    let told = 0
    const waiting = Promise.all([1, 2].map(() => budget.change(never).then(() => told++)))
    room.resize(100)
    await Promise.resolve()
    expect(told).toBe(0)
    room.resize(99)
    await waiting
    expect(told).toBe(2)
  })

  it('does not keep who has given up waiting', async () => {
    const budget = createPageBudget(1)
    await budget.change(AbortSignal.abort())
    const abort = new AbortController()
    const waiting = budget.change(abort.signal)
    abort.abort()
    await expect(waiting).resolves.toBeUndefined()
  })
})
