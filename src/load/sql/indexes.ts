import { sql } from 'kysely'
import type { TableSchema } from '../../normalize/types.ts'
import type { LoadTransaction } from '../destination.ts'
import { ownName } from './names.ts'

/** An index that a table of the dataset is to have. */
export interface TableIndex {
  readonly name: string
  readonly table: string
  readonly columns: readonly string[]
  readonly unique: boolean
}

const PREFIX = '_sluice_ix_'

/** The index that rows are looked up by when they are merged. */
function idIndex(table: TableSchema, maxBytes: number): TableIndex {
  return index(table, ['_dlt_id'], true, maxBytes)
}

/**
 * Whether a key names one row (`unique`), or as many as have been appended with it (`repeated`). It is part
 * of the index's name, so that an endpoint that turns from one to the other gets another index.
 */
export type KeyUse = 'unique' | 'repeated'

/** Every index of a table: ids and links, the primary key, the cursor; and, for who follows its rows, their loads. */
export function indexesOf(table: TableSchema, key: KeyUse, maxBytes: number): TableIndex[] {
  const indexes = [idIndex(table, maxBytes)]
  if (table.parent !== null) {
    indexes.push(index(table, ['_dlt_parent_id'], false, maxBytes))
    indexes.push(index(table, ['_dlt_root_id'], false, maxBytes))
  } else {
    indexes.push(index(table, ['_dlt_load_id', '_dlt_id'], false, maxBytes))
  }
  if (table.primaryKey.length > 0) {
    indexes.push(index(table, table.primaryKey, key === 'unique', maxBytes))
  }
  if (table.cursor !== null && !table.primaryKey.includes(table.cursor)) {
    indexes.push(index(table, [table.cursor], false, maxBytes))
  }
  return indexes
}

function index(
  table: TableSchema,
  columns: readonly string[],
  unique: boolean,
  maxBytes: number,
): TableIndex {
  // The columns are set apart by a character that keeps a_b + c from reading like a + b_c.
  const parts = [table.name, ...columns, ...(unique ? ['unique'] : [])]
  const name = ownName(PREFIX, parts.join('-'), maxBytes)
  return { name, table: table.name, columns, unique }
}

/**
 * Gives the tables the indexes they lack and takes away those of an earlier schema (another primary key or
 * cursor). New tables are filled before they are indexed: that takes a third of the time.
 */
export async function ensureIndexes(
  trx: LoadTransaction,
  tables: readonly TableSchema[],
  key: KeyUse,
): Promise<void> {
  for (const [table, missing] of await dropOldIndexes(trx, tables, key)) {
    for (const index of missing) await createIndex(trx, index)
    // An index that the planner knows nothing about is not used.
    if (missing.length > 0) await trx.analyze(table.name)
  }
}

/** Gives a table the index that rows are looked up by, if it lacks it; does nothing where there is no such table. */
export async function ensureIdIndex(trx: LoadTransaction, table: TableSchema): Promise<void> {
  if (!(await trx.columns([table.name])).has(table.name)) return
  const index = idIndex(table, trx.capabilities.maxIdentifierBytes)
  const present = await trx.indexes([table.name])
  if (present.get(table.name)?.has(index.name)) return
  await createIndex(trx, index)
  await trx.analyze(table.name)
}

/**
 * Takes away the indexes of an earlier schema, which rows of this one may not fit. Returns those that each
 * table lacks.
 */
export async function dropOldIndexes(
  trx: LoadTransaction,
  tables: readonly TableSchema[],
  key: KeyUse,
): Promise<ReadonlyMap<TableSchema, readonly TableIndex[]>> {
  const present = await trx.indexes(tables.map((table) => table.name))
  const lacking = new Map<TableSchema, readonly TableIndex[]>()
  for (const table of tables) {
    const has = present.get(table.name) ?? new Set()
    const wanted = indexesOf(table, key, trx.capabilities.maxIdentifierBytes)
    for (const name of has) {
      if (name.startsWith(PREFIX) && !wanted.some((index) => index.name === name)) {
        await sql`drop index ${sql.id(name)}`.execute(trx.db)
      }
    }
    lacking.set(
      table,
      wanted.filter((index) => !has.has(index.name)),
    )
  }
  return lacking
}

async function createIndex(trx: LoadTransaction, index: TableIndex): Promise<void> {
  const kind = sql.raw(index.unique ? 'unique index' : 'index')
  const columns = sql.join(index.columns.map((column) => sql.id(column)))
  await sql`create ${kind} ${sql.id(index.name)} on ${sql.id(index.table)} (${columns})`.execute(
    trx.db,
  )
}
