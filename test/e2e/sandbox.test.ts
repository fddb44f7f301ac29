import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts'
import { createProject, type Project } from './project.ts'

const ROOT = new URL('../../', import.meta.url)
const shipped = (path: string) => readFileSync(new URL(path, ROOT), 'utf8')

let sandbox: Sandbox
let project: Project

beforeEach(async () => {
  sandbox = await startSandbox({ sources: ['close', 'closeio'], leads: 40 })
  project = await createProject(
    {
      'pipelines.yaml': shipped('pipelines.yaml'),
      'config/close.yaml': shipped('config/close.yaml'),
      'config/closeio.yaml': shipped('config/closeio.yaml'),
    },
    {
      CLOSE_API_KEY: 'sandbox_key',
      CLOSE_BASE_URL: sandbox.sources.close.url,
      CLOSEIO_API_KEY: 'sandbox_key',
      CLOSEIO_BASE_URL: sandbox.sources.closeio.url,
    },
  )
})

afterEach(async () => {
  await project[Symbol.asyncDispose]()
  await sandbox.stop()
})

const count = (table: string, dataset: string) =>
  project.query(`select count(*) as n from ${table}`, dataset)[0]!.n as number

/** Rows without the column that says which load wrote them. */
function contents(sql: string, dataset: string): unknown[] {
  return project.query(sql, dataset).map((row) => ({ ...row, _dlt_load_id: undefined }))
}

describe('the shipped sources against the sandbox', () => {
  it('are asked for everything once, then for what changed, and every edit arrives whole', async () => {
    expect((await project.sluice('sync')).code).toBe(0)
    for (const [name, { requests, world }] of Object.entries(sandbox.sources)) {
      expect(count('leads', name)).toBeGreaterThan(20)
      expect(count('leads__contacts', name)).toBeGreaterThan(20)
      expect(count('leads__contacts__phones', name)).toBeGreaterThan(20)
      const before = requests.total
      expect(world.mutate({ edits: 2, seed: 3 }).edited).toHaveLength(2)

      const { code, run } = await project.sync(name, '-e', 'leads')
      expect(code).toBe(0)
      const [leads] = run.endpoints
      // The two edited ones, and the one at the bookmark's instant, which is read again.
      expect(leads).toMatchObject({ endpoint: 'leads', requests: 1, records: 3 })
      const bound = leads!.bookmark.before!
      expect(leads!.bookmark.after! > bound).toBe(true)
      const [asked, ...more] = requests.entries.slice(before)
      expect(more).toEqual([])
      expect(decodeURIComponent(asked!.rawQuery) + asked!.body).toContain(bound.slice(0, 10))

      const incremental = everything(name)
      expect((await project.sync(name, '-e', 'leads', '--full-refresh')).code).toBe(0)
      expect(everything(name)).toEqual(incremental)
    }
  })
})

/** Leads and all their child rows: what an incremental run keeps and a full one reads must be the same. */
function everything(dataset: string): unknown[][] {
  return [
    contents('select * from leads order by id', dataset),
    contents('select * from leads__contacts order by _dlt_id', dataset),
    contents('select * from leads__contacts__phones order by _dlt_id', dataset),
    contents('select * from leads__addresses order by _dlt_id', dataset),
  ]
}
