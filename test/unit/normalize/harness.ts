import type { JsonRecord } from '../../../src/core/json.ts'
import {
  createNormalizer,
  type Normalizer,
  type NormalizerOptions,
} from '../../../src/normalize/normalizer.ts'
import type { Cell, NormalizedPage, TableSchema } from '../../../src/normalize/types.ts'

const OPTIONS: NormalizerOptions = {
  endpoint: 'items',
  tableName: 'items',
  primaryKey: [],
  keyed: false,
  cursorPath: null,
  columns: {},
  jsonColumns: [],
  maxNesting: 10,
  contract: { tables: 'evolve', columns: 'evolve', data_type: 'evolve' },
  naming: 'snake_case',
  marksDeleted: false,
  maxIdentifierBytes: 63,
  known: null,
  takenTables: new Set(),
}

/** A normalizer for an endpoint `items` without a key, but for what is given. */
export function normalizer(options: Partial<NormalizerOptions> = {}): Normalizer {
  return createNormalizer({ ...OPTIONS, ...options })
}

/** One page of records through a normalizer of its own. */
export function normalize(
  records: readonly unknown[],
  options: Partial<NormalizerOptions> = {},
): NormalizedPage {
  return page(normalizer(options), records)
}

export function page(into: Normalizer, records: readonly unknown[], position = 0): NormalizedPage {
  return into.normalize(records as JsonRecord[], { loadId: 'load-1', position })
}

/** The rows of a page by table, each as an object of what is not null, without Sluice's own columns. */
export function rows({ batches }: NormalizedPage): Record<string, Record<string, Cell>[]> {
  const byTable: Record<string, Record<string, Cell>[]> = {}
  for (const { table, rows } of batches) {
    const all = (byTable[table.name] ??= [])
    all.push(...rows.map((row) => dataOf(table, row)))
  }
  return byTable
}

/** The row ids of one table of a page, in the order of the rows. */
export function idsOf({ batches }: NormalizedPage, table: string): Cell[] {
  const own = batches.filter((batch) => batch.table.name === table)
  return own.flatMap((batch) => batch.rows.map((row) => row[0] ?? null))
}

function dataOf(table: TableSchema, row: readonly Cell[]): Record<string, Cell> {
  if (row.length > table.columns.length) throw new Error(`a row is wider than ${table.name}`)
  return Object.fromEntries(
    table.columns.flatMap(({ name, path }, i) => {
      const cell = row[i]
      if (i < row.length && cell === undefined) throw new Error(`hole in ${table.name}.${name}`)
      return path === null || cell == null ? [] : [[name, cell]]
    }),
  )
}

/** Column types by name, without Sluice's own columns. */
export function types(table: TableSchema | undefined): Record<string, string> {
  return Object.fromEntries(
    (table?.columns ?? []).flatMap(({ name, type, path }) => (path === null ? [] : [[name, type]])),
  )
}
