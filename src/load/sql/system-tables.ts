/**
 * Columns of the tables that Sluice keeps in every dataset. Times are timestamps, `state` and `summary`
 * JSON, as the destination's column types have them; see `migrations.ts`.
 */
export interface SystemTables {
  _dlt_loads: {
    load_id: string
    schema_name: string
    status: number
    inserted_at: string
    schema_version_hash: string
  }
  _sluice_bookmarks: {
    endpoint: string
    partition: string
    state: string
    updated_at: string
    /** Null when a person set the bookmark. */
    load_id: string | null
  }
  _sluice_windows: {
    endpoint: string
    partition: string
    window_from: string
    window_to: string
    status: 'planned' | 'done'
    load_id: string | null
    updated_at: string
  }
  _sluice_runs: {
    run_id: string
    pipeline: string
    /** `sync` or `backfill`. */
    command: string
    status: string
    started_at: string
    finished_at: string | null
    trigger: string
    version: string
    requests: number
    records: number
    rejected: number
    error: string | null
    summary: string | null
  }
  _sluice_run_endpoints: {
    run_id: string
    endpoint: string
    status: string
    requests: number
    pages: number
    records: number
    rejected: number
    deleted: number
    retries: number
    waited_ms: number
    error: string | null
  }
  _sluice_schema: {
    endpoint: string
    version: number
    version_hash: string
    schema: string
    changes: string
    load_id: string
    inserted_at: string
  }
  _sluice_rejects: {
    run_id: string
    load_id: string
    endpoint: string
    reason: string
    record: string
    rejected_at: string
    /** Null in lines of versions before it. */
    record_hash: string | null
  }
  _sluice_tokens: {
    source: string
    /** Encrypted: see state/tokens.ts. */
    token: string
    updated_at: string
  }
  _sluice_lock: {
    /** Always 1: there is one lock. */
    id: number
    run_id: string
    pipeline: string
    host: string
    pid: number
    process: string
    since_ms: number
    heartbeat_ms: number
  }
  _sluice_migrations: { name: string; timestamp: string }
}
