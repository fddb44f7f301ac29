import { type CreateTableBuilder, type Kysely, type Migration, sql } from 'kysely'
import type { Capabilities } from '../destination.ts'

/** The numbered steps that bring a dataset's system tables up to date. A released step never changes. */
export function systemMigrations(capabilities: Capabilities): Record<string, Migration> {
  return {
    '0001_system_tables': { up: (db) => createSystemTables(db, capabilities) },
    '0002_commands_deletes_rejects': { up: (db) => addCommandsDeletesRejects(db, capabilities) },
  }
}

async function createSystemTables(db: Kysely<unknown>, { types }: Capabilities): Promise<void> {
  const text = sql.raw(types.text)
  const integer = sql.raw(types.bigint)
  const timestamp = sql.raw(types.timestamp)
  const json = sql.raw(types.json)
  const create = (table: string): CreateTableBuilder<string> => db.schema.createTable(table)

  await create('_dlt_loads')
    .addColumn('load_id', text, (column) => column.primaryKey().notNull())
    .addColumn('schema_name', text, (column) => column.notNull())
    .addColumn('status', integer, (column) => column.notNull())
    .addColumn('inserted_at', timestamp, (column) => column.notNull())
    .addColumn('schema_version_hash', text)
    .execute()
  await db.schema
    .createIndex('_sluice_ix_dlt_loads_schema_name')
    .on('_dlt_loads')
    .columns(['schema_name', 'load_id'])
    .execute()
  await create('_sluice_bookmarks')
    .addColumn('endpoint', text, (column) => column.notNull())
    .addColumn('partition', text, (column) => column.notNull())
    .addColumn('state', json, (column) => column.notNull())
    .addColumn('updated_at', timestamp, (column) => column.notNull())
    .addColumn('load_id', text)
    .addPrimaryKeyConstraint('_sluice_bookmarks_pk', ['endpoint', 'partition'])
    .execute()
  await create('_sluice_windows')
    .addColumn('endpoint', text, (column) => column.notNull())
    .addColumn('partition', text, (column) => column.notNull())
    .addColumn('window_from', text, (column) => column.notNull())
    .addColumn('window_to', text, (column) => column.notNull())
    .addColumn('status', text, (column) => column.notNull())
    .addColumn('load_id', text)
    .addColumn('updated_at', timestamp, (column) => column.notNull())
    .addPrimaryKeyConstraint('_sluice_windows_pk', [
      'endpoint',
      'partition',
      'window_from',
      'window_to',
    ])
    .execute()
  await create('_sluice_runs')
    .addColumn('run_id', text, (column) => column.primaryKey().notNull())
    .addColumn('pipeline', text, (column) => column.notNull())
    .addColumn('status', text, (column) => column.notNull())
    .addColumn('started_at', timestamp, (column) => column.notNull())
    .addColumn('finished_at', timestamp)
    .addColumn('trigger', text, (column) => column.notNull())
    .addColumn('version', text, (column) => column.notNull())
    .addColumn('requests', integer, (column) => column.notNull())
    .addColumn('records', integer, (column) => column.notNull())
    .addColumn('rejected', integer, (column) => column.notNull())
    .addColumn('error', text)
    .addColumn('summary', json)
    .execute()
  await create('_sluice_run_endpoints')
    .addColumn('run_id', text, (column) => column.notNull())
    .addColumn('endpoint', text, (column) => column.notNull())
    .addColumn('status', text, (column) => column.notNull())
    .addColumn('requests', integer, (column) => column.notNull())
    .addColumn('pages', integer, (column) => column.notNull())
    .addColumn('records', integer, (column) => column.notNull())
    .addColumn('rejected', integer, (column) => column.notNull())
    .addColumn('retries', integer, (column) => column.notNull())
    .addColumn('waited_ms', integer, (column) => column.notNull())
    .addColumn('error', text)
    .addPrimaryKeyConstraint('_sluice_run_endpoints_pk', ['run_id', 'endpoint'])
    .execute()
  await create('_sluice_schema')
    .addColumn('endpoint', text, (column) => column.notNull())
    .addColumn('version', integer, (column) => column.notNull())
    .addColumn('version_hash', text, (column) => column.notNull())
    .addColumn('schema', text, (column) => column.notNull())
    .addColumn('changes', text, (column) => column.notNull())
    .addColumn('load_id', text, (column) => column.notNull())
    .addColumn('inserted_at', timestamp, (column) => column.notNull())
    .addPrimaryKeyConstraint('_sluice_schema_pk', ['endpoint', 'version'])
    .execute()
  // The record is text, not jsonb: a reject must never be rejected once more.
  await create('_sluice_rejects')
    .addColumn('run_id', text, (column) => column.notNull())
    .addColumn('load_id', text, (column) => column.notNull())
    .addColumn('endpoint', text, (column) => column.notNull())
    .addColumn('reason', text, (column) => column.notNull())
    .addColumn('record', text, (column) => column.notNull())
    .addColumn('rejected_at', timestamp, (column) => column.notNull())
    .execute()
  await create('_sluice_tokens')
    .addColumn('source', text, (column) => column.primaryKey().notNull())
    .addColumn('token', text, (column) => column.notNull())
    .addColumn('updated_at', timestamp, (column) => column.notNull())
    .execute()
  await create('_sluice_lock')
    .addColumn('id', integer, (column) => column.primaryKey().notNull())
    .addColumn('run_id', text, (column) => column.notNull())
    .addColumn('pipeline', text, (column) => column.notNull())
    .addColumn('host', text, (column) => column.notNull())
    .addColumn('pid', integer, (column) => column.notNull())
    .addColumn('process', text, (column) => column.notNull())
    .addColumn('since_ms', integer, (column) => column.notNull())
    .addColumn('heartbeat_ms', integer, (column) => column.notNull())
    .execute()
}

async function addCommandsDeletesRejects(
  db: Kysely<unknown>,
  { types }: Capabilities,
): Promise<void> {
  const text = sql.raw(types.text)
  const integer = sql.raw(types.bigint)
  await db.schema
    .alterTable('_sluice_runs')
    .addColumn('command', text, (column) => column.notNull().defaultTo('sync'))
    .execute()
  await db.schema
    .alterTable('_sluice_run_endpoints')
    .addColumn('deleted', integer, (column) => column.notNull().defaultTo(0))
    .execute()
  // By its hash a record is found that is rejected once more.
  await db.schema.alterTable('_sluice_rejects').addColumn('record_hash', text).execute()
  await db.schema
    .createIndex('_sluice_ix_sluice_rejects_hash')
    .on('_sluice_rejects')
    .columns(['endpoint', 'record_hash'])
    .execute()
}
