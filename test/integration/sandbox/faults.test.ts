import { got, RequestError } from 'got'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FAULT_KINDS, startSandbox } from '../../../src/sandbox/sandbox.ts'
import type { FaultKind, FaultOptions, SandboxSource } from '../../../src/sandbox/sandbox.ts'
import { serve } from '../../../src/sandbox/server/serve.ts'
import { ask, BASIC, post } from './client.ts'

const start = (faults?: number | FaultOptions) =>
  startSandbox({ sources: ['close'], leads: 20, ...(faults !== undefined && { faults }) })

let sandbox: Awaited<ReturnType<typeof start>>
let close: SandboxSource<'close'>

beforeAll(async () => {
  sandbox = await start()
  close = sandbox.sources.close
})

afterAll(() => sandbox.stop())

const LIST = 'lead/?_limit=5'

/** From now on every request meets one kind, but each fourth of those that are the same. */
const only = (kind: FaultKind) => close.faults.set({ rate: 1, kinds: [kind], slowMs: 80 })

const whole = async (path = LIST) => {
  close.faults.set(0)
  return ask(close, path)
}

/** How a request fails for a client that is built on Node's own http. */
async function failureOf(path: string): Promise<RequestError> {
  const options = { headers: { authorization: BASIC }, retry: { limit: 0 } }
  const error: unknown = await got(close.url + path, options).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(RequestError)
  return error as RequestError
}

describe('a fault, as a client sees it', () => {
  it.each([
    ['503', 503, ''],
    ['504', 504, ''],
    ['500', 500, '{"error":"Internal server error"}'],
  ] as const)('%s', async (kind, status, text) => {
    only(kind)
    expect(await ask(close, `${LIST}&_${kind}`)).toMatchObject({ status, text })
  })

  it('502 with a page of a gateway', async () => {
    only('502')
    const { status, text, headers } = await ask(close, `${LIST}&_502`)
    expect(status).toBe(502)
    expect(headers.get('content-type')).toBe('text/html')
    expect(text).toMatch(/^<html>.*Bad Gateway/)
  })

  it('429 with a short wait and no body', async () => {
    only('429')
    const { status, text, headers } = await ask(close, `${LIST}&_429`)
    expect([status, headers.get('retry-after'), text]).toEqual([429, '1', ''])
    expect(headers.has('ratelimit')).toBe(false)
  })

  it('a page of a gateway that says it is JSON', async () => {
    only('html')
    const { status, text, headers } = await ask(close, `${LIST}&_html`)
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json'])
    expect(text).toMatch(/^<html>/)
  })

  it('a connection reset before an answer', async () => {
    only('reset')
    expect(await failureOf(`${LIST}&_reset`)).toMatchObject({ code: 'ECONNRESET' })
    await expect(ask(close, `${LIST}&_reset`)).rejects.toThrow('fetch failed')
  })

  it('a connection cut in the middle of the body', async () => {
    const { text } = await whole()
    only('cut')
    expect(await failureOf(`${LIST}&_cut`)).toMatchObject({ code: 'ECONNRESET' })
    const response = await fetch(`${close.url}${LIST}&_cut`, { headers: { authorization: BASIC } })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(text)))
    let received = 0
    const read = async () => {
      for await (const chunk of response.body!) received += (chunk as Uint8Array).length
    }
    await expect(read()).rejects.toThrow('terminated')
    expect(received).toBe(Buffer.byteLength(text) >> 1)
  })

  it('half of the JSON, as though it were all', async () => {
    const { text } = await whole()
    only('truncated')
    const response = await fetch(`${close.url}${LIST}&_truncated`, {
      headers: { authorization: BASIC },
    })
    expect(response.status).toBe(200)
    const half = await response.text()
    expect(text.startsWith(half)).toBe(true)
    expect(half).toHaveLength(text.length >> 1)
    expect(() => JSON.parse(half) as unknown).toThrow(SyntaxError)
  })

  it('the usual answer, late', async () => {
    const { text } = await whole()
    only('slow')
    const before = performance.now()
    expect(await ask(close, `${LIST}&_slow`)).toMatchObject({ status: 200, text })
    expect(performance.now() - before).toBeGreaterThanOrEqual(79)
  })

  it('is gone when the request is repeated for the third time', async () => {
    const { text } = await whole()
    only('503')
    const statuses: number[] = []
    for (let i = 0; i < 3; i++) statuses.push((await ask(close, `${LIST}&_again`)).status)
    expect(statuses).toEqual([503, 503, 503])
    expect(await ask(close, `${LIST}&_again`)).toMatchObject({ status: 200, text })
  })

  it('hits a login and leaves its refresh token good', async () => {
    const login = () =>
      ask(close, '/oauth2/token/', {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'refresh_token',
          client_id: 'sandbox_client',
          client_secret: 'sandbox_secret',
          refresh_token: 'sandbox_refresh_token',
        }),
      })
    only('cut')
    await expect(login()).rejects.toThrow('terminated')
    close.faults.set(0)
    expect(await login()).toMatchObject({ status: 200, body: { token_type: 'Bearer' } })
  })
})

describe('what the sandbox tells about faults', () => {
  it('is in the request log and in the state', async () => {
    const own = await start({ rate: 1, kinds: ['503'] })
    try {
      const source = own.sources.close
      for (let i = 0; i < 4; i++) await ask(source, 'me/')
      source.faults.set({ rate: 1, kinds: ['reset'] })
      await expect(ask(source, LIST)).rejects.toThrow('fetch failed')
      const log = (await ask(source, '/_sandbox/requests')).body.requests as object[]
      expect(log.slice(0, 1)).toMatchObject([{ path: '/api/v1/me/', status: 503, fault: '503' }])
      expect(log[3]).toMatchObject({ path: '/api/v1/me/', status: 200 })
      expect(log[3]).not.toHaveProperty('fault')
      expect(log[4]).toMatchObject({ path: '/api/v1/lead/', status: 0, fault: 'reset' })
      expect((await ask(source, '/_sandbox/state')).body).toMatchObject({
        requests: 5,
        faults: { rate: 1, kinds: { reset: 1 }, counts: { '503': 3, reset: 1 } },
      })
    } finally {
      await own.stop()
    }
  })

  it('never is a fault itself', async () => {
    close.faults.set(1)
    for (let i = 0; i < 10; i++) {
      expect((await ask(close, '/_sandbox/state')).status).toBe(200)
    }
    close.faults.set(0)
  })
})

describe('faults switched while it runs', () => {
  it('come and go', async () => {
    const on = await post(close, '/_sandbox/faults', { rate: 1, kinds: ['504'] })
    expect(on).toMatchObject({ status: 200, body: { rate: 1, kinds: { '504': 1 } } })
    expect((await ask(close, `${LIST}&_switched`)).status).toBe(504)
    expect((await post(close, '/_sandbox/faults', { rate: 0 })).status).toBe(200)
    expect((await ask(close, `${LIST}&_switched`)).status).toBe(200)
  })

  it('keep what they were when the body is wrong', async () => {
    close.faults.set({ rate: 0, kinds: ['429'] })
    for (const wrong of [{ rate: 2 }, { rate: '0' }, { kinds: ['508'] }, { rat: 0 }, []]) {
      const { status, body } = await post(close, '/_sandbox/faults', wrong)
      expect(status).toBe(400)
      expect(body.error).toEqual(expect.any(String))
    }
    expect(close.faults.settings).toMatchObject({ rate: 0, kinds: { '429': 1 } })
  })
})

describe('a fault that is none', () => {
  it('is a defect of the sandbox, answered with what it is', async () => {
    const broken = () => {
      throw new TypeError('no such field')
    }
    const server = await serve(broken, { port: 0, latencyMs: 0 })
    try {
      const response = await fetch(server.origin)
      expect(response.status).toBe(500)
      expect(await response.text()).toBe('sandbox: no such field')
    } finally {
      await server.stop()
    }
  })
})

describe('faults in a library call', () => {
  it('are the same in two runs', async () => {
    const run = async () => {
      const own = await start({ rate: 0.5, kinds: ['503', '429', '500'] })
      try {
        const statuses: number[] = []
        for (let i = 0; i < 40; i++) {
          statuses.push((await ask(own.sources.close, `lead/?_skip=${i}`)).status)
        }
        return statuses
      } finally {
        await own.stop()
      }
    }
    const statuses = await run()
    expect(await run()).toEqual(statuses)
    expect(new Set(statuses)).toEqual(new Set([200, 503, 429, 500]))
  })

  it('are refused where they can not be, and nothing is left running', async () => {
    await expect(start(2)).rejects.toMatchObject({
      code: 'USAGE',
      message: 'sandbox: expected a rate of faults from 0 to 1, received 2',
    })
    await expect(start({ kinds: ['teapot' as FaultKind] })).rejects.toMatchObject({
      message: `sandbox: no fault is called teapot: ${FAULT_KINDS.join(', ')}`,
    })
  })
})
