import type { RowCounts } from '../core/events.ts'
import { stringifyJson } from '../core/json.ts'
import type { Timestamp } from '../core/time.ts'
import type { LoadTransaction } from '../load/destination.ts'
import { publishStage, stageOf } from '../load/sql/stage.ts'
import { type RowsToWrite, writeRows } from '../load/sql/write-rows.ts'
import type { Column, EndpointSchema, TableSchema } from '../normalize/types.ts'
import { writeBookmark } from './bookmarks.ts'
import type { Load } from './types.ts'
import type { EndpointTables } from './endpoint-tables.ts'
import { addSchemaVersion, type SchemaVersion, serializeSchema } from './schema-store.ts'

/** What a load is written with: the state of its endpoint as this process knows it. */
export interface LoadContext {
  readonly stored: SchemaVersion | null
  readonly tables: EndpointTables
  readonly stage: EndpointTables
  readonly now: Timestamp
}

/** Writes one load inside its transaction. Returns the rows written and the schema that is now stored. */
export async function writeLoad(
  trx: LoadTransaction,
  load: Load,
  { stored, tables, stage, now }: LoadContext,
): Promise<{ rows: RowCounts; version: SchemaVersion }> {
  const { schema } = load
  const { text, hash } = serializeSchema(schema)
  const changed = stored?.hash !== hash
  const staged = schema.tables.map((table) => stageOf(trx, table))
  const before = schema.tables.map(({ name }) =>
    stored?.schema.tables.find((table) => table.name === name),
  )

  await tables.prepare(trx, { tables: schema.tables, stored: before, changed })
  if (load.write === 'stage' || load.publish !== 'none') {
    await stage.prepare(trx, { tables: staged, stored: before, changed })
  }
  const [target, state] =
    load.write === 'stage' ? [staged, stage] : ([schema.tables, tables] as const)
  // New tables are indexed when the run ends, which takes a third of the time; others have their indexes.
  const completeIndexes = async () => {
    if (!tables.isNew()) await tables.completeIndexes(trx, schema.tables, load.keys)
  }
  // Rows that are to be replaced need not fit the indexes of those that come.
  if (load.write !== 'stage' || load.publish === 'append') await completeIndexes()
  const counts = await writeRows(trx, {
    tables: target,
    batches: placed(load, schema),
    existing: existingRule(load, schema),
    beforeReplace: () =>
      state.completeIndexes(trx, target, load.write === 'stage' ? 'repeated' : load.keys),
  })
  if (load.publish !== 'none' && schema.tables.length > 0) {
    await publishStage(trx, schema.tables, { how: load.publish, keys: load.keys })
    stage.forget()
    await completeIndexes()
  }

  const version = changed ? { version: (stored?.version ?? 0) + 1, hash, schema } : stored
  const { endpoint, loadId, changes } = load
  if (changed) {
    await addSchemaVersion(trx, { ...version, text, endpoint, changes, loadId, now })
  }
  await insertRejects(trx, load, now)
  for (const bookmark of load.bookmarks) {
    await writeBookmark(trx.db, { ...bookmark, endpoint, loadId, now })
  }
  await trx.db
    .insertInto('_dlt_loads')
    .values({
      load_id: loadId,
      schema_name: endpoint,
      status: 0,
      inserted_at: now,
      schema_version_hash: hash,
    })
    .execute()
  return { rows: countsByTable(schema.tables, counts), version }
}

function placed(load: Load, schema: EndpointSchema): RowsToWrite['batches'] {
  const positions = new Map(schema.tables.map((table, position) => [table.name, position]))
  return load.batches.map((batch) => ({ position: positions.get(batch.table.name)!, batch }))
}

/** Rows without a key never meet again: their ids say in which load they came. */
function existingRule(load: Load, schema: EndpointSchema): RowsToWrite['existing'] {
  if (load.write === 'merge') return 'newest'
  if (!schema.tables[0]?.primaryKey.length) return 'none'
  return load.write === 'append' ? 'first' : 'newest'
}

function countsByTable(tables: readonly TableSchema[], counts: readonly number[]): RowCounts {
  return Object.fromEntries(
    tables.map((table, i) => [table.name, counts[i]!] as const).filter(([, count]) => count > 0),
  )
}

const REJECT_COLUMNS: readonly Column[] = [
  { name: 'run_id', type: 'text', path: null },
  { name: 'load_id', type: 'text', path: null },
  { name: 'endpoint', type: 'text', path: null },
  { name: 'reason', type: 'text', path: null },
  { name: 'record', type: 'text', path: null },
  { name: 'rejected_at', type: 'timestamp', path: null },
]

async function insertRejects(trx: LoadTransaction, load: Load, now: Timestamp): Promise<void> {
  if (load.rejects.length === 0) return
  const rows = load.rejects.map(({ reason, record }) => [
    load.runId,
    load.loadId,
    load.endpoint,
    reason,
    stringifyJson(record),
    now,
  ])
  await trx.insert('_sluice_rejects', REJECT_COLUMNS, rows, 'fails')
}
