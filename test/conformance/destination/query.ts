import { expect, it } from 'vitest'
import type { DestinationType } from '../../support/databases.ts'
import { rootTable } from '../../support/loads.ts'
import { useDataset } from './fixture.ts'

/** Queries read and change nothing. */
export function queryConformance(type: DestinationType): void {
  const test = useDataset(type)

  it('reads', async () => {
    await test.merge(rootTable('t', { id: 'bigint', at: 'timestamp' }), [
      9007199254740993n,
      '2024-01-01T00:00:00.500000Z',
    ])
    expect(await test.dataset.query('select id, at, count(*) as n from t group by id, at')).toEqual(
      {
        columns: ['id', 'at', 'n'],
        rows: [[9007199254740993n, '2024-01-01T00:00:00.500000Z', 1]],
      },
    )
  })

  it.each([
    'delete from t',
    "insert into t (_dlt_id, id) values ('x', 1)",
    'drop table t',
    'select 1; drop table t',
    'selec 1',
    'commit',
    'with x as (select 1) delete from t',
    'update t set id = 2 returning id',
  ])('refuses %s', async (statement) => {
    await test.merge(rootTable('t', { id: 'bigint' }), [1])
    await expect(test.dataset.query(statement)).rejects.toMatchObject({ code: 'USAGE' })
    expect(await test.data()).toEqual({ t: [{ id: 1 }] })
  })
}
