import type { TokenStore } from '../http/auth/auth.ts'
import type { RowCounts, SchemaChange } from '../core/events.ts'
import type { JsonRecord, JsonValue } from '../core/json.ts'
import type { QueryResult } from '../load/destination.ts'
import type { DeleteMode, GoneRow, SweepCount, SweepScope } from '../load/sql/deletes.ts'
import type { KeyUse } from '../load/sql/indexes.ts'
import type { Cell, EndpointSchema, Reject, TableBatch, TableSchema } from '../normalize/types.ts'

/**
 * The bookmark of one partition of an endpoint, as plain JSON a person can read and edit.
 * `partition` is empty, or the parent's mapped values for a child endpoint.
 */
export type BookmarkState = JsonRecord

/** A range `[from, to)` of the cursor in the ledger of an endpoint's backfills, as the cursor's positions spell. */
export interface LedgerWindow {
  readonly partition: string
  readonly from: string
  readonly to: string
  readonly status: 'planned' | 'done'
}

/** A window to be put into the ledger with its status, in place of one with the same range; or taken out of it. */
export interface WindowUpdate extends Omit<LedgerWindow, 'status'> {
  readonly status: LedgerWindow['status'] | 'removed'
}

/** One committed unit: everything in it is written in one transaction, or nothing is. */
export interface Load {
  readonly loadId: string
  readonly runId: string
  readonly endpoint: string
  /** Every table of the endpoint as it is after this load: the one before, and what this load adds. */
  readonly schema: EndpointSchema
  /** What this load adds to the schema, for `_sluice_schema`. */
  readonly changes: readonly SchemaChange[]
  readonly batches: readonly TableBatch[]
  /**
   * Where the rows go: `merge` into the tables by `_dlt_id`, newest cursor wins; `append` to the tables;
   * `stage` beside the tables, where no reader sees them.
   */
  readonly write: 'merge' | 'append' | 'stage'
  /** With `merge`: rows are written, and belong to this load, also where nothing in them has changed. */
  readonly rewrites?: boolean
  /** With `merge`: the rows are the latest there are, whatever their cursors say, because they were asked for by their ids. */
  readonly latest?: boolean
  /**
   * What becomes of the staged rows once this load's own are added: nothing yet; they `replace` the tables'
   * rows; they are `append`ed to them. The stage is emptied by both.
   */
  readonly publish: 'none' | 'replace' | 'append'
  /**
   * Whether a primary key names one row, or, as in an endpoint that is appended to, as many as were read
   * with it.
   */
  readonly keys: KeyUse
  readonly bookmarks: readonly { readonly partition: string; readonly state: BookmarkState }[]
  /** What becomes of windows in the endpoint's ledger. */
  readonly windows: readonly WindowUpdate[]
  readonly rejects: readonly Reject[]
  /** Ids of rows that a full read has seen, noted for the sweep at its end. */
  readonly seen?: readonly string[]
  /** What becomes of rows that are gone at the source. */
  readonly deletes?: LoadDeletes
}

/** Rows that are gone, because a full read did not see them (`sweep`) or because events name them (`gone`). */
export interface LoadDeletes {
  readonly mode: DeleteMode
  readonly sweep?: {
    readonly scope: SweepScope
    /** When more than this share of the rows in scope would go, nothing is written: DELETES_REFUSED. Null for any. */
    readonly maxRatio: number | null
    /** Options of a sync that finds the same rows gone once more, for the hint of that error. */
    readonly again: readonly string[]
    /** The lists that were read, by partition: what bookmarks of others say goes with their rows. Null for all. */
    readonly lists: readonly string[] | null
  }
  readonly gone?: readonly GoneRow[]
}

export interface LoadResult {
  /** Rows by table that are there now as the load brought them, changed or not: all but those that were older. */
  readonly rows: RowCounts
  /** Rows marked or removed because they are gone. */
  readonly deleted: number
  /** Rows that had been marked, and are there again. */
  readonly restored: number
}

/** An endpoint one of whose tables lacks an index, and why. */
export interface IndexFailure {
  readonly endpoint: string
  readonly message: string
}

/** Something that keeps labels out of an endpoint's label view, or the view from being made. */
export interface LabelProblem {
  readonly endpoint: string
  readonly message: string
}

/** One line of `_sluice_runs`. */
export interface RunRecord {
  readonly runId: string
  readonly pipeline: string
  readonly command: 'sync' | 'backfill'
  readonly status: 'running' | 'ok' | 'partial' | 'failed' | 'interrupted'
  readonly startedAt: string
  readonly finishedAt: string | null
  readonly trigger: string
  readonly version: string
  readonly error: string | null
  /** The summary object that `--json` prints, once the run is over. */
  readonly summary: JsonRecord | null
}

/** Which runs to read: the newest `limit` of those of the pipeline, command and status, where given. */
export interface RunQuery {
  readonly limit: number
  readonly pipeline?: string
  readonly command?: RunRecord['command']
  readonly status?: RunRecord['status']
}

/** The values of one parent row that a child endpoint asked for, by the parent's field. */
export interface ParentRow {
  readonly id: string
  /** The load that wrote it. */
  readonly loadId: string
  readonly values: ReadonlyMap<string, JsonValue>
}

/** What is known of a row that is there. */
export interface KnownRow {
  /** The load that wrote it. */
  readonly loadId: string
  /** The value of the endpoint's cursor; null for none. */
  readonly cursor: Cell
  /** Whether it is marked as gone. */
  readonly isDeleted: boolean
}

export interface ParentQuery {
  /** The parent endpoint's own table, or its stage. */
  readonly table: TableSchema
  readonly staged: boolean
  /** Dotted paths of the fields wanted, each a column of the table. */
  readonly fields: readonly string[]
  /** Only rows written by a load after this one, for `only_changed`. */
  readonly changedAfter: string | null
}

/** The tables of one pipeline in an open destination, and everything Sluice keeps beside them. */
export interface Dataset {
  /** Longest table or column name in bytes. */
  readonly maxIdentifierBytes: number

  /** Takes the dataset's lock for this run. Throws RUN_LOCKED, saying who holds it since when. */
  lock(holder: { readonly runId: string; readonly pipeline: string }): Promise<void>
  unlock(): Promise<void>

  /** The newest schema of every endpoint ever loaded. */
  schemas(): Promise<readonly EndpointSchema[]>
  bookmark(endpoint: string, partition: string): Promise<BookmarkState | null>
  /** The bookmarks of one endpoint, or of all, in the order of endpoint and partition. */
  bookmarks(
    endpoint?: string,
  ): Promise<
    readonly { endpoint: string; partition: string; state: BookmarkState; updatedAt: string }[]
  >
  /** Sets a bookmark by hand; a load sets its own in {@link commit}. */
  setBookmark(endpoint: string, partition: string, state: BookmarkState): Promise<void>
  /** Where a source's rotated refresh token is kept, encrypted under `secret`. */
  tokens(source: string, secret: string): TokenStore
  /** Forgets what has been read of an endpoint: its bookmarks, and the ledger of its backfills. */
  resetBookmarks(endpoint: string): Promise<void>
  /** The ledger of an endpoint's backfills, in no particular order. */
  windows(endpoint: string): Promise<readonly LedgerWindow[]>

  /**
   * Writes one load. Throws LOAD_FAILED with nothing changed, its `details.badValue` true when a value is at fault; or
   * RUN_LOCKED when the lock was lost.
   */
  commit(load: Load): Promise<LoadResult>
  /**
   * Why a load could not be written because of a value in it; null when it could. It is written and taken back to find
   * out.
   */
  valueProblem(load: Load): Promise<string | null>
  /**
   * Drops what is staged for this endpoint and not published. What an earlier run left is dropped with the
   * first load already: a stage belongs to one run.
   */
  clearStage(endpoint: string): Promise<void>
  /** How many of an endpoint's rows a sweep would find unseen, by what this run's loads have noted. */
  countUnseen(endpoint: string, scope: SweepScope): Promise<SweepCount>
  /** Drops what loads with this id or a greater one have staged for the endpoint. */
  unstage(endpoint: string, since: string): Promise<void>
  /** Rows of a parent, in the order of their ids; memory holds one slice of them. */
  parents(query: ParentQuery): AsyncIterable<ParentRow>
  /** Those of the rows with these ids that are in the endpoint's own table, by id. */
  knownRows(table: TableSchema, ids: readonly string[]): Promise<ReadonlyMap<string, KnownRow>>
  /** The greatest load id of the table's endpoint, or of all; null before the first load. */
  newestLoad(table: TableSchema | null): Promise<string | null>

  /** Adds a run; runs still called running are marked interrupted, since the lock is this run's. */
  startRun(run: RunRecord): Promise<void>
  /**
   * Indexes the tables made since the dataset was opened, which is quicker than to fill indexed ones. Returns
   * what could not be indexed; the rows are safe, and the next load tries again. Costs nothing when repeated.
   */
  completeIndexes(): Promise<readonly IndexFailure[]>
  /**
   * Makes, renews and drops label views where no load has done it: for a configuration that has changed, or a view that
   * somebody has dropped. `synced` are the endpoints that this run has read. Returns what keeps labels out of them.
   */
  settleLabelViews(synced: ReadonlySet<string>): Promise<readonly LabelProblem[]>
  /**
   * Stores how a run went, drops what it staged and did not publish, and, unless it was interrupted, does
   * what is left to {@link completeIndexes}.
   */
  finishRun(run: RunRecord, endpoints: readonly EndpointRunRecord[]): Promise<void>
  /** Runs, newest first. */
  runs(query: RunQuery): Promise<readonly RunRecord[]>
  /** What each endpoint did in a run, by name. */
  runEndpoints(runId: string): Promise<readonly EndpointRunRecord[]>
  /** Row counts of every table of the dataset, by table. */
  rowCounts(): Promise<ReadonlyMap<string, number>>
  /** Runs one SQL statement that only reads. Throws USAGE when it is none, or not valid. */
  query(sql: string): Promise<QueryResult>
  close(): Promise<void>
}

/** One line of `_sluice_run_endpoints`. */
export interface EndpointRunRecord {
  readonly endpoint: string
  readonly status: 'ok' | 'failed' | 'skipped'
  readonly requests: number
  readonly pages: number
  readonly records: number
  readonly rejected: number
  readonly deleted: number
  readonly retries: number
  readonly waitedMs: number
  readonly error: string | null
}
