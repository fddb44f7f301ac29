import { expect, it } from 'vitest'
import { SluiceError } from '../../../src/core/errors.ts'
import { listenForInterrupt } from '../../../src/cli/interrupt.ts'
import { recordEffects } from './effects.ts'

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
