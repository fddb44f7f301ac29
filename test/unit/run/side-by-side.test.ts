import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { runSideBySide, type Task } from '../../../src/run/side-by-side.ts'

function start(after: Readonly<Record<string, readonly string[]>>, limit: number) {
  const log: string[] = []
  const ends = new Map<string, () => void>()
  let most = limit
  let over = false
  const tasks = Object.entries(after).map(([name, needs]): Task => ({
    name,
    after: needs,
    run: () => {
      log.push(name)
      return new Promise((resolve) => ends.set(name, resolve))
    },
  }))
  const sideBySide = runSideBySide(tasks, { limit: () => most, isOver: () => over })
  let isDone = false
  void sideBySide.done.then(() => (isDone = true))
  return {
    log,
    isDone: () => isDone,
    end: async (name: string) => {
      ends.get(name)!()
      await turn()
    },
    allow: (count: number) => {
      most = count
      sideBySide.look()
    },
    stop: () => (over = true),
  }
}

describe('work side by side', () => {
  it('begins in order, as much as is allowed at a time', async () => {
    const work = start({ a: [], b: [], c: [] }, 2)
    expect(work.log).toEqual(['a', 'b'])
    await work.end('b')
    expect(work.log).toEqual(['a', 'b', 'c'])
    await work.end('a')
    expect(work.isDone()).toBe(false)
    await work.end('c')
    expect(work.isDone()).toBe(true)
  })

  it('waits for what has to come before it, and lets others pass meanwhile', async () => {
    const work = start({ parent: [], child: ['parent', 'not there'], other: [] }, 2)
    expect(work.log).toEqual(['parent', 'other'])
    await work.end('other')
    expect(work.log).toEqual(['parent', 'other'])
    await work.end('parent')
    expect(work.log).toEqual(['parent', 'other', 'child'])
  })

  it('begins more once more is allowed', () => {
    const work = start({ a: [], b: [], c: [] }, 1)
    expect(work.log).toEqual(['a'])
    work.allow(3)
    expect(work.log).toEqual(['a', 'b', 'c'])
  })

  it('begins nothing once it is over, and ends with what is under way', async () => {
    const work = start({ a: [], b: ['a'], c: [] }, 1)
    work.stop()
    expect(work.isDone()).toBe(false)
    await work.end('a')
    expect(work.log).toEqual(['a'])
    expect(work.isDone()).toBe(true)
  })

  it('is done at once without anything to do', async () => {
    const work = start({}, 1)
    await turn()
    expect(work.isDone()).toBe(true)
  })
})
