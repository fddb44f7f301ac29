import { afterEach, beforeEach, expect, it } from 'vitest'
import { openTestDataset, type TestDataset } from '../../support/databases.ts'
import { loadOf, rootRows, rootTable, schemaOf } from '../../support/loads.ts'

let test: TestDataset
beforeEach(async () => {
  test = await openTestDataset('sqlite')
})
afterEach(() => test[Symbol.asyncDispose]())

it('rebuilds a table whose column is widened with all that hangs on it', async () => {
  const merge = async (type: 'bigint' | 'double', id: string, v: number) => {
    const table = rootTable('deals', { id: 'text', v: type })
    await test.dataset.commit(loadOf(schemaOf(table), [[table, rootRows('l', [id, v])]]))
  }
  await merge('bigint', 'a', 1)
  await test.execute(`
    alter table deals add column note text;
    update deals set note = 'mine';
    create index my_index on deals (note);
    create view my_view as select id, v from deals;
    create table seen (id text);
    create trigger my_trigger after insert on deals begin insert into seen values (new.id); end`)
  await merge('double', 'b', 1.5)

  const read = async (sql: string) => (await test.dataset.query(sql)).rows
  expect(await read('select id, v from my_view order by id')).toEqual([
    ['a', 1],
    ['b', 1.5],
  ])
  expect(await read('select id, note from deals order by id')).toEqual([
    ['a', 'mine'],
    ['b', null],
  ])
  expect(await test.indexedColumns('deals')).toContain('note')
  expect(await read('select id from seen')).toEqual([['b']])
  expect(
    await read("select group_concat(name || ' ' || type) from pragma_table_info('deals')"),
  ).toEqual([['id TEXT,v REAL,_dlt_id TEXT,_dlt_load_id TEXT,note TEXT']])
})

it('stores integers as integers, however large, and never as text or doubles', async () => {
  const table = rootTable('n', { id: 'bigint' })
  const ids = [0, 2 ** 31, 2 ** 53 - 1, 9007199254740993n, -9223372036854775808n]
  await test.dataset.commit(
    loadOf(schemaOf(table), [[table, rootRows('l', ...ids.map((id) => [id]))]]),
  )
  const { rows } = await test.dataset.query("select count(*) from n where typeof(id) = 'integer'")
  expect(rows).toEqual([[ids.length]])
})
