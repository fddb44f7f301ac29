import { describe, expect, it } from 'vitest'
import {
  type FieldLabel,
  labelColumns,
  type LabeledTable,
} from '../../../../src/load/sql/label-columns.ts'
import { createNaming, type NamingConvention } from '../../../../src/normalize/naming.ts'
import type { Column, DataType, TableSchema } from '../../../../src/normalize/types.ts'
import { childTable, rootTable } from '../../../support/loads.ts'

const column = (name: string, path: readonly string[], more: Partial<Column> = {}): Column => ({
  name,
  type: 'text',
  path,
  ...more,
})

const variant = (of: Column, type: DataType): Column =>
  column(`${of.name}__v_${type}`, of.path!, { type, variantOf: of.name })

/** A custom field of Close: its key in the record has a literal dot. */
const custom = (id: string, type: DataType = 'text') =>
  column(`custom_${id}`, [`custom.${id}`], { type })

const table = (...columns: Column[]): TableSchema => ({
  ...rootTable('leads', {}),
  columns: [
    { name: '_dlt_id', type: 'text', path: null },
    column('id', ['id']),
    column('name', ['name']),
    ...columns,
  ],
})

const list = (id: string, ...items: Column[]): TableSchema => {
  const child = childTable(table(), `custom_${id}`, {})
  return { ...child, path: [`custom.${id}`], columns: [...child.columns, ...items] }
}

const VALUE = column('value', [])

const label = (key: string, text: string): FieldLabel => ({
  key,
  field: `custom.${key}`,
  label: text,
  labeledPath: `custom.${text}`,
})

interface Case {
  readonly tables: readonly [TableSchema, ...TableSchema[]]
  readonly labels: readonly FieldLabel[]
  readonly convention?: NamingConvention
  readonly present?: LabeledTable['present']
}

/** `name <- column` of the columns that are called otherwise in the view. */
function renamed({ tables, labels, convention = 'snake_case', present }: Case): string[] {
  const columns = labelColumns({
    tables,
    present: present ?? tables[0].columns.map(({ name }) => name),
    labels,
    naming: createNaming(convention, 63),
    convention,
  })
  return columns.flatMap((each) => {
    const source = 'column' in each ? each.column : each.list.name
    return each.name === source ? [] : [`${each.name} <- ${source}`]
  })
}

describe('the columns of a label view', () => {
  it('keep their order, and their names where there is no label', () => {
    const root = table(custom('cf_1'), column('note', ['note']), custom('cf_2'))
    const columns = labelColumns({
      tables: [root],
      present: [...root.columns.map(({ name }) => name), 'mine'],
      labels: [label('cf_1', 'Tier'), label('cf_9', 'Of no record yet')],
      naming: createNaming('snake_case', 63),
      convention: 'snake_case',
    })
    expect(columns.map(({ name }) => name)).toEqual([
      '_dlt_id',
      'id',
      'name',
      'tier',
      'note',
      'custom_cf_2',
      'mine',
    ])
  })

  it.each([
    ['Deal Size', 'deal_size'],
    ['03. Property / Details', '_03_property_details'],
    ['  Tags/v2.0 ', 'tags_v2_0'],
    ['🎉 Party', '_party'],
    ['renewalDate', 'renewal_date'],
    ['_dlt_id', 'custom_dlt_id'],
    ['xmin', 'custom_xmin'],
    ['N'.repeat(70), expect.stringMatching(/^n{29}\w{6}n{28}$/)],
  ])('are named by the label %j', (text, name) => {
    const [first] = renamed({ tables: [table(custom('cf_1'))], labels: [label('cf_1', text)] })
    expect(first?.split(' <- ')[0]).toEqual(name)
  })

  it.each(['', '   ', '🎉', '...', '株式会社'])('keep the id for the label %j', (text) => {
    expect(renamed({ tables: [table(custom('cf_1'))], labels: [label('cf_1', text)] })).toEqual([])
  })

  it('are named as the labels are spelled, with naming: direct', () => {
    expect(
      renamed({
        tables: [table(custom('cf_1'), custom('cf_2'), custom('cf_3'))],
        labels: [label('cf_1', '株式会社'), label('cf_2', ' '), label('cf_3', 'NAME')],
        convention: 'direct',
      }),
    ).toEqual(['株式会社 <- custom_cf_1', 'custom.NAME <- custom_cf_3'])
  })

  it('stay apart where labels are the same: the key that sorts first has it alone', () => {
    const labels = [label('cf_b', 'Tier'), label('cf_a', 'tier'), label('cf_c', 'TIER')]
    const names = renamed({
      tables: [table(custom('cf_b'), custom('cf_c'), custom('cf_a'))],
      labels,
    })
    expect(names).toEqual([
      expect.stringMatching(/^tier_\w{6} <- custom_cf_b$/),
      expect.stringMatching(/^tier_\w{6} <- custom_cf_c$/),
      'tier <- custom_cf_a',
    ])
    expect(new Set(names).size).toBe(3)
  })

  it('leave a name to the column that has it, whatever its case', () => {
    expect(
      renamed({
        tables: [table(custom('cf_1'), custom('cf_2'))],
        labels: [label('cf_1', 'NAME'), label('cf_2', 'custom.name')],
      }),
    ).toEqual([
      'custom_name <- custom_cf_1',
      expect.stringMatching(/^custom_name_\w{6} <- custom_cf_2$/),
    ])
  })

  it('have no name of a column that another label would take away', () => {
    const field = { key: '1', field: 'f1', label: 'f2', labeledPath: 'f2' }
    const other = { key: '2', field: 'f2', label: 'f1', labeledPath: 'f1' }
    expect(
      renamed({
        tables: [table(column('f1', ['f1']), column('f2', ['f2']))],
        labels: [field, other],
      }),
    ).toEqual(['f2 <- f1', 'f1 <- f2'])
  })

  it('take along what is below a field, and what its column could not hold', () => {
    const size = custom('cf_1', 'bigint')
    const inside = column('custom_cf_2__zip_code', ['custom.cf_2', 'zipCode'])
    expect(
      renamed({
        tables: [table(size, variant(size, 'text'), inside, variant(inside, 'bool'))],
        labels: [label('cf_1', 'Size'), label('cf_2', 'Home')],
      }),
    ).toEqual([
      'size <- custom_cf_1',
      'size__v_text <- custom_cf_1__v_text',
      'home__zip_code <- custom_cf_2__zip_code',
      'home__zip_code__v_bool <- custom_cf_2__zip_code__v_bool',
    ])
  })

  it('find a field in a nested object as well as under a key with dots', () => {
    const nested = column('custom__cf_1', ['custom', 'cf_1'])
    expect(renamed({ tables: [table(nested)], labels: [label('cf_1', 'Tier')] })).toEqual([
      'tier <- custom__cf_1',
    ])
  })

  it('hold lists of plain values, beside the column of a field that has both', () => {
    const objects = list('cf_3', column('a', ['a']))
    const deeper = { ...list('cf_1', VALUE), name: 'leads__x__cf_1', parent: 'leads__x' }
    expect(
      renamed({
        tables: [table(custom('cf_2')), list('cf_1', VALUE), list('cf_2', VALUE), objects, deeper],
        labels: [label('cf_1', 'Tags'), label('cf_2', 'Teams'), label('cf_3', 'Rows')],
      }),
    ).toEqual([
      'teams <- custom_cf_2',
      'tags <- leads__custom_cf_1',
      'teams_list <- leads__custom_cf_2',
    ])
  })

  it('are the same whatever the order of the definitions', () => {
    const tables = [table(custom('cf_1'), custom('cf_2'), custom('cf_3'))] as const
    const labels = [label('cf_1', 'Name'), label('cf_2', 'name'), label('cf_3', 'Tier')]
    expect(renamed({ tables, labels: labels.toReversed() })).toEqual(renamed({ tables, labels }))
  })
})
