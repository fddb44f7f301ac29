import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SluiceError } from '../../../src/core/errors.ts'
import type { DestinationConfig } from '../../../src/load/index.ts'
import { openDataset } from '../../../src/state/dataset.ts'
import { destinationTypes, freshOptions, openTestDataset } from '../../support/databases.ts'
import { loadOf, rootRows, rootTable, schemaOf } from '../../support/loads.ts'
import { onPostgres, postgresUrl } from '../../support/postgres.ts'
import { tempFolder } from '../../support/sqlite.ts'

const folder = tempFolder()
afterEach(() => folder.remove())
beforeEach(() => mkdirSync(folder.path, { recursive: true }))

async function failure(destination: DestinationConfig, dataset = 'd'): Promise<SluiceError> {
  const error: unknown = await openDataset({
    destination,
    dataset,
    mode: 'write',
    folder: folder.path,
  }).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(SluiceError)
  return error as SluiceError
}

describe('sqlite', () => {
  const sqlite = (path: string): DestinationConfig => ({ type: 'sqlite', path })

  it('makes the folders of its path', async () => {
    const options = { dataset: 'd', mode: 'write', folder: folder.path } as const
    const dataset = await openDataset({ ...options, destination: sqlite('a/b/{dataset}.db') })
    await dataset!.close()
    expect(readdirSync(join(folder.path, 'a/b'))).toEqual(['d.db'])
  })

  it.each([
    ['a text', 'text.db', /not an SQLite database/],
    ['a folder', 'folder', /a file, not a folder/],
    ['below a file', 'text.db/x.db', /not a folder/],
  ])('says so when the path is %s', async (_, path, hint) => {
    writeFileSync(join(folder.path, 'text.db'), 'this is not a database, only a text '.repeat(50))
    mkdirSync(join(folder.path, 'folder'))
    const error = await failure(sqlite(path))
    expect(error.code).toBe('DESTINATION_UNAVAILABLE')
    expect(error.message).toContain(join(folder.path, path))
    expect(error.hint).toMatch(hint)
  })
})

describe('postgres', () => {
  const changed = (change: (url: URL) => void): DestinationConfig => {
    const url = new URL(postgresUrl())
    change(url)
    return { type: 'postgres', connection_string: url.href }
  }

  it.each<[what: string, change: (url: URL) => void, hint: RegExp]>([
    ['a wrong password', (url) => (url.password = 'wrong-secret'), /password is wrong/],
    ['a closed port', (url) => (url.port = '1'), /nothing answers/],
    ['a missing database', (url) => (url.pathname = '/nowhere'), /create the database/],
    ['an unknown host', (url) => (url.hostname = 'nowhere.invalid'), /host/],
  ])('explains %s, and keeps the password to itself', async (_, change, hint) => {
    const config = changed(change)
    const error = await failure(config)
    expect(error.code).toBe('DESTINATION_UNAVAILABLE')
    expect(error.hint).toMatch(hint)
    const { password } = new URL((config as { connection_string: string }).connection_string)
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(password)
  })

  it('keeps a connection string that is no URL to itself', async () => {
    const error = await failure({ type: 'postgres', connection_string: 'postgres://u:p%ss@h:x:y/' })
    expect(error.code).toBe('DESTINATION_UNAVAILABLE')
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('p%ss')
  })

  it('says what a user may lack', async () => {
    await onPostgres(`create role guest login password 'guest-secret'`)
    try {
      const error = await failure(
        changed((url) => {
          url.username = 'guest'
          url.password = 'guest-secret'
        }),
      )
      expect(error).toMatchObject({ code: 'DESTINATION_UNAVAILABLE', hint: /CREATE/ })
    } finally {
      await onPostgres('drop role guest')
    }
  })

  it('connects again when the server has closed its connections', async () => {
    const { options, remove } = freshOptions('postgres')
    const named = changed((url) => url.searchParams.set('application_name', options.dataset))
    const dataset = (await openDataset({ ...options, destination: named }))!
    await dataset.lock({ runId: 'run', pipeline: 'p' })
    const table = rootTable('leads', { id: 'text' })
    const commit = () => dataset.commit(loadOf(schemaOf(table), [[table, rootRows('l', ['a'])]]))
    await commit()
    await onPostgres(
      'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1',
      [options.dataset],
    )
    // The pool notices either at once or by the first statement that fails.
    await commit().catch(() => {})
    await commit()
    expect(await dataset.rowCounts()).toEqual(new Map([['leads', 1]]))
    await dataset.close()
    await remove()
  })
})

describe.each(destinationTypes)('%s', (type) => {
  it('creates nothing when it is opened to read', async () => {
    const { options, remove } = freshOptions(type)
    expect(await openDataset({ ...options, mode: 'read' })).toBeNull()
    const schemas = await onPostgres('select 1 from pg_namespace where nspname = $1', [
      options.dataset,
    ])
    expect([...readdirSync(options.folder), ...schemas]).toEqual([])
    await remove()
  })

  it('reads a dataset while a run writes to it, and can change nothing', async () => {
    await using test = await openTestDataset(type)
    const reader = await test.open('read')
    expect(await reader.bookmarks()).toEqual([])
    await expect(reader.setBookmark('leads', '', {})).rejects.toMatchObject({
      code: 'DESTINATION_UNAVAILABLE',
    })
  })

  it('leaves a dataset alone that a newer Sluice has migrated', async () => {
    await using test = await openTestDataset(type)
    await test.execute(`insert into _sluice_migrations values ('9999_future', '2030-01-01')`)
    for (const mode of ['read', 'write'] as const) {
      await expect(openDataset({ ...test.options, mode })).rejects.toMatchObject({
        code: 'DATASET_TOO_NEW',
        message: expect.stringContaining('9999_future'),
      })
    }
  })
})
