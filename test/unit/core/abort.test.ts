import { getEventListeners } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { followAbort } from '../../../src/core/abort.ts'

describe('a controller that follows a signal', () => {
  it('is aborted with it, for the same reason', () => {
    const parent = new AbortController()
    const { signal } = followAbort(parent.signal)
    expect(signal.aborted).toBe(false)
    parent.abort('enough')
    expect(signal.reason).toBe('enough')
  })

  it('is aborted from the start by one that is', () => {
    expect(followAbort(AbortSignal.abort('before')).signal.reason).toBe('before')
  })

  it('may be listened to by any number', async () => {
    const warnings: Error[] = []
    const note = (warning: Error) => void warnings.push(warning)
    process.on('warning', note)
    const { signal } = followAbort(new AbortController().signal)
    for (let i = 0; i < 100; i++) signal.addEventListener('abort', () => i)
    await turn()
    process.off('warning', note)
    expect(warnings).toEqual([])
  })

  it('leaves the signal alone, and nothing behind, when it is aborted by itself', () => {
    const parent = new AbortController()
    const own = followAbort(parent.signal)
    own.abort()
    expect(parent.signal.aborted).toBe(false)
    expect(getEventListeners(parent.signal, 'abort')).toEqual([])
  })
})
