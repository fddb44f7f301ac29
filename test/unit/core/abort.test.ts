import { getEventListeners, getMaxListeners } from 'node:events'
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

  it('may be listened to by any number', () => {
    expect(getMaxListeners(followAbort(new AbortController().signal).signal)).toBe(0)
  })

  it('leaves the signal alone, and nothing behind, when it is aborted by itself', () => {
    const parent = new AbortController()
    const own = followAbort(parent.signal)
    own.abort()
    expect(parent.signal.aborted).toBe(false)
    expect(getEventListeners(parent.signal, 'abort')).toEqual([])
  })
})
