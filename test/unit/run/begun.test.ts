import { describe, expect, it } from 'vitest'
import type { Read } from '../../../src/extract/reads.ts'
import { queueReads } from '../../../src/extract/reads.ts'
import { beginAhead, beginReads } from '../../../src/run/begun.ts'
import type { OpenedPages } from '../../../src/run/open-pages.ts'

describe('what is begun ahead', () => {
  function start(count: number, items = [1, 2, 3, 4, 5]) {
    const begun: number[] = []
    const closed: number[] = []
    const begin = async (n: number) => {
      begun.push(n)
      return { n, close: async () => void closed.push(n) }
    }
    return { all: beginAhead(items, begin, count), begun, closed }
  }

  it.each([0, 2, 9])('comes in order, %i ahead', async (count) => {
    const { all, begun, closed } = start(count)
    const taken: number[] = []
    for await (const { n } of all) {
      taken.push(n)
      expect(begun).toHaveLength(Math.min(5, n + count))
    }
    expect(taken).toEqual([1, 2, 3, 4, 5])
    expect(closed).toEqual([])
  })

  it('is closed where nobody takes it', async () => {
    const { all, closed } = start(2)
    for await (const { n } of all) if (n === 2) break
    expect(closed).toEqual([3, 4])
  })

  it('is closed when the items fail', async () => {
    async function* failing() {
      yield 1
      yield 2
      throw new Error('no more')
    }
    const closed: number[] = []
    const all = beginAhead(failing(), async (n) => ({ close: async () => void closed.push(n) }), 5)
    await expect(all.next()).rejects.toThrow('no more')
    expect(closed).toEqual([1, 2])
  })
})

describe('reads that are begun', () => {
  const windows = ['a', 'b', 'c', 'd'].map((from) => ({ from, to: `${from}z` }))

  function start() {
    const log: string[] = []
    const open = ({ from }: Read, maxPages: number) => {
      log.push(`open ${String(from)} ${maxPages}`)
      return { close: async () => void log.push(`close ${String(from)}`) } as OpenedPages
    }
    const queue = queueReads(windows)
    return { queue, begun: beginReads(queue, open, 9), log }
  }

  it('are opened once, in the order of the queue', () => {
    const { queue, begun, log } = start()
    begun.begin(2)
    begun.begin(2)
    begun.take(queue.take()!, 3)
    begun.begin(2)
    begun.take(queue.take()!, 3)
    expect(log).toEqual(['open a 9', 'open b 9', 'open c 9'])
  })

  it('are opened when they are taken, where nobody has begun them', () => {
    const { queue, begun, log } = start()
    begun.take(queue.take()!, 3)
    expect(log).toEqual(['open a 3'])
  })

  it('that are put back are opened again, and those behind them stay', async () => {
    const { queue, begun, log } = start()
    begun.begin(2)
    const read = queue.take()!
    begun.take(read, 9)
    queue.putBack([read])
    begun.take(queue.take()!, 9)
    expect(log).toEqual(['open a 9', 'open b 9', 'open a 9'])
    await begun.close()
    await begun.close()
    expect(log.slice(3)).toEqual(['close b'])
  })
})
