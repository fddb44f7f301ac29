import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../../../src/core/json.ts'
import { VERSION } from '../../../src/core/version.ts'
import { destinationTypes, sqliteFile, type DestinationType } from '../../support/databases.ts'
import { SCHEMA, scriptPostgres, scriptSqlite } from '../../support/dataset-script.ts'
import { createPipeline, type TestPipeline } from '../../support/pipeline.ts'
import { onPostgres } from '../../support/postgres.ts'
import { serveShop, shopSource, type ShopData } from '../../support/shop-api.ts'
import { onSqlite } from '../../support/sqlite.ts'

/**
 * Datasets as released versions left them, as SQL. Before a release, add its own:
 * `RECORD_DATASETS=1 npx vitest run test/integration/state/old-datasets.test.ts`
 */
const FOLDER = new URL('../../fixtures/datasets/', import.meta.url)

const day = (n: number) => `2025-03-${String(n).padStart(2, '0')}T10:00:00.000001Z`

/** What the recorded datasets were made from. */
function recorded(): ShopData {
  return {
    orders: [
      {
        id: 1,
        updated: day(1),
        total: 12.5,
        buyer: { name: 'Ann', vip: true },
        lines: line('a', 'b'),
      },
      { id: 2, updated: day(2), total: 7, buyer: { name: 'Bob' }, lines: [] },
      { updated: day(2), total: 0, note: 'this one has no id' },
      { id: 9007199254740993n, updated: day(3), total: 'free', lines: line('c') },
    ],
    events: [1, 2, 2, 3].map((n): JsonRecord => ({ at: day(n), kind: 'seen', tags: ['x', 'y'] })),
    visits: [1, 2, 3, 4].map((n) => ({ id: n, at: day(5), page: `/p/${n}` })),
    prices: [
      { sku: 'a', price: 1.5 },
      { sku: 'b', price: 2 },
    ],
    users: [
      { id: 'u1', name: 'Ann' },
      { id: 'u2', name: 'Bob' },
    ],
    posts: [
      { id: 1, user: 'u1', text: 'hello' },
      { id: 2, user: 'u2', text: 'hi' },
    ],
  }
}

function line(...skus: string[]): JsonRecord[] {
  return skus.map((sku) => ({ sku, options: [{ name: 'size', value: 1 }] }))
}

/** What happens at the source after the dataset was recorded. */
function goOn(data: ShopData): void {
  data.orders[1] = {
    id: 2,
    updated: day(8),
    total: 8.25,
    buyer: { name: 'Bob', vip: false },
    lines: line('z'),
  }
  data.orders.push({ id: 3, updated: day(9), total: null, extra: { deep: [1] }, lines: line('d') })
  data.events.push(
    { at: day(3), kind: 'seen', tags: ['x', 'y'] },
    { at: day(4), kind: 'gone', tags: [] },
  )
  data.visits.push({ id: 5, at: day(5), page: '/p/5' }, { id: 6, at: day(6), page: '/p/6' })
  data.prices = [{ sku: 'c', price: 3 }]
  data.users.push({ id: 'u3', name: 'Cy' })
  data.posts.push({ id: 3, user: 'u3', text: 'new' })
}

const pipelineOf = (type: DestinationType, url: string) =>
  createPipeline(type, shopSource(url), { start_date: '2025-01-01' })

async function restore(
  type: DestinationType,
  pipeline: TestPipeline,
  script: string,
): Promise<void> {
  if (type === 'sqlite') return onSqlite(sqliteFile(pipeline.options), script)
  const schema = pipeline.options.dataset
  await onPostgres(`create schema ${schema}; ${script.replaceAll(SCHEMA, schema)}`)
}

const files = readdirSync(FOLDER)
const versions = new Set(files.map((file) => /^(.+)\.\w+\.sql$/.exec(file)![1]!))

describe.runIf(process.env.RECORD_DATASETS).each(destinationTypes)('recording %s', (type) => {
  it('writes the dataset of this version', async () => {
    await using api = await serveShop(recorded())
    await using pipeline = pipelineOf(type, api.url)
    expect((await pipeline.sync()).status).toBe('ok')
    // A run that died on another machine.
    await pipeline.execute(
      `insert into _sluice_lock values (1, 'dead', 'test', 'gone.example.com', 1, '', 0, 0)`,
    )
    const { options } = pipeline
    const script =
      type === 'sqlite' ? scriptSqlite(sqliteFile(options)) : await scriptPostgres(options.dataset)
    writeFileSync(new URL(`${VERSION}.${type}.sql`, FOLDER), `${script};\n`)
  })
})

describe.each([...versions])('a dataset of %s', (version) => {
  it.each(destinationTypes)('in %s is opened, and goes on as one of today would', async (type) => {
    const data = recorded()
    await using api = await serveShop(data)
    await using old = pipelineOf(type, api.url)
    await restore(type, old, readFileSync(new URL(`${version}.${type}.sql`, FOLDER), 'utf8'))
    await using fresh = pipelineOf(type, api.url)
    await fresh.sync()
    expect(await old.records()).toEqual(await fresh.records())

    goOn(data)
    const summary = await old.sync()
    await fresh.sync()
    expect(summary.status).toBe('ok')
    expect(await old.records()).toEqual(await fresh.records())
    // The bookmarks were understood: the incremental lists are read from there on.
    const read = new Map(summary.endpoints.map(({ endpoint, records }) => [endpoint, records]))
    expect([read.get('orders'), read.get('events'), read.get('visits')]).toEqual([3, 3, 6])
  })
})
