import { expect, it } from 'vitest'
import { openDataset } from '../../../src/state/dataset.ts'
import { openTestDataset } from '../../support/databases.ts'
import {
  childRows,
  childTable,
  loadOf,
  rootRows,
  rootTable,
  schemaOf,
} from '../../support/loads.ts'
import { onPostgres, postgresUrl } from '../../support/postgres.ts'

it('names the view that keeps a column from widening; without it the load goes through', async () => {
  await using test = await openTestDataset('postgres')
  const load = (type: 'bigint' | 'double', v: number) => {
    const table = rootTable('t', { id: 'bigint', v: type })
    return loadOf(schemaOf(table), [[table, rootRows('l', [1, v])]])
  }
  await test.dataset.commit(load('bigint', 1))
  await test.execute('create view report as select v from t')
  await expect(test.dataset.commit(load('double', 1.5))).rejects.toMatchObject({
    code: 'LOAD_FAILED',
    hint: 'view report reads a column that has to become wider: drop it, run again, and create it again',
  })
  await test.execute('drop view report')
  await test.dataset.commit(load('double', 1.5))
  expect((await test.dataset.query('select v from t')).rows).toEqual([[1.5]])
})

it('names the function that keeps a column from widening', async () => {
  await using test = await openTestDataset('postgres')
  const table = (type: 'bigint' | 'double') => rootTable('t', { id: 'bigint', v: type })
  const load = (type: 'bigint' | 'double', v: number) =>
    loadOf(schemaOf(table(type)), [[table(type), rootRows('l', [1, v])]])
  await test.dataset.commit(load('bigint', 1))
  await test.execute(
    'create function total() returns numeric begin atomic select sum(v) from t; end',
  )
  await expect(test.dataset.commit(load('double', 1.5))).rejects.toMatchObject({
    code: 'LOAD_FAILED',
    hint: 'function total() reads a column that has to become wider: drop it, run again, and create it again',
  })
})

it('writes and reads the same, however the role or the database would have values written', async () => {
  await using test = await openTestDataset('postgres')
  const url = new URL(postgresUrl())
  const settings = ['datestyle=SQL,DMY', 'intervalstyle=iso_8601', 'array_nulls=off']
  url.searchParams.set('options', settings.map((setting) => `-c ${setting}`).join(' '))
  const destination = { type: 'postgres', connection_string: url.href } as const
  const table = rootTable('t', { id: 'bigint', at: 'timestamp', v: 'text' }, { cursor: 'at' })
  const load = (at: string, v: string | null) =>
    loadOf(schemaOf(table), [[table, rootRows('l', [1, at, v])]])

  await test.dataset.unlock()
  const dataset = (await openDataset({ ...test.options, destination }))!
  try {
    await dataset.lock({ runId: 'other', pipeline: 'test' })
    await dataset.commit(load('2024-02-01T00:00:00.000000Z', null))
    // As text the other style has the older one last: 31/01/2024.
    await dataset.commit(load('2024-01-31T00:00:00.000000Z', 'older'))
    const { rows } = await dataset.query('select at, v, at::text, at - at from t')
    expect(rows).toMatchObject([
      ['2024-02-01T00:00:00.000000Z', null, '2024-02-01 00:00:00+00', {}],
    ])
  } finally {
    await dataset.close()
  }
})

it('does not touch a row that comes as it is', async () => {
  await using test = await openTestDataset('postgres')
  const leads = rootTable('leads', { id: 'bigint', v: 'decimal' })
  const tags = childTable(leads, 'tags', { value: 'text' })
  const commit = (v: string) =>
    test.dataset.commit(
      loadOf(schemaOf(leads, tags), [
        [leads, rootRows('l', [1, '1.50'], [2, v])],
        [tags, [...childRows(tags, 1, ['a']), ...childRows(tags, 2, ['a'], [v])]],
      ]),
    )
  // A row that is written again has another place; one that is locked names who locked it.
  const places = async (table: string) =>
    (await test.dataset.query(`select ctid::text, xmax::text from ${table} order by _dlt_id`)).rows
  const allPlaces = async () => [...(await places('leads')), ...(await places('leads__tags'))]
  await commit('1')
  const before = await allPlaces()
  await commit('1')
  expect(await allPlaces()).toEqual(before)
  await commit('2')
  const after = await allPlaces()
  const touched = after.filter((row, i) => row.join() !== before[i]!.join())
  expect(touched).toHaveLength(2)
})

it('knows at the end of a run what there is in the columns that rows are looked up by', async () => {
  await using test = await openTestDataset('postgres')
  const leads = rootTable('leads', { id: 'bigint', v: 'text' })
  const tags = childTable(leads, 'tags', { value: 'text' })
  const ids = Array.from({ length: 10 }, (_, id) => id)
  await test.dataset.commit(
    loadOf(schemaOf(leads, tags), [
      [leads, rootRows('l', ...ids.map((id) => [id, 'x']))],
      [tags, ids.flatMap((id) => childRows(tags, id, ['a'], ['b']))],
    ]),
  )
  await test.dataset.completeIndexes()
  const rows = await onPostgres(
    'select tablename as table, attname as column from pg_stats where schemaname = $1',
    [test.options.dataset],
  )
  const known = rows.map(({ table, column }) => `${table as string}.${column as string}`).sort()
  expect(known).toEqual(
    [
      'leads.id',
      'leads._dlt_id',
      'leads._dlt_load_id',
      'leads__tags._dlt_id',
      'leads__tags._dlt_parent_id',
      'leads__tags._dlt_root_id',
    ].sort(),
  )
})
