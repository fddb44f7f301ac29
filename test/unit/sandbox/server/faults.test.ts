import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../../src/sandbox/data/random.ts'
import { FAULT_KINDS, type FaultKind } from '../../../../src/sandbox/server/fault-kinds.ts'
import { createFaults, type FaultOptions } from '../../../../src/sandbox/server/faults.ts'
import { jsonReply, type ApiRequest } from '../../../../src/sandbox/server/http.ts'

const request = (path: string, parts: Partial<ApiRequest> = {}): ApiRequest => ({
  method: 'GET',
  path,
  query: new URLSearchParams(),
  rawQuery: '',
  headers: {},
  body: '',
  ...parts,
})

const usual = () => jsonReply({ data: [1, 2, 3] })

const faultsOf = (options: number | FaultOptions, seed = 1) =>
  createFaults(createRandom(seed, 'faults'), options)

/** What each of so many different requests meets. */
function met(options: number | FaultOptions, count: number, seed = 1): (FaultKind | null)[] {
  const faults = faultsOf(options, seed)
  return Array.from({ length: count }, (_, i) => faults.answer(request(`/${i}`), usual).fault)
}

describe('the sequence of faults', () => {
  it('is the same for the same seed, another for another', () => {
    expect(met(0.5, 100)).toEqual(met(0.5, 100))
    expect(met(0.5, 100, 2)).not.toEqual(met(0.5, 100))
  })

  it.each([0, 0.1, 0.3, 1])('hits a share of %d of the requests', (rate) => {
    const hits = met(rate, 10_000).filter((kind) => kind !== null)
    expect(Math.abs(hits.length / 10_000 - rate)).toBeLessThan(0.01)
  })

  it('brings all kinds about equally often, and counts them', () => {
    const faults = faultsOf(1)
    for (let i = 0; i < 10_000; i++) faults.answer(request(`/${i}`), usual)
    expect(Object.keys(faults.counts).sort()).toEqual([...FAULT_KINDS].sort())
    for (const count of Object.values(faults.counts)) {
      expect(Math.abs(count - 1000)).toBeLessThan(150)
    }
  })

  it('keeps to the kinds that were chosen, as often as was said', () => {
    expect(new Set(met({ rate: 1, kinds: ['reset', '503'] }, 200))).toEqual(
      new Set(['reset', '503']),
    )
    const kinds = met({ rate: 1, kinds: { reset: 3, slow: 1, html: 0 } }, 4000)
    const share = kinds.filter((kind) => kind === 'reset').length / kinds.length
    expect(Math.abs(share - 0.75)).toBeLessThan(0.03)
    expect(new Set(kinds)).toEqual(new Set(['reset', 'slow']))
  })

  it('lets every request through after three faults in a row, whatever comes between', () => {
    const faults = faultsOf(1)
    const search = (body: string) => request('/search/', { method: 'POST', body })
    for (let round = 0; round < 5; round++) {
      for (let turn = 0; turn <= 3; turn++) {
        const outcomes = [
          faults.answer(search('{"cursor":null}'), usual),
          faults.answer(search('{"cursor":"abc"}'), usual),
          faults.answer(request('/', { rawQuery: `round=${round}` }), usual),
        ]
        const through = turn === 3
        expect(outcomes.map(({ fault }) => fault === null)).toEqual([through, through, through])
      }
    }
  })

  it('goes on when the settings change, and stops at a rate of 0', () => {
    const faults = faultsOf(1)
    faults.set({ rate: 0 })
    for (let i = 0; i < 100; i++) faults.answer(request(`/${i}`), usual)
    expect(faults.counts).toEqual({})
    faults.set({ kinds: ['cut'] })
    expect(faults.settings).toEqual({ rate: 0.1, kinds: { cut: 1 }, slowMs: 2000 })
    for (let i = 0; i < 100; i++) faults.answer(request(`/${i}`), usual)
    expect(Object.keys(faults.counts)).toEqual(['cut'])
  })
})

describe('a request that meets a fault', () => {
  const answer = (kind: FaultKind, asked: ApiRequest) => {
    let calls = 0
    const { reply } = faultsOf({ rate: 1, kinds: [kind] }).answer(asked, () => {
      calls++
      return usual()
    })
    return { reply, calls }
  }

  it.each(FAULT_KINDS)('%s reaches the API only where its answer is needed', (kind) => {
    const needed: readonly FaultKind[] = ['cut', 'truncated', 'slow']
    expect(answer(kind, request('/')).calls).toBe(needed.includes(kind) ? 1 : 0)
  })

  it('uses up no refresh token, unless the answer arrives', () => {
    const login = request('/oauth2/token/', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=refresh_token',
    })
    expect(answer('cut', login)).toMatchObject({ calls: 0, reply: { breaks: 'midway' } })
    const { calls, reply } = answer('truncated', login)
    expect(calls).toBe(0)
    expect(reply.body).toMatch(/^\{"access_token"/)
    expect(() => JSON.parse(reply.body) as unknown).toThrow(SyntaxError)
    expect(answer('slow', login)).toMatchObject({ calls: 1, reply: usual() })
  })

  it('is cut before the answer where there is no body to cut', () => {
    const faults = faultsOf({ rate: 1, kinds: ['cut'] })
    const redirect = () => ({ status: 301, headers: { location: '/x/' }, body: '' })
    expect(faults.answer(request('/x'), redirect).reply.breaks).toBe('before')
  })
})

describe('options that can not be', () => {
  it.each([
    [-0.1, 'a rate of faults from 0 to 1, received -0.1'],
    [1.5, 'a rate of faults from 0 to 1, received 1.5'],
    [{ rate: '0.1' }, 'a rate of faults from 0 to 1, received 0.1'],
    [{ kinds: ['rest'] }, 'no fault is called rest: 429, 500'],
    [{ kinds: { reset: -1 } }, 'how likely reset is, received -1'],
    [{ kinds: 'reset' }, 'expected kinds of faults, received "reset"'],
    [{ kinds: null }, 'expected kinds of faults, received null'],
    [{ kinds: [] }, 'at least one kind of fault'],
    [{ kinds: { reset: 0 } }, 'at least one kind of fault'],
    [{ slowMs: -1 }, 'slowMs of at least 0, received -1'],
    [{ rat: 0 }, 'no option is called rat: rate, kinds, slowMs'],
  ])('%j', (options, message) => {
    expect(() => faultsOf(options as FaultOptions)).toThrow(message)
  })

  it('change nothing', () => {
    const faults = faultsOf(0.5)
    expect(() => faults.set({ rate: 2 })).toThrow(RangeError)
    expect(faults.settings.rate).toBe(0.5)
  })
})
