import { type RawBuilder, sql } from 'kysely'
import type { TableSchema } from '../../normalize/types.ts'
import type { LoadTransaction, Reader } from '../destination.ts'
import { isSeenTable } from './deletes.ts'
import { dropOldIndexes, type KeyUse } from './indexes.ts'
import { ownName } from './names.ts'

const PREFIX = '_sluice_stage_'

/** A table under the name of its stage: where rows wait, unseen, until a complete read publishes them. */
export function stageOf(reader: Reader, table: TableSchema): TableSchema {
  const name = ownName(PREFIX, table.name, reader.capabilities.maxIdentifierBytes)
  return { ...table, name }
}

/**
 * Makes the staged rows the tables' rows: `replace` deletes what was there, so that no rows staged empties
 * the tables; `append` adds those whose root id is not there yet. The stage is gone afterwards. Tables whose
 * rows are replaced may lack indexes: see `ensureIndexes`.
 */
export async function publishStage(
  trx: LoadTransaction,
  tables: readonly TableSchema[],
  { how, keys }: { readonly how: 'replace' | 'append'; readonly keys: KeyUse },
): Promise<void> {
  const root = tables[0]!
  if (how === 'replace') {
    for (const table of tables) await sql`delete from ${sql.id(table.name)}`.execute(trx.db)
    await dropOldIndexes(trx, tables, keys)
  }
  // Child rows first: they are new as long as their root row is.
  for (const table of tables.toReversed()) {
    const columns = sql.join(table.columns.map((column) => sql.id(column.name)))
    const link = table === root ? '_dlt_id' : '_dlt_root_id'
    const filter: RawBuilder<unknown> =
      how === 'replace'
        ? sql``
        : sql` where not exists (select 1 from ${sql.id(root.name)} as there
            where ${sql.id('there', '_dlt_id')} = ${sql.id('staged', link)})`
    await sql`insert into ${sql.id(table.name)} (${columns})
      select ${columns} from ${sql.id(stageOf(trx, table).name)} as staged${filter}`.execute(trx.db)
  }
  await dropStage(trx, tables)
}

/** Drops the stages of these tables, as far as there are any. */
export async function dropStage(
  trx: LoadTransaction,
  tables: readonly TableSchema[],
): Promise<void> {
  await dropTables(
    trx,
    tables.map((table) => stageOf(trx, table).name),
  )
}

/** Deletes what was staged by a load and those after it. */
export async function deleteStaged(
  trx: LoadTransaction,
  tables: readonly TableSchema[],
  since: string,
): Promise<void> {
  const [root, ...children] = tables.map((table) => stageOf(trx, table).name)
  const rows = sql`from ${sql.id(root!)} where ${sql.id('_dlt_load_id')} >= ${since}`
  for (const child of children) {
    await sql`delete from ${sql.id(child)}
      where ${sql.id('_dlt_root_id')} in (select ${sql.id('_dlt_id')} ${rows})`.execute(trx.db)
  }
  await sql`delete ${rows}`.execute(trx.db)
}

/** Tables that belong to one run and are in the dataset, of whatever run: stages, and what was noted for a sweep. */
export async function leftoversOf(reader: Reader): Promise<readonly string[]> {
  return (await reader.tables()).filter((name) => name.startsWith(PREFIX) || isSeenTable(name))
}

/** Drops tables, as far as they are there. */
export async function dropTables(trx: LoadTransaction, names: readonly string[]): Promise<void> {
  for (const name of names) await sql`drop table if exists ${sql.id(name)}`.execute(trx.db)
}
