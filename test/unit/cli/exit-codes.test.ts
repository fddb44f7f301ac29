import { describe, expect, it } from 'vitest'
import { ERROR_CODES, SluiceError } from '../../../src/core/errors.ts'
import { exitCodeOfError, exitCodeOfRun, worstExitCode } from '../../../src/cli/exit-codes.ts'

describe('exit codes', () => {
  it('are 1 for every error but those with one of their own', () => {
    const special = ERROR_CODES.map(
      (code) => [code, exitCodeOfError(new SluiceError(code, 'x'))] as const,
    ).filter(([, exit]) => exit !== 1)
    expect(Object.fromEntries(special)).toEqual({
      USAGE: 2,
      CONFIG_INVALID: 2,
      CONFIG_NOT_FOUND: 2,
      CONFIG_UNSUPPORTED: 2,
      RUN_LOCKED: 75,
      INTERRUPTED: 130,
    })
  })

  it('follow the status of a run', () => {
    const statuses = ['ok', 'partial', 'failed', 'interrupted'] as const
    const codes = statuses.map((status) => exitCodeOfRun({ status, error: null }))
    expect(codes).toEqual([0, 3, 1, 130])
    const error = { code: 'RUN_LOCKED', message: '', hint: null }
    expect(exitCodeOfRun({ status: 'failed', error })).toBe(75)
  })

  it('of several pipelines are that of the worst', () => {
    expect(worstExitCode([])).toBe(0)
    expect(worstExitCode([0, 3, 0])).toBe(3)
    expect(worstExitCode([75, 3])).toBe(75)
    expect(worstExitCode([1, 75, 3])).toBe(1)
    expect(worstExitCode([1, 130])).toBe(130)
  })
})
