import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/core/clock.ts'
import { SluiceError } from '../../../src/core/errors.ts'
import type { RunEvent } from '../../../src/core/events.ts'
import { silentLogger } from '../../../src/core/log.ts'
import { createSession } from '../../../src/run/session.ts'
import { load } from '../config/helpers.ts'

const SOURCE = `
base_url: https://api.example.com
auth: { type: bearer, token: "canary-s3cret" }
endpoints: [{ name: leads, path: /lead }]
`

async function openSession(events: RunEvent[]) {
  const config = await load({ 'acme.yaml': SOURCE })
  return createSession(config, config.pipelines[0]!, {
    dataset: null,
    clock: systemClock,
    log: silentLogger,
    emit: (event) => events.push(event),
  })
}

describe('createSession', () => {
  it('keeps secrets out of every part of an error', async () => {
    const session = await openSession([])
    const error = session.redactThrown(
      new SluiceError('TRANSFORM_FAILED', 'canary-s3cret in the message', {
        hint: 'canary-s3cret in the hint',
        details: { text: 'canary-s3cret', list: [{ deep: 'canary-s3cret' }], status: 400 },
        cause: new Error('canary-s3cret in the cause'),
      }),
    )
    expect(error).toMatchObject({
      code: 'TRANSFORM_FAILED',
      message: '*** in the message',
      hint: '*** in the hint',
      details: { text: '***', list: [{ deep: '***' }], status: 400 },
    })
    expect(inspect(error, { depth: 9 })).not.toContain('s3cret')
    await session.close()
  })

  it('keeps secrets out of warnings and out of the reasons of waits', async () => {
    const events: RunEvent[] = []
    const session = await openSession(events)
    const endpoint = 'leads'
    session.emit({ type: 'warning', endpoint, code: 'X', message: 'a canary-s3cret' })
    session.emit({ type: 'retry', endpoint, attempt: 1, waitMs: 1, reason: 'b canary-s3cret' })
    expect(events).toMatchObject([{ message: 'a ***' }, { reason: 'b ***' }])
    await session.close()
  })
})
