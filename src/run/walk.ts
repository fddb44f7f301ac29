import { isDeepStrictEqual } from 'node:util'
import type { JsonRecord, JsonValue } from '../core/json.ts'
import { createIncremental, type Incremental } from '../extract/incremental.ts'
import { readPages } from '../extract/pages.ts'
import type { ParentValues } from '../extract/parents.ts'
import { buildRequest, sendsLowerBound } from '../extract/request.ts'
import type { TemplateScope } from '../extract/template.ts'
import { paginators } from '../http/pagination/index.ts'
import { createCommitPolicy, type WriteMode } from './commit-policy.ts'
import type { RunContext } from './context.ts'
import type { Reader } from './reader.ts'
import type { BookmarkUpdate, EndpointWriter } from './writer.ts'

/** The part of a run that reading needs. */
export type WalkContext = Pick<
  RunContext,
  'pipeline' | 'client' | 'log' | 'emit' | 'signal' | 'startedAt'
>

export interface WalkOptions {
  /** Null for an endpoint without a parent. */
  readonly parent: ParentValues | null
  /** The bookmark to start from; null reads everything. */
  readonly state: JsonRecord | null
  readonly mode: WriteMode
  readonly writer: EndpointWriter
  readonly maxPages: number
}

export interface WalkResult {
  /** Whether the API had nothing left to read. */
  readonly complete: boolean
  readonly pages: number
  /** The bookmark of a complete walk that the caller is to commit: in `collect` mode. */
  readonly bookmark: BookmarkUpdate | null
  readonly before: string | null
  readonly after: string | null
}

/** Reads one list, an endpoint's own or that of one parent, and commits it page by page. */
export async function walk(
  reader: Reader,
  context: WalkContext,
  options: WalkOptions,
): Promise<WalkResult> {
  const { parent, mode, writer } = options
  const partition = parent?.partition ?? ''
  const policy = createCommitPolicy(mode)
  let committed = options.state
  let complete = false
  let pages = 0
  for await (const page of readRecords(reader, context, options)) {
    pages++
    complete = page.complete
    const { state } = page
    const moved =
      state !== null && (page.records.length > 0 || !isDeepStrictEqual(state, committed))
    const commit = policy.next(complete, moved ? { partition, state } : null)
    await writer.write(page.records, commit)
    if (moved && (mode === 'collect' || commit.bookmarks.length > 0)) committed = state
    if (!complete) context.signal.throwIfAborted()
  }
  const collected = mode === 'collect' && complete && committed !== options.state ? committed : null
  return {
    complete,
    pages,
    bookmark: collected && { partition, state: collected },
    before: spell(options.state),
    after: spell(committed),
  }
}

/** One page's records as they are to be loaded. */
export interface RecordsPage {
  readonly records: readonly JsonRecord[]
  /** Whether nothing is left to read after this page. */
  readonly complete: boolean
  /** The bookmark that may be committed once this page is; null for none. */
  readonly state: JsonRecord | null
}

export interface ReadOptions {
  readonly parent: ParentValues | null
  readonly state: JsonRecord | null
  readonly maxPages: number
}

/** The pages of one list after the incremental filter and the transforms, each with its bookmark. */
export async function* readRecords(
  reader: Reader,
  context: WalkContext,
  options: ReadOptions,
): AsyncGenerator<RecordsPage> {
  const { endpoint } = reader
  const incremental = startIncremental(reader, context, options)
  const scope = createScope(context, options.parent, incremental)
  for await (const page of openPages(reader, context, options, scope)) {
    context.emit({
      type: 'page',
      endpoint: endpoint.name,
      index: page.index,
      records: page.records.length,
      total: page.total,
    })
    if (page.nulsRemoved > 0) {
      const values = `${page.nulsRemoved} values`
      warn(context, endpoint.name, 'NUL_REMOVED', `removed the NUL characters of ${values}`)
    }
    const accepted = incremental?.accept(page.records, page.serverTime)
    const complete = page.last || accepted?.exhausted === true
    const state = (complete ? incremental?.final() : incremental?.progress()) ?? null
    const records = prepare(accepted?.records ?? page.records, reader, options.parent, scope)
    yield { records, complete, state }
    if (complete) break
  }
  const missing = incremental?.missing() ?? 0
  if (missing > 0) {
    const { cursor_path, on_missing } = endpoint.incremental!
    const action = on_missing === 'skip' ? 'skipped' : 'loaded'
    warn(
      context,
      endpoint.name,
      'CURSOR_MISSING',
      `${missing} records without ${cursor_path} were ${action}`,
    )
  }
}

function openPages(
  { endpoint, select, skipStatuses }: Reader,
  context: WalkContext,
  { parent, maxPages }: ReadOptions,
  scope: TemplateScope,
) {
  const { source } = context.pipeline
  const request = buildRequest(endpoint, {
    baseUrl: source.base_url,
    params: source.params,
    scope,
    mapped: parent?.mapped ?? new Map<string, JsonValue>(),
  })
  const acceptStatuses = [...skipStatuses]
  const doubt = (code: string, message: string) => warn(context, endpoint.name, code, message)
  return readPages(request, {
    endpoint: endpoint.name,
    paginator: paginators.create(endpoint.pagination, {
      endpoint: endpoint.name,
      log: context.log,
      warn: doubt,
    }),
    select,
    primaryKey: endpoint.primary_key ?? [],
    upserted: endpoint.primary_key !== undefined && endpoint.write_disposition !== 'append',
    log: context.log,
    doubt,
    successPath: endpoint.success_path,
    skipStatuses,
    skippedIsEmpty: parent !== null,
    onSkip: (status) => {
      const which = parent ? ` for ${parent.partition}` : ''
      warn(
        context,
        endpoint.name,
        'STATUS_SKIPPED',
        `answered ${status}${which}, which on_status skips`,
      )
    },
    maxPages,
    send: (next) =>
      context.client.send(next, {
        endpoint: endpoint.name,
        path: endpoint.path,
        signal: context.signal,
        acceptStatuses,
      }),
  })
}

function startIncremental(
  { endpoint }: Reader,
  context: WalkContext,
  { state }: ReadOptions,
): Incremental | null {
  if (!endpoint.incremental) return null
  const incremental = createIncremental({
    endpoint: endpoint.name,
    config: endpoint.incremental,
    state,
    startDate: context.pipeline.startDate,
    startedAt: context.startedAt,
    once: endpoint.write_disposition === 'append',
    primaryKey: endpoint.primary_key ?? [],
    filtered: sendsLowerBound(endpoint),
    warn: (code, message) => warn(context, endpoint.name, code, message),
  })
  if (incremental.gapFrom !== null) {
    const gap = String(incremental.gapFrom)
    warn(
      context,
      endpoint.name,
      'START_DATE_EARLIER',
      `start_date is now ${gap}, earlier than where the first run began; read what is missing with "sluice sync ${context.pipeline.name} -e ${endpoint.name} --full-refresh"`,
    )
  }
  return incremental
}

function createScope(
  { pipeline, startedAt }: WalkContext,
  parent: ParentValues | null,
  incremental: Incremental | null,
): TemplateScope {
  const scope = new Map<string, JsonValue | undefined>(parent?.scope)
  scope.set('cursor.start', incremental?.start)
  scope.set('now', startedAt.replace('.000000Z', 'Z'))
  scope.set('today', startedAt.slice(0, 10))
  for (const [name, value] of Object.entries(pipeline.vars)) scope.set(`vars.${name}`, value)
  return scope
}

function prepare(
  records: readonly JsonRecord[],
  { transform, endpoint }: Reader,
  parent: ParentValues | null,
  scope: TemplateScope,
): readonly JsonRecord[] {
  const own = parent ? records.map((record) => ({ ...record, ...parent.included })) : records
  return endpoint.transform.length === 0 ? own : own.flatMap((record) => transform(record, scope))
}

function warn(context: WalkContext, endpoint: string, code: string, message: string): void {
  context.emit({ type: 'warning', endpoint, code, message })
}

function spell(state: JsonRecord | null): string | null {
  const cursor = state?.cursor ?? null
  return cursor === null || typeof cursor === 'object' ? null : String(cursor)
}
