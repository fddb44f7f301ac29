import type { RowCounts, SchemaChange } from '../core/events.ts'
import type { Timestamp } from '../core/time.ts'
import type { LoadTransaction } from '../load/destination.ts'
import { prepared } from '../load/sql/prepared.ts'
import { publishStage, stageOf } from '../load/sql/stage.ts'
import { type RowsToWrite, writeRows } from '../load/sql/write-rows.ts'
import type { EndpointSchema, TableSchema } from '../normalize/types.ts'
import { deleteBookmarks, writeBookmark } from './bookmarks.ts'
import { checkKey } from './check-key.ts'
import { writeDeletes } from './deletes.ts'
import type { Load, LoadResult } from './types.ts'
import type { EndpointTables } from './endpoint-tables.ts'
import { dropForWidening, followLoad, type LabelView, type SchemaOf } from './label-views.ts'
import { writeRejects } from './rejects.ts'
import { addSchemaVersion, type SchemaVersion, serializeSchema } from './schema-store.ts'
import { writeWindows } from './windows.ts'

/** What waits in an endpoint's stage. */
export interface Staged {
  /** What the stage's tables are like; the endpoint's own become so when the stage is published. */
  readonly schema: EndpointSchema
  readonly hash: string
  /** What staged loads added to the schema and no stored version has yet. */
  readonly changes: readonly SchemaChange[]
  /** Hashes of the schemas that staged loads were written with and that are not stored. */
  readonly hashes: readonly string[]
}

/** What a load is written with: the state of its endpoint as this process knows it. */
export interface LoadContext {
  /** The newest version in `_sluice_schema`, which is what the endpoint's tables are like. */
  readonly stored: SchemaVersion | null
  readonly staged: Staged | null
  readonly tables: EndpointTables
  readonly stage: EndpointTables
  /** The label views to keep up to date, and the schemas of other endpoints. */
  readonly labelViews: readonly LabelView[]
  readonly schemaOf: SchemaOf
  readonly now: Timestamp
}

/** What a load has written, and the state of its endpoint afterwards. */
export interface WrittenLoad extends LoadResult {
  readonly stored: SchemaVersion | null
  readonly staged: Staged | null
}

/**
 * Writes one load inside its transaction. The endpoint's tables and the stored schema change together, and
 * only by a load that is not merely staged.
 */
export async function writeLoad(
  trx: LoadTransaction,
  load: Load,
  context: LoadContext,
): Promise<WrittenLoad> {
  const { schema } = load
  const { text, hash } = serializeSchema(schema)
  const { endpoint, loadId } = load
  const { stored, now } = context
  const changed = stored?.hash !== hash
  const published = load.write !== 'stage' || load.publish !== 'none'
  if (published && changed && stored) await checkKey(trx, load, stored.schema)
  const dropped = published && changed && (await dropForWidening(trx, schema, stored?.schema))
  const counts = await writeTables(trx, load, { ...context, hash, changed, published })
  const { deleted, restored } = await writeDeletes(trx, load, now)
  if (published) {
    const { labelViews: views, schemaOf } = context
    await followLoad(trx, load, { views, schemaOf, changed, dropped })
  }

  const pending = pendingOf(load, context.staged, changed ? hash : null)
  let version = stored
  if (published && changed) {
    version = { version: (stored?.version ?? 0) + 1, hash, schema }
    const { changes, hashes } = pending
    await addSchemaVersion(trx, { ...version, text, endpoint, changes, loadId, now })
    await renameVersions(trx, endpoint, hashes, hash)
  }
  await writeRejects(trx, load, now)
  // What older bookmarks say was in rows that are gone now.
  if (load.publish === 'replace') await deleteBookmarks(trx, endpoint)
  for (const bookmark of load.bookmarks) {
    await writeBookmark(trx.db, { ...bookmark, endpoint, loadId, now })
  }
  await writeWindows(trx.db, load.windows, { endpoint, loadId, now })
  await insertLoad(trx.db, { loadId, endpoint, now, hash })
  const waiting = isStaged(load) ? { schema, hash } : context.staged
  const unstored = published ? { changes: [], hashes: [] } : pending
  return {
    rows: countsByTable(schema.tables, counts),
    deleted,
    restored,
    stored: version,
    staged: load.publish === 'none' && waiting ? { ...waiting, ...unstored } : null,
  }
}

const insertLoad = prepared<{ loadId: string; endpoint: string; now: Timestamp; hash: string }>(
  (db, parameter) =>
    db.insertInto('_dlt_loads').values({
      load_id: parameter('loadId'),
      schema_name: parameter('endpoint'),
      status: 0,
      inserted_at: parameter('now'),
      schema_version_hash: parameter('hash'),
    }),
)

interface TablesContext extends LoadContext {
  readonly hash: string
  readonly changed: boolean
  readonly published: boolean
}

/** Writes the rows to the tables or the stage, and publishes the stage. Returns counts by table. */
async function writeTables(
  trx: LoadTransaction,
  load: Load,
  { stored, staged, tables, stage, hash, changed, published }: TablesContext,
): Promise<readonly number[]> {
  const { schema } = load
  const stageTables = schema.tables.map((table) => stageOf(trx, table))
  if (published) {
    const before = tablesBefore(schema, stored?.schema)
    await tables.prepare(trx, { tables: schema.tables, stored: before, changed })
  }
  if (isStaged(load) || load.publish !== 'none') {
    const before = tablesBefore(schema, staged?.schema)
    const grown = staged?.hash !== hash
    await stage.prepare(trx, { tables: stageTables, stored: before, changed: grown })
  }
  const [target, state] =
    load.write === 'stage' ? [stageTables, stage] : ([schema.tables, tables] as const)
  // New tables are indexed when the run ends, which takes a third of the time; others have their indexes.
  const completeIndexes = async () => {
    if (!tables.isNew()) await tables.completeIndexes(trx, schema.tables, load.keys)
  }
  // Rows that are to be replaced need not fit the indexes of those that come.
  if (published && load.publish !== 'replace') await completeIndexes()
  const counts = await writeRows(trx, {
    tables: target,
    batches: placed(load, schema),
    existing: existingRule(load, schema),
    unchanged: load.write === 'merge' && !load.rewrites ? 'stays' : 'written',
    mayHold: (ids) => state.mayHold(trx, target[0]!, ids),
    beforeReplace: () =>
      state.completeIndexes(trx, target, load.write === 'stage' ? 'repeated' : load.keys),
  })
  const [root] = schema.tables
  if (load.publish !== 'none' && root) {
    // Rows that are added are looked up before; those that replace others are there when it is done.
    if (load.publish === 'append') await tables.indexIds(trx, root)
    await publishStage(trx, schema.tables, { how: load.publish, keys: load.keys })
    await tables.indexIds(trx, root)
    stage.forget()
    await completeIndexes()
  }
  return counts
}

/** Whether the load adds to the stage; one that brings nothing but bookmarks makes no stage. */
function isStaged(load: Load): boolean {
  return load.write === 'stage' && (load.batches.length > 0 || load.changes.length > 0)
}

function tablesBefore(schema: EndpointSchema, before: EndpointSchema | undefined) {
  return schema.tables.map(({ name }) => before?.tables.find((table) => table.name === name))
}

function pendingOf(load: Load, staged: Staged | null, hash: string | null) {
  const hashes = new Set(staged?.hashes)
  if (hash !== null) hashes.add(hash)
  return { changes: [...(staged?.changes ?? []), ...load.changes], hashes: [...hashes] }
}

/** Staged loads named schemas that were never stored: they belong to the version that has what they added. */
async function renameVersions(
  trx: LoadTransaction,
  endpoint: string,
  hashes: readonly string[],
  hash: string,
): Promise<void> {
  if (hashes.every((other) => other === hash)) return
  await trx.db
    .updateTable('_dlt_loads')
    .set({ schema_version_hash: hash })
    .where('schema_name', '=', endpoint)
    .where(trx.isAmong('schema_version_hash', hashes))
    .execute()
}

function placed(load: Load, schema: EndpointSchema): RowsToWrite['batches'] {
  const positions = new Map(schema.tables.map((table, position) => [table.name, position]))
  return load.batches.map((batch) => ({ position: positions.get(batch.table.name)!, batch }))
}

/** Rows without a key never meet again: their ids say in which load they came. */
function existingRule(load: Load, schema: EndpointSchema): RowsToWrite['existing'] {
  if (load.write === 'merge') return load.latest ? 'latest' : 'newest'
  if (!schema.tables[0]?.primaryKey.length) return 'none'
  return load.write === 'append' ? 'first' : 'newest'
}

function countsByTable(tables: readonly TableSchema[], counts: readonly number[]): RowCounts {
  return Object.fromEntries(
    tables.map((table, i) => [table.name, counts[i]!] as const).filter(([, count]) => count > 0),
  )
}
