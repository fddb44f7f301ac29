import { describe, expect, it } from 'vitest'
import { SluiceError } from '../../../src/core/errors.ts'
import { createRedactor } from '../../../src/core/redact.ts'
import { reportError } from '../../../src/cli/report-error.ts'
import { recordEffects } from './effects.ts'

function report(thrown: unknown, options: { verbose?: boolean; json?: boolean } = {}) {
  const effects = recordEffects()
  const redact = createRedactor(['s3cret/key'])
  const { verbose = false, json = false } = options
  const { stdout, stderr } = effects
  reportError(thrown, { stdout, stderr, verbose, json, redact }, 'close')
  return { out: effects.out(), err: effects.err() }
}

describe('reportError', () => {
  it('prints code, message and hint on stderr', () => {
    const error = new SluiceError('HTTP_STATUS', 'leads: answered 400', { hint: 'check params' })
    expect(report(error)).toEqual({
      out: '',
      err: 'error [HTTP_STATUS] close: leads: answered 400\n  hint: check params\n',
    })
  })

  it('prints one JSON object on stdout as well when asked for JSON', () => {
    const { out, err } = report(new SluiceError('LOAD_FAILED', 'the disk is full'), { json: true })
    expect(JSON.parse(out)).toEqual({
      pipeline: 'close',
      status: 'failed',
      error: { code: 'LOAD_FAILED', message: 'the disk is full', hint: null },
    })
    expect(err).toContain('error [LOAD_FAILED]')
  })

  it('wraps what is none of ours, and shows the stacks of all causes only when verbose', () => {
    const thrown = new TypeError('x is undefined', { cause: new Error('deep') })
    expect(report(thrown).err).toMatch(/^error \[INTERNAL\] close: x is undefined\n {2}hint: .*\n$/)
    const { err } = report(thrown, { verbose: true })
    expect(err).toContain('caused by TypeError: x is undefined\n    at ')
    expect(err).toContain('caused by Error: deep\n    at ')
  })

  it('shows no secret in any form, nor what hangs on an error', () => {
    const encoded = encodeURIComponent('s3cret/key')
    const cause = Object.assign(new Error(`GET /?key=${encoded}`), { options: 'other-secret' })
    const error = new SluiceError('HTTP_NETWORK', 'key s3cret/key refused', { cause })
    const { out, err } = report(error, { verbose: true, json: true })
    expect(out + err).not.toMatch(/s3cret|other-secret/)
    expect(out).toContain('key *** refused')
  })

  it('ends on causes that go round in a circle', () => {
    const error = new Error('round')
    error.cause = error
    expect(report(error, { verbose: true }).err).toContain('round')
  })
})
