import { afterEach, expect, it, vi } from 'vitest'
import { SluiceError } from '../../../src/core/errors.ts'
import { listenForInterrupt } from '../../../src/cli/interrupt.ts'
import { recordEffects } from './effects.ts'

afterEach(() => void vi.useRealTimers())

it('aborts on the first signal and ends the process on the second', () => {
  const effects = recordEffects()
  const said: string[] = []
  const { signal, release } = listenForInterrupt(effects, (line) => said.push(line))
  expect(signal.aborted).toBe(false)
  effects.interrupt('SIGTERM')
  expect(signal.reason).toBeInstanceOf(SluiceError)
  expect(signal.reason).toMatchObject({ code: 'INTERRUPTED', message: 'stopped by SIGTERM' })
  expect(said).toEqual([expect.stringMatching(/^SIGTERM: stopping .*; again to stop at once$/)])
  expect(effects.exits).toEqual([])
  effects.interrupt('SIGINT')
  expect(effects.exits).toEqual([130])
  release()
  effects.interrupt('SIGINT')
  expect(effects.exits).toEqual([130])
})

it('ends the process when the run does not stop in time, and not after the run has stopped', () => {
  vi.useFakeTimers()
  const effects = recordEffects()
  const said: string[] = []
  const stuck = listenForInterrupt(effects, (line) => said.push(line))
  effects.interrupt('SIGTERM')
  vi.advanceTimersByTime(8_999)
  expect(effects.exits).toEqual([])
  vi.advanceTimersByTime(1)
  expect(effects.exits).toEqual([130])
  expect(said.at(-1)).toMatch(/took too long/)
  stuck.release()

  const stopped = listenForInterrupt(effects, (line) => said.push(line))
  effects.interrupt('SIGTERM')
  stopped.release()
  vi.advanceTimersByTime(60_000)
  expect(effects.exits).toEqual([130])
})
