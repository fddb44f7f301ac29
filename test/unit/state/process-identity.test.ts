import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { isGone, thisProcess } from '../../../src/state/process-identity.ts'

it('knows that this process runs', () => {
  expect(isGone(thisProcess())).toBe(false)
})

it('knows that a process has ended', () => {
  const { pid } = spawnSync(process.execPath, ['--version'])
  expect(isGone({ ...thisProcess(), pid })).toBe(true)
})

it('is not taken in by a pid that was given away again, or by a reboot', () => {
  const self = thisProcess()
  const [boot, namespace, start] = self.process.split(' ')
  expect(isGone({ ...self, process: `${boot} ${namespace} ${Number(start) - 1}` })).toBe(true)
  expect(isGone({ ...self, process: `another-boot ${namespace} ${start}` })).toBe(true)
})

it('does not judge what it cannot see: other hosts, other containers', () => {
  const self = thisProcess()
  const [boot, , start] = self.process.split(' ')
  expect(isGone({ ...self, host: 'elsewhere', pid: 999_999 })).toBe(false)
  expect(isGone({ ...self, pid: 999_999, process: `${boot} pid:[1] ${start}` })).toBe(false)
})
