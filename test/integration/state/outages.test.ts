import { renameSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { openDataset, type OpenDatasetOptions } from '../../../src/state/dataset.ts'
import {
  destinationTypes,
  freshOptions,
  openTestDataset,
  type DestinationType,
} from '../../support/databases.ts'
import { startPostgres } from '../../support/embedded-postgres.ts'
import { loadOf, nextLoadId, rootRows, rootTable, schemaOf } from '../../support/loads.ts'
import { postgresUrl } from '../../support/postgres.ts'
import { proxyPostgres } from '../../support/postgres-proxy.ts'

/** Rows without a key: a load that is written twice is seen. */
const visits = rootTable('visits', { n: 'bigint' }, { key: [] })

function visitsLoad(...numbers: number[]) {
  const rows = rootRows(nextLoadId(), ...numbers.map((n) => [n]))
  return loadOf(schemaOf(visits), [[visits, rows]], { write: 'append' })
}

async function openLocked(options: OpenDatasetOptions) {
  const dataset = (await openDataset(options))!
  await dataset.lock({ runId: 'run', pipeline: 'test' })
  const numbers = async () => (await dataset.query('select n from visits order by n')).rows.flat()
  return { dataset, numbers }
}

function fresh(type: DestinationType, more: Partial<OpenDatasetOptions> = {}) {
  const { options, remove } = freshOptions(type)
  return { options: { ...options, ...more }, [Symbol.asyncDispose]: remove }
}

describe.each(destinationTypes)('%s', (type) => {
  it('writes nothing on top of a load that the database has lost', async () => {
    await using test = await openTestDataset(type)
    const { dataset } = test
    await dataset.commit(visitsLoad(1))
    const lost = visitsLoad(2)
    await dataset.commit(lost)
    await test.execute(`delete from _dlt_loads where load_id = '${lost.loadId}'`)
    await expect(dataset.commit(visitsLoad(3))).rejects.toMatchObject({
      code: 'DESTINATION_UNAVAILABLE',
      message: `load ${lost.loadId} was committed and is not in the database any more`,
      hint: expect.stringContaining('run again'),
    })
    expect((await dataset.query('select n from visits order by n')).rows).toEqual([[1], [2]])
  })
})

describe('postgres', () => {
  it.each(['before', 'after'] as const)(
    'a connection lost %s the commit leaves each row once',
    async (when) => {
      await using proxy = await proxyPostgres(postgresUrl())
      await using test = fresh('postgres', {
        destination: { type: 'postgres', connection_string: proxy.url },
      })
      const { dataset, numbers } = await openLocked(test.options)
      await dataset.commit(visitsLoad(1, 2))
      proxy.cutNextCommit(when)
      const { rows } = await dataset.commit(visitsLoad(3, 4))
      expect(rows).toEqual({ visits: 2 })
      proxy.cutNextCommit(when)
      await dataset.commit(visitsLoad(5))
      expect(await numbers()).toEqual([1, 2, 3, 4, 5])
      expect(proxy.cuts()).toBe(2)
      await dataset.close()
    },
  )

  it('a first load whose commit was in doubt has made its tables', async () => {
    await using proxy = await proxyPostgres(postgresUrl())
    await using test = fresh('postgres', {
      destination: { type: 'postgres', connection_string: proxy.url },
    })
    const { dataset, numbers } = await openLocked(test.options)
    proxy.cutNextCommit('after')
    await dataset.commit(visitsLoad(1))
    await dataset.commit(visitsLoad(2))
    expect(await dataset.completeIndexes()).toEqual([])
    expect(await numbers()).toEqual([1, 2])
    await dataset.close()
  })

  it('a server that ends connections, crashes and comes back is waited for', async () => {
    const server = await startPostgres()
    try {
      const destination = { type: 'postgres', connection_string: server.url } as const
      await using test = fresh('postgres', { destination })
      const { dataset, numbers } = await openLocked(test.options)
      await dataset.commit(visitsLoad(1))
      const admin = new Client(server.url)
      await admin.connect()
      await admin.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()',
      )
      await admin.end()
      await dataset.commit(visitsLoad(2))
      await server.crash()
      const waiting = dataset.commit(visitsLoad(3))
      await server.start()
      await waiting
      expect(await numbers()).toEqual([1, 2, 3])
      await dataset.close()
    } finally {
      await server.stop()
    }
  })
})

describe('sqlite', () => {
  const fileOf = ({ folder, dataset }: OpenDatasetOptions) => join(folder, `${dataset}.db`)

  it('waits for a transaction of somebody else', async () => {
    await using test = fresh('sqlite')
    const other = new Database(fileOf(test.options))
    let slept = 0
    const clock = {
      now: Date.now,
      sleep: async () => {
        if (++slept === 2) other.exec('commit')
      },
    }
    const { dataset, numbers } = await openLocked({ ...test.options, clock })
    other.exec('begin immediate')
    await dataset.commit(visitsLoad(1))
    expect(slept).toBe(2)
    expect(await numbers()).toEqual([1])
    other.close()
    await dataset.close()
  })

  it('writes beside a query that an analyst has open, which sees what was there when it began', async () => {
    await using test = await openTestDataset('sqlite')
    const { dataset } = test
    await dataset.commit(visitsLoad(1, 2, 3))
    const analyst = new Database(fileOf(test.options), { readonly: true })
    const open = analyst.prepare('select n from visits order by n').pluck().iterate()
    expect(open.next().value).toBe(1)
    for (let n = 4; n < 20; n++) await dataset.commit(visitsLoad(n))
    expect([...open]).toEqual([2, 3])
    analyst.close()
  })

  it('a file that was moved is not written to', async () => {
    await using test = fresh('sqlite')
    const { dataset, numbers } = await openLocked(test.options)
    await dataset.commit(visitsLoad(1))
    renameSync(fileOf(test.options), `${fileOf(test.options)}.old`)
    await expect(dataset.commit(visitsLoad(2))).rejects.toMatchObject({
      code: 'DESTINATION_UNAVAILABLE',
      message: expect.stringContaining('moved, removed or replaced'),
      hint: expect.stringContaining('leave the file where it is'),
    })
    expect(await numbers()).toEqual([1])
    await dataset.close()
  })
})
