import { describe, expect, it } from 'vitest'
import type { RunSummary } from '../../../src/run/summary.ts'
import { createCli } from '../../../src/cli/cli.ts'
import { printSummary } from '../../../src/cli/render-summary.ts'
import { recordEffects } from './effects.ts'

const SUMMARY: RunSummary = {
  run_id: 'r1',
  pipeline: 'close',
  command: 'sync',
  status: 'partial',
  started_at: '2024-05-01T12:00:00.000000Z',
  finished_at: '2024-05-01T12:02:05.000000Z',
  endpoints: [
    {
      endpoint: 'leads',
      status: 'ok',
      requests: 3,
      pages: 3,
      records: 250,
      rows: { leads: 250, leads__contacts: 400, x: 2, y: 3, z: 4 },
      rejected: 1,
      deleted: 0,
      retries: 1,
      waited_ms: 1200,
      bookmark: { before: null, after: '2024-05-01T00:00:00.000000Z' },
      windows: null,
      error: null,
    },
    {
      endpoint: 'notes',
      status: 'failed',
      requests: 1,
      pages: 0,
      records: 0,
      rows: {},
      rejected: 0,
      deleted: 0,
      retries: 0,
      waited_ms: 40,
      bookmark: { before: null, after: null },
      windows: null,
      error: { code: 'HTTP_STATUS', message: 'notes: answered 400', hint: 'check params' },
    },
  ],
  schema_changes: [
    { table: 'leads', column: null, change: 'added', type: null },
    { table: 'leads', column: 'n', change: 'widened', type: 'double', from: 'bigint' },
    { table: 'leads', column: 'a_b_1', change: 'renamed', type: 'text', from: 'a.b' },
  ],
  warnings: [
    { endpoint: 'calls', code: 'STATUS_SKIPPED', message: 'answered 404 for 1' },
    { endpoint: 'calls', code: 'STATUS_SKIPPED', message: 'answered 404 for 2' },
    { endpoint: 'leads', code: 'CURSOR_MISSING', message: '3 records without date were loaded' },
  ],
  error: null,
}

function print(
  options: { json?: boolean; verbose?: boolean },
  kind: 'run' | 'dry run' = 'run',
  changes: Partial<RunSummary> = {},
) {
  const effects = recordEffects()
  const cli = createCli(effects, { config: 'x', progress: 'none', ...options })
  printSummary(cli, { ...SUMMARY, ...changes }, kind)
  return { out: effects.out(), err: effects.err() }
}

describe('printSummary', () => {
  it('prints results on stdout and errors on stderr', () => {
    const { out, err } = print({})
    expect(out.split('\n')).toEqual([
      'close: partial in 2 min 5 s',
      'endpoint  status  requests  records  rows                                       rejected  waited  bookmark',
      'leads     ok             3      250  leads 250, __contacts 400, x 2, +2 tables         1  1.2 s   2024-05-01T00:00:00.000000Z',
      'notes     failed         1        0                                                    0',
      'warning: calls: answered 404 for 1 (and 1 more like it)',
      'warning: leads: 3 records without date were loaded',
      'schema: 1 table added, 1 type widened, 1 name changed (-v lists them)',
      '',
    ])
    expect(err).toBe('error [HTTP_STATUS] close.notes: answered 400\n  hint: check params\n')
  })

  it('names skipped endpoints once instead of repeating the error', () => {
    const error = { code: 'HTTP_STATUS', message: 'x: not tried after: answered 400', hint: null }
    const skipped = ['calls', 'emails'].map((endpoint) => ({
      ...SUMMARY.endpoints[1]!,
      endpoint,
      status: 'skipped' as const,
      error,
    }))
    const { err } = print({}, 'run', { endpoints: [...SUMMARY.endpoints, ...skipped] })
    expect(err.split('\n')).toEqual([
      'error [HTTP_STATUS] close.notes: answered 400',
      '  hint: check params',
      'close: skipped because of that: calls, emails',
      '',
    ])
  })

  it('lists schema changes with -v', () => {
    const { out } = print({ verbose: true })
    expect(out).toContain('  table leads added\n')
    expect(out).toContain('  leads.n widened from bigint to double\n')
    expect(out).toContain('  leads.a_b_1 holds "a.b", whose plain name was taken\n')
  })

  it('prints the summary as it is with --json, errors on stderr too', () => {
    const { out, err } = print({ json: true })
    expect(JSON.parse(out)).toEqual(SUMMARY)
    expect(err).toContain('error [HTTP_STATUS] close.notes: ')
  })

  it('says that a dry run wrote nothing', () => {
    expect(print({}, 'dry run').out).toContain('(dry run: nothing was written)')
  })
})
