import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { sync } from '../../../src/run/sync.ts'
import { startSandbox, type SandboxSourceName } from '../../../src/sandbox/sandbox.ts'
import { openDataset } from '../../../src/state/dataset.ts'
import { destinationTypes, freshOptions } from '../../support/databases.ts'
import { dumpTables, type Dump } from '../../support/dump.ts'

const shipped = (name: string) =>
  fileURLToPath(new URL(`../../../config/${name}.yaml`, import.meta.url))

type Read = () => Promise<Dump>

/** Runs `use` with a function that syncs a shipped source and dumps its tables. */
async function withShipped(
  source: SandboxSourceName,
  type: (typeof destinationTypes)[number],
  url: string,
  use: (read: Read) => Promise<void>,
): Promise<void> {
  const { options, remove } = freshOptions(type)
  const file = join(options.folder, 'pipelines.yaml')
  const pipeline = { source: shipped(source), dataset: options.dataset, start_date: '2020-01-01' }
  const pipelines = { destinations: { it: options.destination }, pipelines: { [source]: pipeline } }
  writeFileSync(file, JSON.stringify(pipelines))
  const env = {
    [`${source.toUpperCase()}_API_KEY`]: 'sandbox_key',
    [`${source.toUpperCase()}_BASE_URL`]: url,
  }
  try {
    await use(async () => {
      const summary = await sync(await loadConfig(file, { env }), source)
      expect(summary.endpoints.map(({ error }) => error)).toEqual(summary.endpoints.map(() => null))
      const dataset = (await openDataset({ ...options, mode: 'read' }))!
      const dump = await dumpTables(dataset, { without: ['_dlt_load_id'] })
      await dataset.close()
      return dump
    })
  } finally {
    await remove()
  }
}

// The other sources have tests of their own.
describe('the shipped source closeio', () => {
  const source = 'closeio'

  it('gives the same rows in every destination, first and after changes', async () => {
    const runs: Dump[][] = []
    for (const type of destinationTypes) {
      const sandbox = await startSandbox({ sources: [source], leads: 60, seed: 7 })
      const { url, world } = sandbox.sources[source]
      await withShipped(source, type, url, async (read) => {
        const first = await read()
        world.mutate({ edits: 5, adds: 3, activities: 4, contactEdits: 2, seed: 1 })
        runs.push([first, await read()])
      })
      await sandbox.stop()
    }
    const [sqlite, postgres] = runs
    expect(sqlite![0]!.leads!.length).toBe(60)
    expect(sqlite![1]!.leads!.length).toBe(63)
    expect(postgres).toEqual(sqlite)
  })

  it('holds every lead of the API as it is, also after edits, and once', async () => {
    const sandbox = await startSandbox({ sources: [source], leads: 40, seed: 3 })
    const { url, world } = sandbox.sources[source]
    await withShipped(source, 'sqlite', url, async (read) => {
      await read()
      world.mutate({ edits: 6, adds: 2, contactEdits: 3, seed: 2 })
      const { leads, leads__contacts: contacts } = await read()
      const expected = world.leads.list('id').map(({ id, record }) => [id, record.name])
      const loaded = leads!.map(({ id, name }) => [id, name])
      const byId = (a: unknown[], b: unknown[]) => (String(a[0]) < String(b[0]) ? -1 : 1)
      expect(loaded.sort(byId)).toEqual(expected.sort(byId))
      const names = world.contacts.list('id').map(({ id, record }) => [id, record.name])
      expect(contacts!.map(({ id, name }) => [id, name]).sort(byId)).toEqual(names.sort(byId))
    })
    await sandbox.stop()
  })
})
