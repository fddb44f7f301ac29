import type { Kysely } from 'kysely'
import { type JsonRecord, parseJson, stringifyJson } from '../core/json.ts'
import type { Timestamp } from '../core/time.ts'
import type { Reader } from '../load/destination.ts'
import type { SystemTables } from '../load/sql/system-tables.ts'
import type { EndpointRunRecord, RunQuery, RunRecord } from './types.ts'

export async function insertRun(db: Kysely<SystemTables>, run: RunRecord): Promise<void> {
  await db
    .insertInto('_sluice_runs')
    .values({ ...toRow(run), requests: 0, records: 0, rejected: 0 })
    .onConflict((conflict) => conflict.column('run_id').doNothing())
    .execute()
}

/** Runs whose process died without a word: the lock they held is now another run's. */
export async function markDeadRuns(db: Kysely<SystemTables>, current: string): Promise<void> {
  await db
    .updateTable('_sluice_runs')
    .set({ status: 'interrupted', error: 'the process ended without finishing the run' })
    .where('status', '=', 'running')
    .where('run_id', '!=', current)
    .execute()
}

/** Stores the end of a run and what its endpoints did. */
export async function updateRun(
  db: Kysely<SystemTables>,
  run: RunRecord,
  endpoints: readonly EndpointRunRecord[],
): Promise<void> {
  const total = (count: (endpoint: EndpointRunRecord) => number) =>
    endpoints.reduce((sum, endpoint) => sum + count(endpoint), 0)
  const row = {
    ...toRow(run),
    requests: total((endpoint) => endpoint.requests),
    records: total((endpoint) => endpoint.records),
    rejected: total((endpoint) => endpoint.rejected),
  }
  await db
    .insertInto('_sluice_runs')
    .values(row)
    .onConflict((conflict) => conflict.column('run_id').doUpdateSet(row))
    .execute()
  for (const { waitedMs, ...endpoint } of endpoints) {
    const line = { run_id: run.runId, ...endpoint, waited_ms: Math.round(waitedMs) }
    await db
      .insertInto('_sluice_run_endpoints')
      .values(line)
      .onConflict((conflict) => conflict.columns(['run_id', 'endpoint']).doUpdateSet(line))
      .execute()
  }
}

export async function readRuns(
  reader: Reader,
  { limit, pipeline, command, status }: RunQuery,
): Promise<RunRecord[]> {
  const knowsCommand = await hasColumn(reader, '_sluice_runs', 'command')
  const rows = await reader.db
    .selectFrom('_sluice_runs')
    .select(['run_id', 'pipeline', 'status', 'started_at', 'finished_at', 'trigger', 'version'])
    .select(['error', 'summary'])
    .$if(knowsCommand, (runs) => runs.select('command'))
    .$if(pipeline !== undefined, (runs) => runs.where('pipeline', '=', pipeline!))
    .$if(command !== undefined && knowsCommand, (runs) => runs.where('command', '=', command!))
    .$if(status !== undefined, (runs) => runs.where('status', '=', status!))
    .orderBy('started_at', 'desc')
    .orderBy('run_id', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    runId: row.run_id,
    pipeline: row.pipeline,
    command: (row.command ?? 'sync') as RunRecord['command'],
    status: row.status as RunRecord['status'],
    startedAt: reader.decode('timestamp', row.started_at) as Timestamp,
    finishedAt: reader.decode('timestamp', row.finished_at) as Timestamp | null,
    trigger: row.trigger,
    version: row.version,
    error: row.error,
    summary: row.summary === null ? null : (parseJson(row.summary).value as JsonRecord),
  }))
}

export async function readRunEndpoints(
  reader: Reader,
  runId: string,
): Promise<EndpointRunRecord[]> {
  const knowsDeleted = await hasColumn(reader, '_sluice_run_endpoints', 'deleted')
  const rows = await reader.db
    .selectFrom('_sluice_run_endpoints')
    .select(['endpoint', 'status', 'requests', 'pages', 'records', 'rejected', 'retries'])
    .select(['waited_ms', 'error'])
    .$if(knowsDeleted, (endpoints) => endpoints.select('deleted'))
    .where('run_id', '=', runId)
    .orderBy('endpoint')
    .execute()
  return rows.map((row) => ({
    endpoint: row.endpoint,
    status: row.status as EndpointRunRecord['status'],
    requests: row.requests,
    pages: row.pages,
    records: row.records,
    rejected: row.rejected,
    deleted: row.deleted ?? 0,
    retries: row.retries,
    waitedMs: row.waited_ms,
    error: row.error,
  }))
}

/** A dataset that is only read is not migrated, and may be one that an earlier version left. */
async function hasColumn(reader: Reader, table: string, column: string): Promise<boolean> {
  return (await reader.columns([table])).get(table)?.has(column) ?? false
}

function toRow(run: RunRecord) {
  return {
    run_id: run.runId,
    pipeline: run.pipeline,
    command: run.command,
    status: run.status,
    started_at: run.startedAt,
    finished_at: run.finishedAt,
    trigger: run.trigger,
    version: run.version,
    error: run.error,
    summary: run.summary === null ? null : stringifyJson(run.summary),
  }
}
