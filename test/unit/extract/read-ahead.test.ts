import { describe, expect, it } from 'vitest'
import { createPageBudget } from '../../../src/extract/page-budget.ts'
import { createReadAhead } from '../../../src/extract/read-ahead.ts'
import type { RestRequest, RestResponse } from '../../../src/http/types.ts'

const page = (n: number): RestRequest => ({
  method: 'GET',
  url: 'http://127.0.0.1/things',
  params: { page: n },
  queryStyle: 'plain',
  headers: {},
  body: undefined,
})

function start({ depth = 4, maxBytes = 1000, fails = -1 } = {}) {
  const sent: number[] = []
  const budget = createPageBudget(maxBytes)
  const send = async ({ params }: RestRequest): Promise<RestResponse> => {
    const n = params.page as number
    sent.push(n)
    if (n === fails) throw new Error(`page ${n}`)
    return {
      status: 200,
      url: '',
      headers: {},
      body: n,
      bytes: 10,
      nulsRemoved: 0,
      serverTime: null,
    }
  }
  const ahead = createReadAhead(send, { depth, budget })
  /** Asks for page n as a reader does, with what is to be expected after it. */
  const read = async (n: number, known: number | null, most = Infinity) => {
    const { body } = await ahead.send(page(n))
    ahead.plan((after) => page(n + after), { bytes: 10, known, most })
    return body
  }
  return { ahead, read, sent, budget }
}

describe('reading ahead', () => {
  it('asks for as much of a known length as it may, and for nothing beyond', async () => {
    const { read, sent } = start()
    expect(await read(1, 5)).toBe(1)
    expect(sent).toEqual([1, 2, 3, 4, 5])
    expect(await read(2, 4)).toBe(2)
    expect(sent).toEqual([1, 2, 3, 4, 5, 6])
    for (let n = 3; n <= 6; n++) expect(await read(n, 6 - n)).toBe(n)
    expect(sent).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('asks for nothing in vain in a small list of unknown length, and for more and more in a long one', async () => {
    const { read, sent } = start()
    for (let n = 1; n <= 3; n++) {
      await read(n, null)
      expect(sent).toHaveLength(n + 1)
    }
    for (let n = 4; n <= 20; n++) await read(n, null)
    expect(sent).toHaveLength(24)
    expect(new Set(sent).size).toBe(24)
  })

  it('asks for no more than will be asked for', async () => {
    const { read, sent } = start()
    await read(1, 9, 2)
    expect(sent).toEqual([1, 2, 3])
  })

  it('asks for no more than there is room for', async () => {
    const { read, sent, budget } = start({ maxBytes: 25 })
    await read(1, 9)
    expect(sent).toEqual([1, 2, 3])
    await read(2, 8)
    expect(sent).toEqual([1, 2, 3, 4])
    await read(3, 0)
    await read(4, 0)
    expect(budget.take(25)).not.toBeNull()
  })

  it('gives up what it has when something else is asked for, with its room', async () => {
    const { ahead, read, sent, budget } = start({ maxBytes: 40 })
    await read(1, 9)
    expect(budget.take(10)).toBeNull()
    expect((await ahead.send(page(50))).body).toBe(50)
    await Promise.resolve()
    expect(budget.take(40)).not.toBeNull()
    expect(await read(3, 0)).toBe(3)
    expect(sent).toEqual([1, 2, 3, 4, 5, 50, 3])
  })

  it('stops expecting anything of a list that never comes as expected', async () => {
    const { read, sent } = start()
    for (let n = 0; n < 20; n++) await read(100 * n, 9)
    const last = sent.slice(-10)
    expect(last).toEqual([1000, 1100, 1200, 1300, 1400, 1500, 1600, 1700, 1800, 1900])
  })

  it('tells a failure to who asks for what failed, and to nobody else', async () => {
    const { read, sent } = start({ fails: 3 })
    await read(1, 9)
    expect(sent).toEqual([1, 2, 3, 4, 5])
    await read(2, 8)
    await expect(read(3, 7)).rejects.toThrow('page 3')
    const { read: other } = start({ fails: 3 })
    expect(await other(1, 9)).toBe(1)
    expect(await other(2, 0)).toBe(2)
  })
})
