export { defineSource, type SourceDefinition } from './config/define-source.ts'
export { loadConfig, type LoadOptions } from './config/load.ts'
export type {
  Config,
  ResolvedEndpoint,
  ResolvedPipeline,
  ResolvedSource,
} from './config/resolved.ts'
export { backfill, type BackfillOptions } from './run/backfill.ts'
export {
  resetState,
  setState,
  showState,
  type ListState,
  type SetState,
  type SetStateOptions,
} from './run/bookmarks.ts'
export { planSync, type EndpointPlan, type PlanOptions, type SyncPlan } from './run/plan-sync.ts'
export type { RunOptions } from './run/perform-run.ts'
export { preview, type Preview, type ReadOptions } from './run/preview.ts'
export { status, type PipelineStatus } from './run/status.ts'
export { sync, type SyncOptions } from './run/sync.ts'
export type {
  EndpointStatus,
  EndpointSummary,
  ErrorSummary,
  RunStatus,
  RunSummary,
} from './run/summary.ts'

export { ERROR_CODES, SluiceError, TransientError, type ErrorCode } from './core/errors.ts'
export type { Emit, RowCounts, RunEvent, SchemaChange } from './core/events.ts'
export { createLogger, type Logger, type LogFields, type LogLevel } from './core/log.ts'
export type { Clock } from './core/clock.ts'
export type { JsonRecord, JsonValue } from './core/json.ts'
export { VERSION } from './core/version.ts'

export { registerAuth, registerDestination, registerPaginator } from './run/register.ts'
// What a custom paginator, auth, destination or transform is made of.
export type { Variant } from './core/registry.ts'
export type { Auth, AuthContext, Credentials, TokenStore } from './http/auth/auth.ts'
export type { Counting, PaginationContext, Paginator } from './http/pagination/paginator.ts'
export type { Params, QueryStyle, RestRequest, RestResponse } from './http/types.ts'
export type { TransformFunction } from './extract/transform.ts'
export type {
  Capabilities,
  Destination,
  DestinationContext,
  FailureKind,
  LoadTransaction,
  QueryResult,
  Reader,
  RowsForTable,
  RowsToMerge,
  Widening,
} from './load/destination.ts'
export type {
  Cell,
  Column,
  DataType,
  EndpointSchema,
  TableBatch,
  TableSchema,
} from './normalize/types.ts'
