import { expect, it } from 'vitest'
import type { LoadDeletes } from '../../../src/state/dataset.ts'
import type { CursorBound } from '../../../src/load/sql/deletes.ts'
import type { TableSchema } from '../../../src/normalize/types.ts'
import type { DestinationType } from '../../support/databases.ts'
import {
  childRows,
  childTable,
  loadOf,
  rootRows,
  rootTable,
  rowId,
  schemaOf,
} from '../../support/loads.ts'
import { useDataset } from './fixture.ts'

const DAY = (n: number) => `2025-01-0${n}T00:00:00.000000Z`

/** Rows that are gone at the source: marked or removed, by what a read has seen or by name. */
export function deletesConformance(type: DestinationType): void {
  const test = useDataset(type)

  /** A table of five rows with a list each, one row per day. */
  async function five(mark: boolean) {
    const plain = rootTable('leads', { id: 'text', at: 'timestamp' }, { cursor: 'at' })
    const columns = [...plain.columns]
    if (mark) columns.push({ name: '_sluice_deleted_at', type: 'timestamp', path: null })
    const table: TableSchema = { ...plain, columns }
    const mails = childTable(table, 'mails', { value: 'text' })
    const schema = schemaOf(table, mails)
    const keys = ['a', 'b', 'c', 'd', 'e']
    const rows = rootRows('1', ...keys.map((key, i) => [key, DAY(i + 1)]))
    const children = keys.flatMap((key) => childRows(mails, key, ['x'], ['y']))
    await test.dataset.commit(
      loadOf(schema, [
        [table, rows],
        [mails, children],
      ]),
    )
    const see = (...seen: string[]) =>
      test.dataset.commit(loadOf(schema, [], { seen: seen.map((key) => rowId(key)) }))
    const remove = (deletes: LoadDeletes) => test.dataset.commit(loadOf(schema, [], { deletes }))
    const rowsOf = async (sql: string) => (await test.dataset.query(sql)).rows.flat()
    return { see, remove, rowsOf }
  }

  const sweep = (
    mode: 'soft' | 'hard',
    maxRatio: number | null,
    since: CursorBound | null = null,
  ) => ({ mode, sweep: { scope: { since, parents: null }, maxRatio, again: [], lists: null } })

  it('marks what a read has not seen, and unmarks what one has seen again', async () => {
    const { see, remove, rowsOf } = await five(true)
    await see('a', 'b')
    await see('b', 'd')
    expect(await remove(sweep('soft', 0.5))).toMatchObject({ deleted: 2, restored: 0 })
    const gone = 'select id from leads where _sluice_deleted_at is not null order by id'
    expect(await rowsOf(gone)).toEqual(['c', 'e'])
    expect(await rowsOf('select count(*) from leads__mails')).toEqual([10])
    await see('a', 'b', 'c', 'd')
    expect(await remove(sweep('soft', 0.5))).toMatchObject({ deleted: 0, restored: 1 })
    expect(await rowsOf(gone)).toEqual(['e'])
  })

  it('removes what a read has not seen, with its child rows', async () => {
    const { see, remove, rowsOf } = await five(false)
    await see('a', 'b', 'd')
    expect(await remove(sweep('hard', 0.4))).toMatchObject({ deleted: 2 })
    expect(await rowsOf('select id from leads order by id')).toEqual(['a', 'b', 'd'])
    expect(await rowsOf('select count(*) from leads__mails')).toEqual([6])
  })

  it('refuses to let too many go, and then changes nothing', async () => {
    const { see, remove, rowsOf } = await five(false)
    await see('a', 'b', 'd')
    await expect(remove(sweep('hard', 0.39))).rejects.toMatchObject({ code: 'DELETES_REFUSED' })
    expect(await rowsOf('select count(*) from leads')).toEqual([5])
    // What was seen is remembered: the read does not have to be made again.
    expect(await remove(sweep('hard', null))).toMatchObject({ deleted: 2 })
  })

  it('takes a list in which nothing was seen for what it is', async () => {
    const { remove, rowsOf } = await five(false)
    expect(await remove(sweep('hard', null))).toMatchObject({ deleted: 5 })
    expect(await rowsOf('select count(*) from leads__mails')).toEqual([0])
  })

  it('judges no row from before where the read began', async () => {
    const { see, remove, rowsOf } = await five(false)
    await see('d')
    const column = { name: 'at', type: 'timestamp', path: ['at'] } as const
    const since = { column, value: DAY(3) }
    expect(await remove(sweep('hard', 0.7, since))).toMatchObject({ deleted: 2 })
    expect(await rowsOf('select id from leads order by id')).toEqual(['a', 'b', 'd'])
  })

  it('compares decimals as numbers, however many digits they have', async () => {
    const ticks = rootTable('ticks', { id: 'text', at: 'decimal' }, { cursor: 'at' })
    const rows = rootRows('1', ['a', '9.5'], ['b', '10'], ['c', '100.25'])
    await test.dataset.commit(loadOf(schemaOf(ticks), [[ticks, rows]]))
    const column = ticks.columns.find(({ name }) => name === 'at')!
    const deletes = sweep('hard', null, { column, value: '10' })
    await test.dataset.commit(loadOf(schemaOf(ticks), [], { deletes }))
    expect((await test.dataset.query('select id from ticks')).rows).toEqual([['a']])
  })

  it('judges only children of the parents that were asked, and of those that are gone', async () => {
    const users = rootTable('users', { id: 'bigint' })
    const posts = rootTable('posts', { id: 'text', _users_id: 'bigint' })
    const schema = schemaOf(posts)
    await test.dataset.commit(loadOf(schemaOf(users), [[users, rootRows('1', [1], [2])]]))
    const all = rootRows('1', ['a', 1], ['b', 1], ['c', 2], ['d', 3], ['of nobody known', null])
    await test.dataset.commit(loadOf(schema, [[posts, all]], { seen: [rowId('a')] }))
    const parents = { column: '_users_id', values: ['1'], parent: users, parentColumn: 'id' }
    const scope = { since: null, parents }
    const deletes = {
      mode: 'hard',
      sweep: { scope, maxRatio: null, again: [], lists: null },
    } as const
    const { deleted } = await test.dataset.commit(loadOf(schema, [], { deletes }))
    expect(deleted).toBe(2)
    const { rows } = await test.dataset.query('select id from posts order by id')
    expect(rows.flat()).toEqual(['a', 'c', 'of nobody known'])
  })

  it.each(['soft', 'hard'] as const)(
    'lets rows go that are named (%s), unless they changed since',
    async (mode) => {
      const { remove, rowsOf } = await five(mode === 'soft')
      const gone = [
        { id: rowId('a'), at: DAY(4) },
        { id: rowId('d'), at: DAY(3) },
        { id: rowId('e'), at: null },
        { id: rowId('nothing'), at: null },
      ]
      expect(await remove({ mode, gone })).toMatchObject({ deleted: 2 })
      const there = mode === 'soft' ? ' where _sluice_deleted_at is null' : ''
      expect(await rowsOf(`select id from leads${there} order by id`)).toEqual(['b', 'c', 'd'])
      expect(await remove({ mode, gone })).toMatchObject({ deleted: 0 })
      expect(await remove({ mode, gone: [] })).toMatchObject({ deleted: 0 })
    },
  )

  it('lets a row go by the latest of the events that name it', async () => {
    const { remove, rowsOf } = await five(false)
    const named = (key: string, ...days: (string | null)[]) =>
      days.map((at) => ({ id: rowId(key), at }))
    const gone = [
      ...named('b', DAY(1), DAY(4)),
      ...named('c', DAY(4), DAY(1)),
      ...named('d', null, DAY(1)),
      ...named('e', DAY(1), DAY(4)),
    ]
    expect(await remove({ mode: 'hard', gone })).toMatchObject({ deleted: 3 })
    expect(await rowsOf('select id from leads order by id')).toEqual(['a', 'e'])
  })

  it('leaves nothing behind of a run that died while it noted what it saw', async () => {
    const { see, remove, rowsOf } = await five(false)
    await see('a', 'b', 'c', 'd', 'e')
    await test.reopen()
    await see('a', 'b', 'c', 'd')
    expect(await remove(sweep('hard', 1))).toMatchObject({ deleted: 1 })
    expect(await rowsOf('select id from leads order by id')).toEqual(['a', 'b', 'c', 'd'])
  })
}
