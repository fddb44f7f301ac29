import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { hostname } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Dataset, openDataset, type OpenDatasetOptions } from '../../../src/state/dataset.ts'
import { destinationTypes, freshOptions, openTestDataset } from '../../support/databases.ts'
import type { TestDataset } from '../../support/databases.ts'
import { loadOf, rootRows, rootTable, schemaOf } from '../../support/loads.ts'

const CONTENDER = fileURLToPath(new URL('lock-contender.ts', import.meta.url))

describe.each(destinationTypes)('%s', (type) => {
  let test: TestDataset
  let dataset: Dataset
  beforeEach(async () => {
    test = await openTestDataset(type)
    dataset = test.dataset
  })
  afterEach(() => test[Symbol.asyncDispose]())

  const holdAs = (columns: Readonly<Record<string, string>>) => {
    const assignments = Object.entries(columns).map(([name, value]) => `${name} = ${value}`)
    return test.execute(`update _sluice_lock set ${assignments.join(', ')}`)
  }

  /** The run that a second one takes the lock from. */
  const takeover = async () => {
    const second = await test.open()
    const holders = async () => (await second.query('select run_id from _sluice_lock')).rows
    const before = await holders()
    await second.lock({ runId: 'second', pipeline: 'p' })
    return [...before, ...(await holders())]
  }
  const TAKEN_OVER = [['run-1'], ['second']]

  it('is held by one run at a time, whose holder the other is told', async () => {
    const other = await test.open()
    await expect(other.lock({ runId: 'second', pipeline: 'p' })).rejects.toMatchObject({
      code: 'RUN_LOCKED',
      message: expect.stringMatching(
        new RegExp(`run run-1 of test: process ${process.pid} on ${hostname()}, since \\d{4}-.*Z`),
      ),
      details: { runId: 'run-1', pid: process.pid, host: hostname() },
    })
    await dataset.unlock()
    await other.lock({ runId: 'second', pipeline: 'p' })
  })

  it('is taken from a run of this process that has ended and could not give it back', async () => {
    await test.execute('alter table _sluice_lock rename to locked_away')
    await expect(dataset.unlock()).rejects.toMatchObject({ code: 'DESTINATION_UNAVAILABLE' })
    await test.execute('alter table locked_away rename to _sluice_lock')
    expect(await takeover()).toEqual(TAKEN_OVER)
  })

  it('is taken from a process that is dead', async () => {
    const child = fork(CONTENDER, { execArgv: ['--import', 'tsx'] })
    await once(child, 'message')
    await kill(child)
    await holdAs({ pid: String(child.pid) })
    expect(await takeover()).toEqual(TAKEN_OVER)
  })

  it('is taken from a process whose pid another process has now', async () => {
    await holdAs({ process: `process || '1'` })
    expect(await takeover()).toEqual(TAKEN_OVER)
  })

  it.each([
    ['another host', { host: `'elsewhere'`, pid: '1' }],
    ['another machine with the same host name', { process: `'other-boot pid:[1] 1'`, pid: '1' }],
  ])('is left to a live process of %s until its heartbeat is a minute old', async (_, holder) => {
    const other = await test.open()
    await holdAs(holder)
    await expect(other.lock({ runId: 'second', pipeline: 'p' })).rejects.toMatchObject({
      code: 'RUN_LOCKED',
    })
    await holdAs({ heartbeat_ms: 'heartbeat_ms - 61000' })
    expect(await takeover()).toEqual(TAKEN_OVER)
  })

  it('is left to a process that is seen to live, however old its heartbeat is', async () => {
    const other = await test.open()
    await holdAs({ heartbeat_ms: 'heartbeat_ms - 86400000' })
    await expect(other.lock({ runId: 'second', pipeline: 'p' })).rejects.toMatchObject({
      code: 'RUN_LOCKED',
    })
  })

  it('keeps a run that lost it from writing', async () => {
    const table = rootTable('leads', { id: 'text' })
    const load = () => loadOf(schemaOf(table), [[table, rootRows('l', ['a'])]])
    await dataset.commit(load())
    await holdAs({ host: `'elsewhere'`, heartbeat_ms: 'heartbeat_ms - 61000' })
    const other = await test.open()
    await other.lock({ runId: 'second', pipeline: 'p' })
    await expect(dataset.commit(load())).rejects.toMatchObject({ code: 'RUN_LOCKED' })
    // Nor does the loser give back what is another's.
    await dataset.unlock()
    await other.commit(load())
  })

  it('refuses to commit without it', async () => {
    await dataset.unlock()
    const table = rootTable('leads', { id: 'text' })
    await expect(dataset.commit(loadOf(schemaOf(table), []))).rejects.toMatchObject({
      code: 'INTERNAL',
    })
  })
})

describe.each(destinationTypes)('%s', (type) => {
  it('goes to exactly one of several processes that start at once, on a dataset that is not there yet', async () => {
    const { options, remove } = freshOptions(type)
    const contenders = Array.from({ length: 4 }, () =>
      fork(CONTENDER, { execArgv: ['--import', 'tsx'] }),
    )
    try {
      await Promise.all(contenders.map((child) => once(child, 'message')))
      const answers = await Promise.all(contenders.map((child) => contend(child, options)))
      expect(answers.sort()).toEqual(['RUN_LOCKED', 'RUN_LOCKED', 'RUN_LOCKED', 'locked'])

      await Promise.all(contenders.map(kill))
      const next = (await openDataset(options))!
      await next.lock({ runId: 'next', pipeline: 'p' })
      await next.close()
    } finally {
      await Promise.all(contenders.map(kill))
      await remove()
    }
  })
})

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

async function contend(child: ChildProcess, options: OpenDatasetOptions): Promise<string> {
  child.send(options)
  const [answer] = await once(child, 'message')
  return answer as string
}
