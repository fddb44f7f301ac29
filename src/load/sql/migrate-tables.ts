import { sql } from 'kysely'
import type { Column, TableSchema } from '../../normalize/types.ts'
import type { LoadTransaction, Widening } from '../destination.ts'

export interface TableMigration {
  /** The tables as they are to be. */
  readonly tables: readonly TableSchema[]
  /** For each of them its schema as it was last stored, which says what types its columns have now. */
  readonly stored: readonly (TableSchema | undefined)[]
}

/** A record has so many keys that its table would be wider than the database allows. */
export class TooManyColumns extends Error {
  override readonly name = 'TooManyColumns'

  constructor(table: string, columns: number, maxColumns: number) {
    super(
      `table ${table} would have ${columns} columns, more than the ${maxColumns} that there can be`,
    )
  }
}

/**
 * Creates the tables and columns that are missing and widens the columns whose type has grown. Nothing is
 * ever dropped. New tables have no index. Returns the names of the tables that were created.
 */
export async function migrateTables(
  trx: LoadTransaction,
  { tables, stored }: TableMigration,
): Promise<ReadonlySet<string>> {
  const { maxColumns } = trx.capabilities
  // Adding the columns one by one until the database refuses takes seconds.
  for (const { name, columns } of tables) {
    if (columns.length > maxColumns) throw new TooManyColumns(name, columns.length, maxColumns)
  }
  const present = await trx.columns(tables.map((table) => table.name))
  const created = new Set<string>()
  for (const [position, table] of tables.entries()) {
    const columns = present.get(table.name)
    if (columns === undefined) {
      await createTable(trx, table)
      created.add(table.name)
      continue
    }
    for (const column of table.columns) {
      if (!columns.has(column.name)) await addColumn(trx, table, column)
    }
    const before = stored[position]
    const widenings = before ? widened(before, table, columns) : []
    if (widenings.length > 0) await trx.widen(table.name, widenings)
  }
  return created
}

function widened(
  before: TableSchema,
  after: TableSchema,
  present: ReadonlySet<string>,
): Widening[] {
  const types = new Map(before.columns.map((column) => [column.name, column.type]))
  return after.columns.flatMap(({ name, type }) => {
    const from = types.get(name)
    if (from === undefined || from === type || !present.has(name)) return []
    return [{ column: name, from, to: type }]
  })
}

async function createTable(trx: LoadTransaction, table: TableSchema): Promise<void> {
  // People read a table from the left: the data come first, the links to other tables last.
  const columns = table.columns.toSorted((a, b) => Number(isLink(a)) - Number(isLink(b)))
  const definitions = sql.join(columns.map((column) => definition(trx, column)))
  await sql`create table ${sql.id(table.name)} (${definitions})`.execute(trx.db)
}

async function addColumn(trx: LoadTransaction, table: TableSchema, column: Column): Promise<void> {
  await sql`alter table ${sql.id(table.name)} add column ${definition(trx, column)}`.execute(trx.db)
}

function definition(trx: LoadTransaction, column: Column) {
  const notNull = sql.raw(column.name === '_dlt_id' ? ' not null' : '')
  return sql`${sql.id(column.name)} ${sql.raw(trx.capabilities.types[column.type])}${notNull}`
}

function isLink(column: Column): boolean {
  return column.name.startsWith('_dlt_') || column.name.startsWith('_sluice_')
}
