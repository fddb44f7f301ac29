import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { processState, thisProcess } from '../../../src/state/process-identity.ts'

it('knows that this process runs', () => {
  expect(processState(thisProcess())).toBe('alive')
})

it('knows that a process has ended', () => {
  const { pid } = spawnSync(process.execPath, ['--version'])
  expect(processState({ ...thisProcess(), pid })).toBe('gone')
})

it('is not taken in by a pid that was given away again', () => {
  const self = thisProcess()
  const [boot, namespace, start] = self.process.split(' ')
  expect(processState({ ...self, process: `${boot} ${namespace} ${Number(start) - 1}` })).toBe(
    'gone',
  )
})

it('does not judge what it cannot see: other hosts, machines of the same name, other containers', () => {
  const self = thisProcess()
  const [boot, namespace, start] = self.process.split(' ')
  expect(processState({ ...self, host: 'elsewhere', pid: 999_999 })).toBe('unknown')
  expect(processState({ ...self, pid: 999_999, process: `${boot} pid:[1] ${start}` })).toBe(
    'unknown',
  )
  expect(
    processState({ ...self, pid: 999_999, process: `another-boot ${namespace} ${start}` }),
  ).toBe('unknown')
  expect(processState({ ...self, pid: 999_999, process: '' })).toBe('unknown')
})
