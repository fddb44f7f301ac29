import { readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Project } from './project.ts'
import { openShop, PIPELINES, shopProject, type Shop } from './shop.ts'

const LIST_LOADED = new URL('../support/list-loaded.js', import.meta.url).href
const LOADED = join(tmpdir(), `sluice-loaded-${process.pid}`)
const POSTGRES = 'warehouse: { type: postgres, connection_string: "postgres://127.0.0.1:1/none" }'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(() => shop[Symbol.asyncDispose]())
afterAll(() => rmSync(LOADED, { force: true }))

/** The files that the last command of a project loaded. */
function loaded(): string[] {
  const urls = readFileSync(LOADED, 'utf8').trim().split('\n')
  return urls.filter((url) => url.startsWith('file:')).map((url) => fileURLToPath(url))
}

const bytes = (files: readonly string[]) =>
  files.reduce((sum, file) => sum + statSync(file).size, 0)

const open = (files: Readonly<Record<string, string>> = {}): Promise<Project> =>
  shopProject(shop, files, { NODE_OPTIONS: `--import=${LIST_LOADED}`, LOADED })

describe('a command loads what it needs', () => {
  // Chunks are named after the file that is imported: postgres-4VKB2NLC.js.
  const postgres = /\/chunks\/postgres-\w+\.js$/
  const sqlite = /\/node_modules\/better-sqlite3\//
  const others = /\/chunks\/(?:sandbox|cli-progress|backfill|preview|status)-\w+\.js$/

  it('of the destinations the one it opens', async () => {
    await using project = await open()
    expect((await project.sluice('sync')).code).toBe(0)
    const used = loaded()
    expect(used.some((file) => sqlite.test(file))).toBe(true)
    expect(used.filter((file) => postgres.test(file) || others.test(file))).toEqual([])

    expect((await project.sluice('--help')).code).toBe(0)
    const forHelp = loaded()
    expect(forHelp.filter((file) => sqlite.test(file))).toEqual([])
    expect(bytes(forHelp)).toBeLessThan(bytes(used) / 5)
  })

  it('no SQLite for a dataset in Postgres', async () => {
    await using project = await open({
      'pipelines.yaml': PIPELINES.replace(/local: .*/, POSTGRES),
    })
    expect((await project.sluice('status')).stderr).toContain('DESTINATION_UNAVAILABLE')
    const used = loaded()
    expect(used.some((file) => postgres.test(file))).toBe(true)
    expect(used.filter((file) => sqlite.test(file))).toEqual([])
  })
})
