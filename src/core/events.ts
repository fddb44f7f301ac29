/** Rows written, by table. */
export type RowCounts = Readonly<Record<string, number>>

/** One change to a dataset's schema. */
export interface SchemaChange {
  readonly table: string
  /** Null when the change is the table itself. */
  readonly column: string | null
  readonly change: 'added' | 'widened' | 'renamed'
  /** The type a column has now; null for tables. */
  readonly type: string | null
  /** The type it had before (`widened`), or the source key whose plain name was taken (`renamed`). */
  readonly from?: string
}

/**
 * What a run says while it works. Progress, logs and metrics are made from these and nothing else.
 * `endpoint` is the endpoint's name; times are milliseconds.
 */
export type RunEvent =
  | {
      readonly type: 'run_started'
      readonly runId: string
      readonly pipeline: string
      readonly endpoints: readonly string[]
    }
  | { readonly type: 'endpoint_started'; readonly endpoint: string }
  | {
      readonly type: 'request'
      readonly endpoint: string
      readonly status: number
      readonly ms: number
      readonly bytes: number
    }
  | {
      readonly type: 'page'
      readonly endpoint: string
      readonly index: number
      readonly records: number
      readonly total: number | null
    }
  | {
      readonly type: 'load'
      readonly endpoint: string
      readonly loadId: string
      readonly rows: RowCounts
      readonly rejected: number
      /** Rows marked or removed because they are gone. */
      readonly deleted: number
    }
  | {
      /** A range of the cursor that is read as a unit: null is open to that side. */
      readonly type: 'window'
      readonly endpoint: string
      readonly from: string | null
      readonly to: string | null
      /** `split`: it was too large and is read again in parts; `skipped`: it could not be read. */
      readonly outcome: 'done' | 'split' | 'skipped'
      /** How many are left, as far as planned. */
      readonly left: number
    }
  | {
      /** Requests of an endpoint have to wait for a rate limit, from now on; others of it may do so at the same time. */
      readonly type: 'wait'
      readonly endpoint: string
      readonly ms: number
      readonly reason: string
      /** The rate group that is limited; `source` where it is the whole source. */
      readonly group: string
    }
  | {
      readonly type: 'retry'
      readonly endpoint: string
      readonly attempt: number
      readonly waitMs: number
      readonly reason: string
    }
  | { readonly type: 'schema_change'; readonly endpoint: string; readonly change: SchemaChange }
  | {
      readonly type: 'warning'
      readonly endpoint: string
      readonly code: string
      readonly message: string
    }
  | {
      readonly type: 'endpoint_finished'
      readonly endpoint: string
      readonly status: 'ok' | 'failed' | 'skipped'
    }
  | {
      readonly type: 'run_finished'
      readonly runId: string
      readonly status: 'ok' | 'partial' | 'failed' | 'interrupted'
    }

export type Emit = (event: RunEvent) => void
