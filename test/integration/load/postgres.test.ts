import { expect, it } from 'vitest'
import { openTestDataset } from '../../support/databases.ts'
import { loadOf, rootRows, rootTable, schemaOf } from '../../support/loads.ts'

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
