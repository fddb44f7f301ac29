import { sql } from 'kysely'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/core/clock.ts'
import { silentLogger } from '../../../src/core/log.ts'
import type { LoadTransaction } from '../../../src/load/destination.ts'
import { destinations } from '../../../src/load/index.ts'
import { renewLabelView } from '../../../src/load/sql/label-views.ts'
import type { Cell, Column, DataType, TableSchema } from '../../../src/normalize/types.ts'
import { type Dataset, type LabelView, type Load, openDataset } from '../../../src/state/dataset.ts'
import {
  type DestinationType,
  destinationTypes,
  executeOn,
  freshOptions,
} from '../../support/databases.ts'
import {
  childTable,
  loadOf,
  nextLoadId,
  rootRows,
  rootTable,
  rowId,
  schemaOf,
} from '../../support/loads.ts'

const LABELS: LabelView = {
  endpoint: 'leads',
  naming: 'snake_case',
  rules: [{ from: 'fields', key: 'id', label: 'name', field: 'custom.{key}' }],
}

/** A table of leads with custom fields, whose ids are the names of their columns. */
function leads(fields: Readonly<Record<string, DataType>> = {}): TableSchema {
  const table = rootTable('leads', { id: 'bigint', name: 'text' })
  const custom = Object.entries(fields).map(([id, type]): Column => ({
    name: id,
    type,
    path: [`custom.${id.split('__v_')[0]}`],
    ...(id.includes('__v_') && { variantOf: id.split('__v_')[0]! }),
  }))
  return { ...table, columns: [...table.columns, ...custom] }
}

function list(id: string, columns: Readonly<Record<string, DataType>>): TableSchema {
  const child = childTable(leads(), id, {})
  const values = Object.entries(columns).map(([name, type]): Column => ({
    name,
    type,
    path: [],
    ...(name !== 'value' && { variantOf: 'value' }),
  }))
  return { ...child, path: [`custom.${id}`], columns: [...child.columns, ...values] }
}

const FIELDS = rootTable('fields', { id: 'text', name: 'text' })

async function open(type: DestinationType, labelViews: readonly LabelView[] = [LABELS]) {
  const { options, remove } = freshOptions(type)
  let dataset: Dataset | null = null
  onTestFinished(async () => {
    await dataset?.close()
    await remove()
  })
  const reopen = async (views: readonly LabelView[]) => {
    await dataset?.close()
    dataset = (await openDataset({ ...options, labelViews: views }))!
    await dataset.lock({ runId: 'run', pipeline: 'test' })
  }
  await reopen(labelViews)
  const commit = (tables: readonly TableSchema[], rows: Cell[][][], more: Partial<Load> = {}) =>
    dataset!.commit(
      loadOf(
        schemaOf(...tables),
        tables.map((table, i) => [table, rows[i] ?? []] as const),
        more,
      ),
    )
  return {
    reopen,
    execute: (sql: string) => executeOn(type, options, sql),
    define: (...rows: [id: string, label: string | null][]) =>
      commit([FIELDS], [rootRows(nextLoadId(), ...rows)]),
    /** Definitions take the place of all that were there. */
    redefine: (...rows: [id: string, label: string | null][]) =>
      commit([FIELDS], [rootRows(nextLoadId(), ...rows)], { write: 'stage', publish: 'replace' }),
    load: (table: TableSchema, ...rows: Cell[][]) =>
      commit([table], [rootRows(nextLoadId(), ...rows)]),
    commit,
    settle: (...synced: string[]) => dataset!.settleLabelViews(new Set(synced)),
    query: (sql: string) => dataset!.query(sql),
    /** The view without the columns that tie rows together. */
    view: async () => {
      const { columns, rows } = await dataset!.query('select * from leads_labeled order by id')
      const records = rows.map((row) => columns.map((name, i) => [name, row[i]] as const))
      return records.map((cells) =>
        Object.fromEntries(cells.filter(([name]) => !name.startsWith('_dlt_'))),
      )
    },
    views: async () =>
      type === 'sqlite'
        ? (await dataset!.query("select name from sqlite_master where type = 'view'")).rows
        : (
            await dataset!.query(
              'select viewname from pg_views where schemaname = current_schema()',
            )
          ).rows,
    /** What changes when the view is made again. */
    identity: async () =>
      type === 'sqlite'
        ? (await dataset!.query('select schema_version from pragma_schema_version')).rows
        : (await dataset!.query("select 'leads_labeled'::regclass::oid::bigint")).rows,
  }
}

describe.each(destinationTypes)('a label view in %s', (type) => {
  it('is made with the load that completes what it is made from, in either order', async () => {
    const test = await open(type)
    await test.load(leads({ cf_1: 'text' }), [1, 'A', 'gold'])
    expect(await test.views()).toEqual([])
    await test.define(['cf_1', 'Tier'])
    expect(await test.view()).toEqual([{ id: 1, name: 'A', tier: 'gold' }])

    const other = await open(type)
    await other.define(['cf_1', 'Tier'])
    expect(await other.views()).toEqual([])
    await other.load(leads({ cf_1: 'text' }), [1, 'A', 'gold'])
    expect(await other.view()).toEqual([{ id: 1, name: 'A', tier: 'gold' }])
  })

  it('follows labels and columns, and is left alone by loads that change neither', async () => {
    const test = await open(type)
    const load = async () => {
      await test.define(['cf_1', 'Tier'], ['cf_2', 'Size'])
      await test.load(leads({ cf_1: 'text' }), [1, 'A', 'gold'], [2, 'B', 'tin'])
    }
    await load()
    // Replacing rows takes indexes, which are a change of the schema as well.
    await load()
    const before = await test.identity()
    await load()
    expect(await test.settle()).toEqual([])
    expect(await test.identity()).toEqual(before)

    await test.define(['cf_1', 'Rank'])
    await test.load(leads({ cf_1: 'text', cf_2: 'bigint' }), [2, 'B', 'tin', 7])
    expect(await test.view()).toEqual([
      { id: 1, name: 'A', rank: 'gold', size: null },
      { id: 2, name: 'B', rank: 'tin', size: 7 },
    ])
    expect(await test.identity()).not.toEqual(before)
  })

  it('gives a column its id back when its definition is gone', async () => {
    const test = await open(type)
    await test.define(['cf_1', 'Tier'], ['cf_2', 'Size'])
    await test.load(leads({ cf_1: 'text', cf_2: 'text' }), [1, 'A', 'gold', 'xl'])
    await test.redefine(['cf_2', 'Size'])
    expect(await test.view()).toEqual([{ id: 1, name: 'A', cf_1: 'gold', size: 'xl' }])
  })

  it('does not count definitions that are marked as deleted, nor older rows of one', async () => {
    const deletedAt: Column = { name: '_sluice_deleted_at', type: 'timestamp', path: null }
    const fields = { ...FIELDS, primaryKey: [], columns: [...FIELDS.columns, deletedAt] }
    const test = await open(type)
    await test.load(leads({ cf_1: 'text', cf_2: 'text' }), [1, 'A', 'gold', 'xl'])
    const row = (id: string, load: string, name: string, deleted: string | null): Cell[] => [
      rowId(id, load),
      load,
      id,
      name,
      deleted,
    ]
    await test.commit(
      [fields],
      [
        [
          row('cf_1', '1.000003', 'Rank', null),
          row('cf_1', '1.000001', 'Tier', null),
          row('cf_1', '1.000002', 'Grade', null),
          row('cf_2', '1.000001', 'Size', '2024-01-01T00:00:00.000000Z'),
        ],
      ],
      { write: 'append' },
    )
    expect(await test.view()).toEqual([{ id: 1, name: 'A', rank: 'gold', cf_2: 'xl' }])
  })

  it('is there again when a column that it reads has become wider', async () => {
    const test = await open(type)
    await test.define(['cf_1', 'Size'], ['cf_2', 'Sizes'])
    const sizes = (columns: Readonly<Record<string, DataType>>) => list('cf_2', columns)
    const item = (lead: number, ...cells: Cell[]): Cell[] => [
      rowId(lead, 'item'),
      rowId(lead),
      0,
      rowId(lead),
      ...cells,
    ]
    await test.commit(
      [leads({ cf_1: 'bigint' }), sizes({ value: 'bigint' })],
      [rootRows(nextLoadId(), [1, 'A', 1]), [item(1, 1)]],
    )
    await test.commit(
      [leads({ cf_1: 'double' }), sizes({ value: 'double' })],
      [rootRows(nextLoadId(), [2, 'B', 1.5]), [item(2, 1.5)]],
    )
    await test.commit(
      [
        leads({ cf_1: 'double', cf_1__v_text: 'text' }),
        sizes({ value: 'double', value__v_text: 'text' }),
      ],
      [rootRows(nextLoadId(), [3, 'C', null, 'big']), [item(3, null, 'big')]],
    )
    const rows = await test.view()
    expect(rows.map(({ sizes, ...row }) => [row, JSON.parse(sizes as string)])).toEqual([
      [{ id: 1, name: 'A', size: 1, size__v_text: null }, [1]],
      [{ id: 2, name: 'B', size: 1.5, size__v_text: null }, [1.5]],
      [{ id: 3, name: 'C', size: null, size__v_text: 'big' }, ['big']],
    ])
  })

  it('shows lists as JSON, in their order, whatever they hold', async () => {
    const test = await open(type)
    const values = {
      text: ['a "quoted" \\ text', '', 'é\n'],
      bigint: [1, 9007199254740993n, -5],
      decimal: ['123456789012345678901234567890', '-12.50'],
      double: [0.1, -2.5e-7],
      bool: [true, false, null],
      timestamp: ['2024-01-31T23:59:59.123456Z', '2024-01-31T00:00:00.000000Z'],
      date: ['2024-01-31'],
      json: ['{"a":[1]}', '[]'],
    } as const satisfies Record<DataType, readonly Cell[]>
    const types = Object.keys(values) as DataType[]
    await test.define(...types.map((name): [string, string] => [`cf_${name}`, `My ${name}`]))
    const child = (name: string, cells: readonly Cell[]): Cell[][] =>
      cells.map((cell, i) => [rowId(1, name, i), rowId(1), i, rowId(1), cell])
    const many = Array.from({ length: 12 }, (_, i) => `${i}`)
    await test.commit(
      [leads(), ...types.map((name) => list(`cf_${name}`, { value: name }))],
      [
        rootRows(nextLoadId(), [1, 'A'], [2, 'none']),
        ...types.map((name) => child(name, values[name]).toReversed()),
      ],
    )
    const [full, none] = await test.view()
    const text = (name: DataType) => full![`my_${name}`] as string
    expect(JSON.parse(text('text'))).toEqual(values.text)
    expect(text('bigint').replaceAll(' ', '')).toBe('[1,9007199254740993,-5]')
    expect(text('decimal').replaceAll(' ', '')).toBe('[123456789012345678901234567890,-12.50]')
    for (const name of ['double', 'bool', 'timestamp', 'date'] as const) {
      expect(JSON.parse(text(name))).toEqual(values[name])
    }
    expect(JSON.parse(text('json'))).toEqual([{ a: [1] }, []])
    expect(none).toEqual({
      id: 2,
      name: 'none',
      ...Object.fromEntries(types.map((name) => [`my_${name}`, null])),
    })

    await test.commit(
      [leads(), ...types.map((name) => list(`cf_${name}`, { value: name }))],
      [rootRows(nextLoadId(), [1, 'A']), child('text', many).toReversed()],
    )
    expect(JSON.parse((await test.view())[0]!.my_text as string)).toEqual(many)
  })

  it('outlives that its table is replaced, with columns of other types', async () => {
    const test = await open(type)
    await test.define(['cf_1', 'Tier'], ['cf_2', 'Size'])
    await test.load(leads({ cf_1: 'bigint' }), [1, 'A', 1])
    const replace = (table: TableSchema, ...rows: Cell[][]) =>
      test.commit([table], [rootRows(nextLoadId(), ...rows)], {
        write: 'stage',
        publish: 'replace',
      })
    await replace(leads({ cf_1: 'bigint' }), [2, 'B', 2])
    expect(await test.view()).toEqual([{ id: 2, name: 'B', tier: 2 }])
    await replace(leads({ cf_1: 'double', cf_2: 'text' }), [3, 'C', 0.5, 'xl'])
    expect(await test.view()).toEqual([{ id: 3, name: 'C', tier: 0.5, size: 'xl' }])
  })

  it('is not changed by rows that are merely staged', async () => {
    const test = await open(type)
    await test.define(['cf_1', 'Tier'])
    await test.load(leads({ cf_1: 'text' }), [1, 'A', 'gold'])
    const rows = rootRows(nextLoadId(), ['cf_1', 'Rank'])
    await test.commit([FIELDS], [rows], { write: 'stage' })
    expect(Object.keys((await test.view())[0]!)).toEqual(['id', 'name', 'tier'])
    await test.commit([FIELDS], [], { write: 'stage', publish: 'replace', batches: [] })
    expect(Object.keys((await test.view())[0]!)).toEqual(['id', 'name', 'rank'])
  })

  it.each([
    ['table', 'create table leads_labeled (mine text)'],
    ['view', 'create view leads_labeled as select 1 as mine'],
  ])("is not made in the place of a user's own %s", async (_, statement) => {
    const test = await open(type)
    await test.load(leads({ cf_1: 'text' }), [1, 'A', 'gold'])
    await test.execute(statement)
    await test.define(['cf_1', 'Tier'])
    await test.load(leads({ cf_1: 'text', cf_2: 'text' }), [1, 'A', 'gold', 'xl'])
    expect(await test.settle()).toEqual([
      {
        endpoint: 'leads',
        message:
          'something else is called leads_labeled: rename or drop it, and the next sync makes the view',
      },
    ])
    expect((await test.query('select * from leads_labeled')).columns).toEqual(['mine'])
  })

  it('is dropped when nothing asks for it any more, unless it is a view of another', async () => {
    const test = await open(type)
    await test.define(['cf_1', 'Size'])
    await test.load(leads({ cf_1: 'bigint' }), [1, 'A', 1])
    expect(await test.views()).toEqual([['leads_labeled']])
    await test.reopen([])
    await test.settle()
    expect(await test.views()).toEqual([['leads_labeled']])
    await test.reopen([{ ...LABELS, rules: [] }])
    await test.settle()
    expect(await test.views()).toEqual([])
    await test.execute('create view leads_labeled as select 1 as mine')
    expect(await test.settle()).toEqual([])
    expect(await test.views()).toEqual([['leads_labeled']])
  })

  it('does not keep a column from widening when nothing asks for it any more', async () => {
    const test = await open(type)
    await test.define(['cf_1', 'Size'])
    await test.load(leads({ cf_1: 'bigint' }), [1, 'A', 1])
    await test.reopen([])
    await test.load(leads({ cf_1: 'double' }), [2, 'B', 1.5])
    expect(await test.views()).toEqual([])
  })

  it('is made by the next settling where it is missing, or the table has columns of others', async () => {
    const test = await open(type)
    await test.define(['cf_1', 'Tier'])
    await test.load(leads({ cf_1: 'text' }), [1, 'A', 'gold'])
    await test.execute('drop view leads_labeled')
    await test.execute('alter table leads add column note text')
    expect(await test.settle()).toEqual([])
    expect(await test.view()).toEqual([{ id: 1, name: 'A', tier: 'gold', note: null }])
  })

  it('stays up to date without a single definition', async () => {
    const test = await open(type)
    await test.load(leads({ cf_1: 'bigint' }), [1, 'A', 1])
    expect(await test.settle('fields')).toEqual([])
    await test.load(leads({ cf_1: 'bigint', cf_2: 'text' }), [1, 'A', 1, 'xl'])
    expect(await test.view()).toEqual([{ id: 1, name: 'A', cf_1: 1, cf_2: 'xl' }])
    await test.load(leads({ cf_1: 'double', cf_2: 'text' }), [1, 'A', 0.5, 'xl'])
    expect(await test.view()).toEqual([{ id: 1, name: 'A', cf_1: 0.5, cf_2: 'xl' }])
  })

  it('says what keeps the labels out of it', async () => {
    const rule = LABELS.rules[0]!
    const shared = { ...rule, from: 'shared' }
    const test = await open(type, [{ ...LABELS, rules: [{ ...rule, label: 'title' }, shared] }])
    await test.load(leads({ cf_1: 'text' }), [1, 'A', 'gold'])
    const message = (text: string) => ({ endpoint: 'leads', message: text })
    expect(await test.settle()).toEqual([
      message('fields is not in the dataset; sync that endpoint too'),
      message('shared is not in the dataset; sync that endpoint too'),
    ])
    expect(await test.views()).toEqual([])
    await test.define(['cf_1', 'Tier'])
    expect(await test.settle('shared')).toEqual([message('fields has no column for title')])
    expect(await test.view()).toEqual([{ id: 1, name: 'A', cf_1: 'gold' }])
  })

  it('that can not be made leaves the rest of its transaction as it is, and what was there', async () => {
    const { options, remove } = freshOptions(type)
    await (await openDataset(options))!.close()
    const destination = (await destinations.create(options.destination, {
      ...options,
      clock: systemClock,
      log: silentLogger,
    }))!
    onTestFinished(async () => {
      await destination.close()
      await remove()
    })
    const labeled = (label: string) => ({
      tables: [leads({ cf_1: 'text' })],
      labels: [{ key: 'cf_1', field: 'custom.cf_1', label, labeledPath: `custom.${label}` }],
      naming: 'snake_case' as const,
    })
    const problem = await destination.transaction(async (trx) => {
      await sql`create table leads (_dlt_id text, _dlt_load_id text, id int, name text, cf_1 text)`.execute(
        trx.db,
      )
      expect(await renewLabelView(trx, labeled('Tier'))).toBeNull()
      const failing: LoadTransaction = {
        ...trx,
        createView: async (...view) => {
          await trx.createView(...view)
          await sql`select * from nowhere`.execute(trx.db)
        },
      }
      const found = await renewLabelView(failing, labeled('Rank'))
      await sql`insert into leads (cf_1) values ('gold')`.execute(trx.db)
      return found
    })
    expect(problem).toMatch(/^leads_labeled could not be made: .*nowhere/)
    expect((await destination.query('select tier from leads_labeled')).rows).toEqual([['gold']])
  })

  it('leaves no trace of a load that fails', async () => {
    const test = await open(type)
    await test.define(['cf_1', 'Size'])
    await test.load(leads({ cf_1: 'bigint' }), [1, 'A', 1])
    const before = await test.identity()
    const notANumber = {} as unknown as Cell
    await expect(
      test.load(leads({ cf_1: 'double', cf_2: 'text' }), [2, 'B', 0.5, 'xl'], [3, 'C', notANumber]),
    ).rejects.toMatchObject({ code: 'LOAD_FAILED' })
    expect(await test.identity()).toEqual(before)
    expect(await test.view()).toEqual([{ id: 1, name: 'A', size: 1 }])
  })
})

describe('in postgres', () => {
  it('a view that is made again can be read by whoever could read it before', async () => {
    const test = await open('postgres')
    await test.define(['cf_1', 'Size'])
    await test.load(leads({ cf_1: 'bigint' }), [1, 'A', 1])
    await test.execute('grant select, update on leads_labeled to public')
    await test.execute('grant select on leads_labeled to pg_monitor with grant option')
    const grants = async () =>
      (
        await test.query(
          "select grantee, privilege_type, is_grantable from information_schema.role_table_grants where table_schema = current_schema() and table_name = 'leads_labeled' and grantee <> current_user order by 1, 2",
        )
      ).rows
    const before = await grants()
    expect(before).toHaveLength(3)
    await test.load(leads({ cf_1: 'double' }), [2, 'B', 1.5])
    await test.define(['cf_1', 'Weight'])
    expect(Object.keys((await test.view())[0]!)).toContain('weight')
    expect(await grants()).toEqual(before)
  })

  it.each([
    ['view report', 'create view report as select size from leads_labeled', 'drop view report'],
    [
      'materialized view report',
      'create materialized view report as select size from leads_labeled',
      'drop materialized view report',
    ],
    [
      'function total()',
      'create function total() returns numeric begin atomic select sum(size) from leads_labeled; end',
      'drop function total()',
    ],
    [
      'function "largest lead"()',
      'create function "largest lead"() returns setof leads_labeled language plpgsql as $$ begin return; end $$',
      'drop function "largest lead"()',
    ],
    [
      'column lead of table notes',
      'create table notes (lead leads_labeled)',
      'alter table notes drop column lead',
    ],
    [
      'column leads of table notes',
      'create table notes (leads leads_labeled[])',
      'alter table notes drop column leads',
    ],
    [
      'rule largest on table notes',
      'create table notes (size bigint); create rule largest as on insert to notes do also select max(size) from leads_labeled',
      'drop rule largest on notes',
    ],
  ])(
    'a view that is needed by %s stays as it is, and keeps columns from widening',
    async (...each) => {
      const [dependent, create, drop] = each
      const test = await open('postgres')
      await test.define(['cf_1', 'Size'])
      await test.load(leads({ cf_1: 'bigint' }), [1, 'A', 1])
      await test.execute(create)
      await test.define(['cf_1', 'Weight'])
      await test.load(leads({ cf_1: 'bigint', cf_2: 'text' }), [2, 'B', 2, 'xl'])
      expect(await test.settle()).toEqual([
        {
          endpoint: 'leads',
          message: `leads_labeled is out of date, and can not be made again while ${dependent} needs it as it is: drop or alter that, sync, and bring it back`,
        },
      ])
      expect(Object.keys((await test.view())[0]!)).toEqual(['id', 'name', 'size'])
      await expect(
        test.load(leads({ cf_1: 'double', cf_2: 'text' }), [3, 'C', 0.5, null]),
      ).rejects.toMatchObject({
        code: 'LOAD_FAILED',
        hint: `${dependent} needs leads_labeled as it is, which has to be made again: drop or alter it, run again, and bring it back`,
      })
      await test.execute(drop)
      await test.load(leads({ cf_1: 'double', cf_2: 'text' }), [3, 'C', 0.5, null])
      expect(Object.keys((await test.view())[0]!)).toEqual(['id', 'name', 'weight', 'cf_2'])
      expect(await test.settle()).toEqual([])
    },
  )

  it('a view that several things need names them all', async () => {
    const test = await open('postgres')
    await test.define(['cf_1', 'Size'])
    await test.load(leads({ cf_1: 'bigint' }), [1, 'A', 1])
    await test.execute('create view report as select size from leads_labeled')
    await test.execute('create table notes (lead leads_labeled)')
    await test.define(['cf_1', 'Weight'])
    expect((await test.settle())[0]!.message).toContain(
      'while column lead of table notes and view report need it as it is',
    )
  })
})
