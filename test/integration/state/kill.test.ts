import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openDataset } from '../../../src/state/dataset.ts'
import { destinationTypes, freshOptions } from '../../support/databases.ts'

const LOADER = fileURLToPath(new URL('kill-loader.ts', import.meta.url))

describe.each(destinationTypes)('%s', (type) => {
  it('has every row that a bookmark says was read, and no other, after SIGKILL at any instant', async () => {
    const { options, remove } = freshOptions(type)
    let reached = 0
    for (const afterMs of [3, 20, 45]) {
      const loader = fork(LOADER, { execArgv: ['--import', 'tsx'] })
      loader.send(options)
      await once(loader, 'message')
      await delay(afterMs)
      loader.kill('SIGKILL')
      await once(loader, 'exit')

      const dataset = (await openDataset({ ...options, mode: 'read' }))!
      const state = await dataset.bookmark('events', '')
      const { rows } = await dataset.query(
        'select count(*), min(n), max(n), count(distinct n), (select count(*) from events__tags) from events',
      )
      const read = Number(state!.read)
      expect(read).toBeGreaterThan(reached)
      expect(rows).toEqual([[read, 1, read, read, 2 * read]])
      await dataset.close()
      reached = read
    }
    await remove()
  })
})
