import * as fc from 'fast-check'
import { sql } from 'kysely'
import { Client } from 'pg'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/core/clock.ts'
import { silentLogger } from '../../../src/core/log.ts'
import type {
  Destination,
  LoadTransaction,
  RowsForTable,
  RowsToMerge,
} from '../../../src/load/destination.ts'
import { destinations } from '../../../src/load/index.ts'
import { copyIn, CopyTexts } from '../../../src/load/postgres/copy-in.ts'
import { type Cell, type Column, DATA_TYPES } from '../../../src/normalize/types.ts'
import { openDataset } from '../../../src/state/dataset.ts'
import { freshOptions } from '../../support/databases.ts'
import {
  childRows,
  childTable,
  loadOf,
  rootRows,
  rootTable,
  schemaOf,
} from '../../support/loads.ts'
import { postgresUrl } from '../../support/postgres.ts'
import { proxyPostgres } from '../../support/postgres-proxy.ts'

async function openDestination(url = postgresUrl()): Promise<Destination> {
  const { options, remove } = freshOptions('postgres')
  const config = { type: 'postgres', connection_string: url } as const
  await (await openDataset({ ...options, destination: config }))!.close()
  const destination = (await destinations.create(config, {
    ...options,
    clock: systemClock,
    log: silentLogger,
  }))!
  onTestFinished(async () => {
    await destination.close()
    await remove()
  })
  return destination
}

async function openClient(): Promise<Client> {
  const client = new Client({ connectionString: postgresUrl(), pipeline: true })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

const text = (...names: string[]): Column[] =>
  names.map((name) => ({ name, type: 'text', path: null }))
const ID = text('_dlt_id')

/** A table with an id, and nothing in it. */
async function createTable(trx: LoadTransaction, name: string, column = 'v int'): Promise<void> {
  await sql`create table ${sql.id(name)} (_dlt_id text primary key, ${sql.raw(column)})`.execute(
    trx.db,
  )
}

const rowsOf = async (destination: Destination, table: string) =>
  (await destination.query(`select * from "${table}" order by 1`)).rows

/** Characters that mean something in the text of a COPY or an array, and some that others have trouble with. */
const tricky = fc.string({
  unit: fc.constantFrom(...Array.from('\\\t\n\r\b\f\v"{},;.Nax é\u0001\u2028\ufeff😀'), 'e\u0301'),
})
const day = fc.integer({ min: Date.parse('0001-01-01'), max: Date.parse('9999-12-31') })

/** Any cell of each type. */
const cells = {
  text: fc.oneof(fc.string({ unit: 'grapheme' }), tricky),
  bigint: fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  decimal: fc
    .tuple(
      fc.boolean(),
      fc.bigInt({ min: 0n, max: 10n ** 60n }),
      fc.stringMatching(/^[0-9]{1,30}$/),
    )
    .map(([isNegative, whole, fraction]) => `${isNegative ? '-' : ''}${whole}.${fraction}`),
  double: fc.double(),
  bool: fc.boolean(),
  timestamp: fc.tuple(day, fc.integer({ min: 0, max: 999_999 })).map(([ms, micros]) => {
    const seconds = new Date(ms).toISOString().slice(0, 19)
    return `${seconds}.${String(micros).padStart(6, '0')}Z`
  }),
  date: day.map((ms) => new Date(ms).toISOString().slice(0, 10)),
  json: fc.json({ stringUnit: 'grapheme' }).filter((json) => !json.includes('\\u0000')),
} satisfies Record<(typeof DATA_TYPES)[number], fc.Arbitrary<Cell>>

it('holds any cell of any type as an INSERT holds it', async () => {
  const destination = await openDestination()
  const columns: Column[] = [...ID, ...DATA_TYPES.map((type) => ({ name: type, type, path: null }))]
  const { types } = destination.capabilities
  const definitions = DATA_TYPES.map((type) => `"${type}" ${types[type]}`).join(', ')
  await destination.transaction(async (trx) => {
    for (const name of ['copied', 'inserted']) await createTable(trx, name, definitions)
  })
  const row = fc.tuple(...DATA_TYPES.map((type) => fc.option<Cell>(cells[type])))
  const cut = fc.integer({ min: 0, max: DATA_TYPES.length })
  const anyRows = fc.array(fc.tuple(row, cut), { minLength: 1, maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(anyRows, async (drawn) => {
      // Rows may be short.
      const rows = drawn.map(([row, length], i): Cell[] => [`${i}`, ...row.slice(0, length)])
      await destination.transaction(async (trx) => {
        await sql`delete from copied; delete from inserted`.execute(trx.db)
        await trx.add([{ table: 'copied', columns, rows }])
        await trx.merge([{ table: 'inserted', columns, rows, sameId: 'replaces' }])
        const { rows: differing } = await sql`
          (table copied except all table inserted) union all
          (table inserted except all table copied)`.execute(trx.db)
        expect(differing).toEqual([])
      })
      const { rows: read } = await destination.query(
        'select text from copied order by _dlt_id::int',
      )
      expect(read.flat()).toEqual(rows.map((row) => row[1] ?? null))
    }),
    { numRuns: 60, interruptAfterTimeLimit: 20_000 },
  )
})

it('adds to several tables at once, or to none of them', async () => {
  const destination = await openDestination()
  await destination.transaction(async (trx) => {
    for (const name of ['a', 'b', 'c']) await createTable(trx, name)
  })
  const columns: Column[] = [...ID, { name: 'v', type: 'bigint', path: null }]
  const add = (...rows: readonly (readonly [table: string, ...Cell[][]])[]) => {
    const batches = rows.map(([table, ...rows]): RowsForTable => ({ table, columns, rows }))
    return destination.transaction((trx) => trx.add(batches))
  }
  await add(['a', ['1', 1]], ['b', ['1', 1], ['2', null]])
  for (const [problem, code] of [
    [['1', 5], '23505'],
    [['2', 'x'], '22P02'],
    [['2', 2 ** 40], '22003'],
  ] as const) {
    const error: unknown = await add(['c', ['3', 3]], ['a', [...problem]], ['b', ['3', 3]]).catch(
      (error: unknown) => error,
    )
    expect(error).toMatchObject({ code })
    expect(destination.judge(error)).toBe('value')
  }
  await add(['c', ['9', 9]])
  await add()
  expect(await rowsOf(destination, 'a')).toEqual([['1', 1]])
  expect(await rowsOf(destination, 'b')).toEqual([
    ['1', 1],
    ['2', null],
  ])
  expect(await rowsOf(destination, 'c')).toEqual([['9', 9]])
})

it('merges into several tables at once, or into none of them', async () => {
  const destination = await openDestination()
  await destination.transaction(async (trx) => {
    for (const name of ['a', 'b', 'c']) await createTable(trx, name)
    await sql`create function end_session() returns trigger language plpgsql
      as 'begin perform pg_terminate_backend(pg_backend_pid()); return new; end'`.execute(trx.db)
    await sql`create trigger ends before insert on b for each row when (new.v = 99)
      execute function end_session()`.execute(trx.db)
  })
  const columns: Column[] = [...ID, { name: 'v', type: 'bigint', path: null }]
  const merge = (...rows: readonly (readonly [table: string, ...Cell[][]])[]) => {
    const batches = rows.map(([table, ...rows]): RowsToMerge => ({
      table,
      columns,
      rows,
      sameId: 'changes',
    }))
    return destination.transaction((trx) => trx.merge(batches))
  }
  expect(await merge(['a', ['1', 1], ['2', 2]], ['b', ['1', 1]])).toEqual([['1', '2'], ['1']])
  expect(await merge(['a', ['1', 1], ['2', 5]], ['c'], ['b', ['1', 1], ['3', 3]])).toEqual([
    ['2'],
    [],
    ['3'],
  ])
  const failure = (v: number) =>
    merge(['a', ['1', 7]], ['b', ['4', v]], ['c', ['4', 4]]).catch((error: unknown) => error)
  expect(await failure(2 ** 40)).toMatchObject({ code: '22003' })
  // The server closes the connection upon statements that it has not read.
  expect(destination.judge(await failure(99))).toBe('passing')
  expect(await merge()).toEqual([])
  expect(await rowsOf(destination, 'a')).toEqual([
    ['1', 1],
    ['2', 5],
  ])
  expect(await rowsOf(destination, 'c')).toEqual([])
})

it('sends what goes into one table while another is still being merged into', async () => {
  await using proxy = await proxyPostgres(postgresUrl())
  const destination = await openDestination(proxy.url)
  await destination.transaction(async (trx) => {
    for (const name of ['a', 'b']) await createTable(trx, name)
  })
  const other = await openClient()
  await other.query(`begin; lock table "${destination.schema}".a`)
  const columns: Column[] = [...ID, { name: 'v', type: 'bigint', path: null }]
  const batches = ['a', 'b'].map((table): RowsToMerge => ({
    table,
    columns,
    rows: [['1', 1]],
    sameId: 'replaces',
  }))
  const sent = proxy.whenSent('insert into "b"')
  const merged = destination.transaction((trx) => trx.merge(batches))
  await sent
  await other.query('commit')
  await merged
  expect(await rowsOf(destination, 'b')).toEqual([['1', 1]])
})

it('takes names that have to be quoted', async () => {
  const destination = await openDestination()
  const name = 'Zeilen "x"; drop'
  const rows = await destination.transaction(async (trx) => {
    await createTable(trx, name, '"a ""b""\\" text')
    await trx.add([{ table: name, columns: [...ID, ...text('a "b"\\')], rows: [['1', 'v']] }])
    return (await sql`select * from ${sql.id(name)}`.execute(trx.db)).rows
  })
  expect(rows).toEqual([{ _dlt_id: '1', 'a "b"\\': 'v' }])
})

it('loses the connection in the middle of a text: the load is written again, and once', async () => {
  await using proxy = await proxyPostgres(postgresUrl())
  const { options, remove } = freshOptions('postgres')
  onTestFinished(remove)
  const config = { type: 'postgres', connection_string: proxy.url } as const
  const dataset = (await openDataset({ ...options, destination: config }))!
  onTestFinished(() => dataset.close())
  await dataset.lock({ runId: 'run', pipeline: 'test' })
  const table = rootTable('notes', { id: 'bigint', body: 'text' })
  const tags = childTable(table, 'tags', { value: 'text' })
  const ids = Array.from({ length: 500 }, (_, id) => id)
  const load = () =>
    loadOf(schemaOf(table, tags), [
      [table, rootRows('l', ...ids.map((id) => [id, 'x'.repeat(4000)]))],
      [tags, ids.flatMap((id) => childRows(tags, id, ['a'], ['b']))],
    ])
  proxy.cutNextCopy()
  const { rows } = await dataset.commit(load())
  expect(rows).toEqual({ notes: 500, notes__tags: 1000 })
  expect(proxy.cuts()).toBe(1)
  expect(await dataset.rowCounts()).toEqual(
    new Map([
      ['notes', 500],
      ['notes__tags', 1000],
    ]),
  )
})

it('calls a connection that was lost in the middle of a text a passing failure', async () => {
  await using proxy = await proxyPostgres(postgresUrl())
  const destination = await openDestination(proxy.url)
  await destination.transaction((trx) => createTable(trx, 't', 'v text'))
  const rows = Array.from({ length: 1000 }, (_, i) => [`${i}`, 'x'.repeat(10_000)])
  const columns = text('_dlt_id', 'v')
  const add = () => destination.transaction((trx) => trx.add([{ table: 't', columns, rows }]))
  proxy.cutNextCopy()
  const error: unknown = await add().catch((error: unknown) => error)
  expect(destination.judge(error)).toBe('passing')
  expect(await rowsOf(destination, 't')).toEqual([])
  await add()
  expect(await rowsOf(destination, 't')).toHaveLength(1000)
})

const PART = `${'x'.repeat(65_535)}\n`

/** Parts of a text, counted as they are taken. */
function countedParts(total: number) {
  const taken = { count: 0 }
  function* parts(): Generator<string> {
    for (; taken.count < total; taken.count++) yield PART
  }
  return { taken, parts: parts() }
}

it('makes no more text than the server takes', async () => {
  const [client, other] = [await openClient(), await openClient()]
  await client.query('create temp table own (v text)')
  const table = `copied_${process.pid}`
  await other.query(`create table ${table} (v text)`)
  await other.query(`begin; lock table ${table}`)
  const { taken, parts } = countedParts(600)
  const copied = copyIn(client, `copy ${table} from stdin`, new CopyTexts([parts]))
  // What fits into the buffers of both sides is sent, and the rest waits.
  let before = -1
  while (taken.count !== before) {
    before = taken.count
    await delay(200)
  }
  expect(taken.count).toBeLessThan(400)
  await other.query('commit')
  await copied
  const { rows } = await client.query(`select count(*)::int as n from ${table}`)
  expect([taken.count, rows]).toEqual([600, [{ n: 600 }]])
  await other.query(`drop table ${table}`)
})

it('makes no more text once the server has refused it', async () => {
  const client = await openClient()
  await client.query('create temp table t (v text check (false))')
  const { taken, parts } = countedParts(2000)
  await expect(
    copyIn(client, 'copy t from stdin; copy t from stdin', new CopyTexts([parts, [PART]])),
  ).rejects.toMatchObject({ code: '23514' })
  const { count } = taken
  expect((await client.query('select count(*)::int as n from t')).rows).toEqual([{ n: 0 }])
  expect([taken.count, count < 1000]).toEqual([count, true])
})

it('drops the text of a statement that is refused as such', async () => {
  const client = await openClient()
  await expect(
    copyIn(client, 'copy nowhere from stdin', new CopyTexts([['a\n', 'b\n']])),
  ).rejects.toMatchObject({ code: '42P01' })
  expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
})

it('takes back what it has sent when the rest can not be made', async () => {
  const client = await openClient()
  await client.query('create temp table t (v text)')
  function* failing(): Generator<string> {
    yield 'a\n'
    throw new TypeError('no more')
  }
  await expect(copyIn(client, 'copy t from stdin', new CopyTexts([failing()]))).rejects.toThrow(
    'COPY from stdin failed: no more',
  )
  expect((await client.query('select * from t')).rows).toEqual([])
})

it('fails on a connection that is closed', async () => {
  const client = new Client({ connectionString: postgresUrl(), pipeline: true })
  await client.connect()
  await client.end()
  await expect(copyIn(client, 'copy t from stdin', new CopyTexts([['a\n']]))).rejects.toThrow(
    /not queryable|closed/,
  )
})
