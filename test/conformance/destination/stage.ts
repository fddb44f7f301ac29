import { expect, it } from 'vitest'
import type { Cell, TableSchema } from '../../../src/normalize/types.ts'
import type { DestinationType } from '../../support/databases.ts'
import {
  childRows,
  childTable,
  loadOf,
  nextLoadId,
  rootRows,
  rootTable,
  schemaOf,
} from '../../support/loads.ts'
import { OWN, useDataset } from './fixture.ts'

/** Rows that are appended, or wait in a stage until a read is complete. */
export function stageConformance(type: DestinationType): void {
  const test = useDataset(type)

  const events = () => rootTable('events', { n: 'bigint' }, { key: [] })
  const stage = (table: TableSchema, publish: 'none' | 'replace' | 'append', ...rows: Cell[][]) =>
    test.dataset.commit(
      loadOf(schemaOf(table), rows.length > 0 ? [[table, rootRows(nextLoadId(), ...rows)]] : [], {
        write: 'stage',
        publish,
      }),
    )

  it('appends', async () => {
    const table = events()
    for (const n of [1, 2]) {
      await test.dataset.commit(
        loadOf(schemaOf(table), [[table, rootRows('l', [n])]], { write: 'append' }),
      )
    }
    expect(await test.data()).toEqual({ events: [{ n: 1 }, { n: 2 }] })
  })

  it('shows staged rows to nobody until they replace the rows of every table', async () => {
    const table = events()
    const tags = childTable(table, 'tags', { value: 'text' })
    const schema = schemaOf(table, tags)
    const commit = (n: number, publish: 'none' | 'replace') =>
      test.dataset.commit(
        loadOf(
          schema,
          [
            [table, rootRows('l', [n])],
            [tags, childRows(tags, n, [`t${n}`])],
          ],
          { write: 'stage', publish },
        ),
      )
    await commit(1, 'replace')
    await commit(2, 'none')
    expect(await test.data()).toMatchObject({ events: [{ n: 1 }], events__tags: [{ value: 't1' }] })
    await commit(3, 'replace')
    expect(await test.data()).toMatchObject({
      events: [{ n: 2 }, { n: 3 }],
      events__tags: [{ value: 't2' }, { value: 't3' }],
    })
  })

  it('empties the tables when nothing was staged', async () => {
    const table = events()
    await stage(table, 'replace', [1], [2])
    await stage(table, 'replace')
    expect(await test.data()).toEqual({ events: [] })
  })

  it('appends what was staged, once', async () => {
    const table = events()
    await stage(table, 'append', [1])
    await stage(table, 'none', [2])
    await stage(table, 'append', [3])
    expect(await test.data()).toEqual({ events: [{ n: 1 }, { n: 2 }, { n: 3 }] })
  })

  it('keeps the newest of staged rows that share a key', async () => {
    const table = rootTable('deals', { id: 'text', at: 'bigint' }, { cursor: 'at' })
    await stage(table, 'none', ['a', 2], ['b', 1])
    await stage(table, 'none', ['a', 1])
    await stage(table, 'replace', ['b', 2])
    await test.finishRun()
    expect(await test.data()).toEqual({
      deals: [
        { id: 'a', at: 2 },
        { id: 'b', at: 2 },
      ],
    })
  })

  it('takes back what was staged from a load on, and nothing else', async () => {
    const table = events()
    const tags = childTable(table, 'tags', { value: 'text' })
    const tagged = (n: number, publish: 'none' | 'replace' = 'none') => {
      const loadId = nextLoadId()
      return loadOf(
        schemaOf(table, tags),
        [
          [table, rootRows(loadId, [n])],
          [tags, childRows(tags, n, ['x'])],
        ],
        { loadId, write: 'stage', publish },
      )
    }
    await test.dataset.unstage('events', nextLoadId())
    await test.dataset.commit(tagged(1))
    const since = nextLoadId()
    await test.dataset.commit(tagged(2))
    await test.dataset.commit(tagged(3))
    await test.dataset.unstage('events', since)
    await test.dataset.commit(tagged(4, 'replace'))
    expect(await test.data()).toEqual({
      events: [{ n: 1 }, { n: 4 }],
      events__tags: [
        { _dlt_list_idx: 0, value: 'x' },
        { _dlt_list_idx: 0, value: 'x' },
      ],
    })
  })

  it('forgets a stage that was never published', async () => {
    const table = events()
    await stage(table, 'none', [1])
    await test.reopen()
    await test.dataset.clearStage('events')
    await stage(table, 'replace', [2])
    expect(await test.data()).toEqual({ events: [{ n: 2 }] })
  })

  it('replaces the rows of an endpoint whose keys repeat', async () => {
    const table = rootTable('log', { id: 'text', at: 'bigint' })
    const rows = (): Cell[][] => [
      ['r1', 'l', 'a', 1],
      ['r2', 'l', 'a', 2],
    ]
    for (const write of ['append', 'stage', 'stage'] as const) {
      const publish = write === 'stage' ? 'replace' : 'none'
      const keys = 'repeated'
      await test.dataset.commit(
        loadOf(schemaOf(table), [[table, rows()]], { write, publish, keys }),
      )
      await test.finishRun()
    }
    expect((await test.data()).log).toHaveLength(2)
    expect(await test.indexedColumns('log')).toEqual([...OWN, 'id'])
  })

  it.each<[left: string, indexed: readonly string[]]>([
    ['no index', []],
    ['the index of another use of the key', ['id']],
  ])('heals a table with doubled keys and %s by replacing its rows', async (_, left) => {
    const table = rootTable('deals', { id: 'text', n: 'bigint' })
    const keys = left.length > 0 ? 'repeated' : 'unique'
    const doubled: Cell[][] = [
      ['r1', 'l', 'a', 1],
      ['r2', 'l', 'a', 2],
    ]
    await test.dataset.commit(
      loadOf(schemaOf(table), [[table, doubled]], { write: 'append', keys }),
    )
    if (left.length > 0) await test.finishRun()
    await test.reopen()
    await stage(table, 'replace', ['a', 3])
    expect(await test.data()).toEqual({ deals: [{ id: 'a', n: 3 }] })
    expect(await test.indexedColumns('deals')).toEqual([...OWN, 'id unique'])
  })

  it('replaces rows with unique keys by rows whose keys repeat', async () => {
    const table = rootTable('deals', { id: 'text', n: 'bigint' })
    await stage(table, 'replace', ['a', 1])
    await test.finishRun()
    await test.reopen()
    const doubled: Cell[][] = [
      ['r1', 'l', 'a', 1],
      ['r2', 'l', 'a', 2],
    ]
    const publish = { write: 'stage', publish: 'replace', keys: 'repeated' } as const
    await test.dataset.commit(loadOf(schemaOf(table), [[table, doubled]], publish))
    expect((await test.data()).deals).toHaveLength(2)
  })

  const columns = async (table: string) =>
    (await test.dataset.query(`select * from ${table} where 1 = 0`)).columns

  it('leaves the tables and their stored schema alone until it is published', async () => {
    const narrow = () => rootTable('events', { n: 'bigint' }, { key: [] })
    const wide = rootTable('events', { n: 'double', s: 'text' }, { key: [] })
    const tags = childTable(wide, 'tags', { value: 'text' })
    await stage(narrow(), 'replace', [1])
    const schemas = await test.dataset.schemas()
    const staged = (publish: 'none' | 'replace') =>
      test.dataset.commit(
        loadOf(
          schemaOf(wide, tags),
          [
            [wide, rootRows(nextLoadId(), [1.5, 'x'])],
            [tags, childRows(tags, 1.5, ['t'])],
          ],
          { write: 'stage', publish },
        ),
      )
    await staged('none')
    expect(await columns('events')).toEqual(['n', '_dlt_id', '_dlt_load_id'])
    await expect(columns('events__tags')).rejects.toMatchObject({ code: 'USAGE' })
    expect(await test.dataset.schemas()).toEqual(schemas)

    // As after a kill: what was staged is gone, and what is stored still says what the tables are like.
    await test.reopen()
    expect(await test.dataset.schemas()).toEqual(schemas)
    await staged('replace')
    expect(await test.data()).toEqual({
      events: [{ n: 1.5, s: 'x' }],
      events__tags: [{ _dlt_list_idx: 0, value: 't' }],
    })
  })

  it('makes no table for an endpoint that only stages, and drops its stage with the run', async () => {
    await stage(events(), 'none', [1])
    expect(await columns('_sluice_stage_events')).toContain('n')
    await expect(columns('events')).rejects.toMatchObject({ code: 'USAGE' })
    expect(await test.dataset.schemas()).toEqual([])
    await test.finishRun()
    await expect(columns('_sluice_stage_events')).rejects.toMatchObject({ code: 'USAGE' })
  })

  it('drops what a dead run staged with the first load of the next, whatever it writes', async () => {
    const table = events()
    const tags = childTable(table, 'tags', { value: 'text' })
    await test.dataset.commit(
      loadOf(schemaOf(table, tags), [[table, rootRows('l', [1])]], { write: 'stage' }),
    )
    await test.reopen()
    await test.merge(rootTable('leads', { id: 'text' }), ['a'])
    for (const name of ['_sluice_stage_events', '_sluice_stage_events__tags']) {
      await expect(columns(name)).rejects.toMatchObject({ code: 'USAGE' })
    }
  })

  it('makes no stage for a load that only brings bookmarks', async () => {
    await test.merge(events(), [1])
    await stage(events(), 'none')
    await expect(columns('_sluice_stage_events')).rejects.toMatchObject({ code: 'USAGE' })
  })

  it('stores with the published schema what each staged load added to it', async () => {
    const added = (column: string) => ({ change: 'add_column', table: 'events', column }) as never
    const load = (names: string[], publish: 'none' | 'replace') => {
      const types = Object.fromEntries(names.map((name) => [name, 'bigint' as const]))
      const table = rootTable('events', types, { key: [] })
      return loadOf(
        schemaOf(table),
        [
          [
            table,
            rootRows(
              nextLoadId(),
              names.map(() => names.length),
            ),
          ],
        ],
        {
          write: 'stage',
          publish,
          changes: [added(names.at(-1)!)],
        },
      )
    }
    for (const last of [1, 2, 3]) {
      const names = ['1', '2', '3'].slice(0, last)
      await test.dataset.commit(load(names, last === 3 ? 'replace' : 'none'))
    }
    const versions = await test.dataset.query(
      'select version, changes, count(*) from _sluice_schema s join _dlt_loads l on l.schema_version_hash = s.version_hash group by version, changes',
    )
    expect(versions.rows).toEqual([
      [1, JSON.stringify(['1', '2', '3'].map((name) => added(name))), 3],
    ])
  })

  it('goes on with a stage whose schema grows', async () => {
    await stage(rootTable('events', { n: 'bigint' }, { key: [] }), 'none', [1])
    await stage(rootTable('events', { n: 'double', s: 'text' }, { key: [] }), 'replace', [1.5, 'x'])
    expect(await test.data()).toEqual({
      events: [
        { n: 1, s: null },
        { n: 1.5, s: 'x' },
      ],
    })
  })
}
