import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/core/events.ts'
import { createCli, type GlobalOptions } from '../../../src/cli/cli.ts'
import { openProgress } from '../../../src/cli/progress.ts'
import { createProgressState } from '../../../src/cli/progress-state.ts'
import type { WaitEvent } from '../../../src/cli/progress-waits.ts'
import { recordEffects, type TerminalOptions } from './effects.ts'

const OPTIONS: GlobalOptions = { config: 'pipelines.yaml', progress: 'auto' }

async function open(options: Partial<GlobalOptions>, terminal?: TerminalOptions) {
  const effects = recordEffects(terminal)
  const cli = createCli(effects, { ...OPTIONS, ...options })
  return { effects, progress: await openProgress(cli, 'close') }
}

const leads = 'leads'
const started: RunEvent = { type: 'endpoint_started', endpoint: leads }
const finished: RunEvent = { type: 'endpoint_finished', endpoint: leads, status: 'ok' }
const page = (records: number, total: number | null): RunEvent => ({
  type: 'page',
  endpoint: leads,
  index: 0,
  records,
  total,
})
const load = (rows: number): RunEvent => ({
  type: 'load',
  endpoint: leads,
  loadId: '1',
  rows: { leads: rows, leads__contacts: rows },
  rejected: 0,
  deleted: 0,
})
const wait = (ms: number, more: Partial<WaitEvent> = {}): WaitEvent => ({
  type: 'wait',
  endpoint: leads,
  ms,
  reason: 'rate limit (429)',
  group: 'source',
  ...more,
})

describe('progress in a pipe', () => {
  it('is a line per endpoint when it ends, per long wait and per warning', async () => {
    const { effects, progress } = await open({})
    for (const event of [started, page(100, null), load(100), wait(900), wait(12_000)]) {
      progress.onEvent(event)
    }
    const say = { endpoint: leads, code: 'X', message: 'the filter was ignored' }
    progress.onEvent({ type: 'warning', ...say })
    effects.advance(2000)
    progress.onEvent(finished)
    progress.stop()
    expect(effects.err().split('\n')).toEqual([
      'close.leads: waiting 12 s: rate limit (429)',
      'warning: close.leads: the filter was ignored',
      'close.leads: ok, 1 page, 100 records, 200 rows in 2.0 s',
      '',
    ])
    expect(effects.out()).toBe('')
  })

  it('names the endpoint once where the message itself begins with it', async () => {
    const { effects, progress } = await open({})
    const retry = { type: 'retry', endpoint: leads, attempt: 1, waitMs: 1500 } as const
    progress.onEvent({ ...retry, reason: 'leads: GET /lead/ answered 500' })
    progress.onEvent({ ...retry, reason: 'leads2: GET /lead/ answered 500' })
    expect(effects.err().split('\n')).toEqual([
      'close.leads: trying again in 1.5 s: GET /lead/ answered 500',
      'close.leads: trying again in 1.5 s: leads2: GET /lead/ answered 500',
      '',
    ])
  })

  it('says once what many requests wait for, and names the part of the source that is limited', async () => {
    const { effects, progress } = await open({})
    for (let i = 0; i < 8; i++) progress.onEvent(wait(12_000 + i * 100))
    progress.onEvent(wait(12_000, { endpoint: 'users' }))
    progress.onEvent(wait(12_000, { endpoint: 'tasks', group: 'search' }))
    expect(effects.err().split('\n')).toEqual([
      'close.leads: waiting 12 s: rate limit (429)',
      'close.tasks: waiting 12 s (search): rate limit (429)',
      '',
    ])
  })

  it('says that it still waits once a minute, however short the waits are', async () => {
    const { effects, progress } = await open({})
    for (let i = 0; i < 100; i++) {
      progress.onEvent(wait(1500))
      effects.advance(1500)
    }
    expect(effects.err().match(/waiting/g)).toHaveLength(3)
  })

  it('says at once that a wait takes longer than a minute', async () => {
    const { effects, progress } = await open({})
    progress.onEvent(wait(2000))
    progress.onEvent(wait(90_000))
    expect(effects.err()).toContain('waiting 1 min 30 s')
  })

  it('is nothing with -q or none', async () => {
    for (const options of [{ quiet: true }, { progress: 'none' as const }]) {
      const { effects, progress } = await open(options)
      for (const event of [started, page(1, null), wait(5000), finished]) progress.onEvent(event)
      expect(effects.err()).toBe('')
    }
  })
})

describe('progress on a terminal', () => {
  it('redraws one line per endpoint and leaves the ended ones above', async () => {
    const { effects, progress } = await open({}, { columns: 80 })
    progress.onEvent(started)
    progress.onEvent(page(50, 200))
    progress.onEvent(load(50))
    effects.advance(1000)
    await delay(300)
    expect(effects.err()).toContain('leads  1 page  100 rows  100 rows/s  25%  3.0 s left')
    progress.line('a message')
    progress.onEvent(finished)
    await delay(300)
    progress.line('after the end')
    progress.stop()
    progress.stop()
    const shown = effects.err()
    expect(shown.match(/after the end/g)).toHaveLength(1)
    expect(shown).toContain('a message')
    expect(shown).toContain('leads: ok, 1 page, 50 records, 100 rows in 1.0 s')
    expect(shown.indexOf('a message')).toBeLessThan(shown.indexOf('leads: ok'))
  })
})

describe('the state of an endpoint', () => {
  it('has a percentage and a time left only where a total is known', () => {
    let now = 0
    const state = createProgressState(() => now)
    state.add(started)
    const endpoint = state.add(page(10, null))!
    state.add(load(10))
    now = 2000
    expect(endpoint.describe()).toBe('leads  1 page  20 rows  10 rows/s')
    state.add(page(10, 80))
    expect(endpoint.describe()).toBe('leads  2 pages  20 rows  10 rows/s  25%  6.0 s left')
    state.add(page(70, 80))
    expect(endpoint.describe()).toBe('leads  3 pages  20 rows  10 rows/s  100%')
  })

  it('shows a wait until it is over', () => {
    let now = 0
    const state = createProgressState(() => now)
    const endpoint = state.add(wait(3000))!
    expect(endpoint.describe()).toContain('waiting 3.0 s: rate limit (429)')
    state.add(page(10, null))
    state.add(wait(1500, { group: 'search' }))
    expect(endpoint.describe()).toContain('waiting 3.0 s: rate limit (429)')
    now = 3000
    expect(endpoint.describe()).not.toContain('waiting')
    state.add(wait(1500, { group: 'search' }))
    expect(endpoint.describe()).toContain('waiting 1.5 s (search): rate limit (429)')
  })

  it('says nothing of the short waits of an even pace', () => {
    const state = createProgressState(() => 0)
    const endpoint = state.add(wait(50, { reason: 'rate_limit.requests_per_second' }))!
    expect(endpoint.describe()).not.toContain('waiting')
  })
})
