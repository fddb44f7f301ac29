import type { JsonRecord, JsonValue } from '../core/json.ts'
import type { Incremental } from '../extract/incremental.ts'
import { readPages } from '../extract/pages.ts'
import type { ParentValues } from '../extract/parents.ts'
import { buildRequest } from '../extract/request.ts'
import type { TemplateScope } from '../core/template.ts'
import { TransformFailure } from '../extract/transform.ts'
import { paginators } from '../http/pagination/index.ts'
import type { RunContext } from './context.ts'
import type { Reader } from './reader.ts'
import type { FailedRecord } from './writer.ts'

/** The part of a run that reading needs. */
export type ReadContext = Pick<
  RunContext,
  'pipeline' | 'client' | 'log' | 'emit' | 'signal' | 'startedAt'
>

/** One page's records as they are to be loaded. */
export interface RecordsPage {
  readonly records: readonly JsonRecord[]
  /** Records that a transform failed on. */
  readonly failed: readonly FailedRecord[]
  /** Records that are there but not to be loaded, where that was asked for. */
  readonly others: readonly JsonRecord[]
  /** Whether nothing is left to read after this page. */
  readonly complete: boolean
  /** Whether, besides, nothing suggests that the API left something out. */
  readonly whole: boolean
  /** Whether a shift of the list would have been noticed. */
  readonly watched: boolean
  /** The bookmark that may be committed once this page is; null for none. */
  readonly state: JsonRecord | null
}

export interface ReadOptions {
  /** Null for an endpoint without a parent. */
  readonly parent: ParentValues | null
  /** Null for an endpoint without a cursor. */
  readonly incremental: Incremental | null
  readonly maxPages: number
  /** Whether records that are not to be loaded are wanted, too. */
  readonly withOthers?: boolean
  /** Takes a status that `on_status` skips, in place of a warning. */
  readonly onSkip?: (status: number) => void
  /** Whether the records are keys alone, which nobody counts. */
  readonly keysAlone?: boolean
}

/** The pages of one read of a list, after the incremental filter and the transforms, each with its bookmark. */
export async function* readRecords(
  reader: Reader,
  context: ReadContext,
  options: ReadOptions,
): AsyncGenerator<RecordsPage> {
  const { endpoint } = reader
  const { incremental, parent } = options
  const scope = createScope(context, options)
  // What an API can't filter is read to its end where all of it is wanted, however old.
  const readsToTheEnd = options.withOthers === true && endpoint.incremental?.client_side === true
  let whole = true
  let watched = true
  const onDoubt = () => (whole = false)
  const onUnwatched = () => (watched = false)
  const pages = openPages(reader, context, { ...options, scope, onDoubt, onUnwatched })
  for await (const page of pages) {
    // Where one record goes and another comes, the total that tells of a shift stays as it was.
    if (page.byNumber) watched = false
    context.emit({
      type: 'page',
      endpoint: endpoint.name,
      index: page.index,
      records: options.keysAlone ? 0 : page.records.length,
      total: page.total,
    })
    if (page.nulsRemoved > 0) {
      const values = `${page.nulsRemoved} values`
      warn(context, endpoint.name, 'NUL_REMOVED', `removed the NUL characters of ${values}`)
    }
    const accepted = incremental?.accept(page.records, page)
    const complete = page.last || (accepted?.exhausted === true && !readsToTheEnd)
    const state = (complete ? finalState(incremental, whole) : incremental?.progress()) ?? null
    const loaded = accepted?.records ?? page.records
    const others = options.withOthers ? without(page.records, loaded) : []
    const { records, failed } = prepare(loaded, reader, parent, scope)
    const rest = prepare(others, reader, parent, scope)
    yield {
      records,
      failed,
      others: [...rest.records, ...rest.failed.map(({ record }) => record)],
      complete,
      whole: complete && whole,
      watched,
      state,
    }
    if (complete) break
  }
  const missing = incremental?.missing() ?? 0
  if (missing > 0) {
    const { cursor_path, on_missing } = endpoint.incremental!
    const action = on_missing === 'skip' ? 'skipped' : 'loaded'
    const message = `${missing} records without ${cursor_path} were ${action}`
    warn(context, endpoint.name, 'CURSOR_MISSING', message)
  }
}

/** A list that lacks records is read again from where this read began, unless what is lacking can only be at its end. */
function finalState(incremental: Incremental | null, whole: boolean): JsonRecord | null {
  return whole || incremental?.isAscending() ? (incremental?.final() ?? null) : null
}

function openPages(
  { endpoint, select, skipStatuses }: Reader,
  context: ReadContext,
  {
    parent,
    maxPages,
    scope,
    onSkip,
    onDoubt,
    onUnwatched,
  }: ReadOptions & {
    readonly scope: TemplateScope
    readonly onDoubt: () => void
    readonly onUnwatched: () => void
  },
) {
  const { source } = context.pipeline
  const request = buildRequest(endpoint, {
    baseUrl: source.base_url,
    params: source.params,
    scope,
    mapped: parent?.mapped ?? new Map<string, JsonValue>(),
  })
  const acceptStatuses = [...skipStatuses]
  const doubt = (code: string, message: string) => {
    // That nothing could be noticed is no sign that something has happened.
    if (code === 'DRIFT_UNSEEN') onUnwatched()
    else onDoubt()
    warn(context, endpoint.name, code, message)
  }
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
      if (onSkip) return onSkip(status)
      // A list of a parent that is gone is empty; any other is one that may not be read.
      if (status !== 404 && status !== 410) onDoubt()
      const which = parent ? ` for ${parent.partition}` : ''
      const message = `answered ${status}${which}, which on_status skips`
      warn(context, endpoint.name, 'STATUS_SKIPPED', message)
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

/** The values of every template name in the requests of one read. */
export function createScope(
  { pipeline, startedAt }: Pick<ReadContext, 'pipeline' | 'startedAt'>,
  { parent, incremental }: Pick<ReadOptions, 'parent' | 'incremental'>,
): TemplateScope {
  const scope = new Map<string, JsonValue | undefined>(parent?.scope)
  scope.set('cursor.start', incremental?.start)
  scope.set('cursor.end', incremental?.end)
  scope.set('now', startedAt.replace('.000000Z', 'Z'))
  scope.set('today', startedAt.slice(0, 10))
  for (const [name, value] of Object.entries(pipeline.vars)) scope.set(`vars.${name}`, value)
  return scope
}

/** The records that are not among some of them. */
function without(
  records: readonly JsonRecord[],
  some: readonly JsonRecord[],
): readonly JsonRecord[] {
  if (some.length === records.length) return []
  const known = new Set(some)
  return records.filter((record) => !known.has(record))
}

/** So many records at least that all fail show that it is the transform that is wrong, and not they. */
const ALL_WRONG = 5

/** Adds what the parent gives, and transforms. A transform that fails on one record keeps no other back. */
function prepare(
  records: readonly JsonRecord[],
  { transform, endpoint }: Reader,
  parent: ParentValues | null,
  scope: TemplateScope,
): { readonly records: readonly JsonRecord[]; readonly failed: readonly FailedRecord[] } {
  const own = parent ? records.map((record) => ({ ...record, ...parent.included })) : records
  if (endpoint.transform.length === 0) return { records: own, failed: [] }
  const failures: TransformFailure[] = []
  const transformed = own.flatMap((record) => {
    try {
      return transform(record, scope)
    } catch (error) {
      if (!(error instanceof TransformFailure)) throw error
      failures.push(error)
      return []
    }
  })
  if (failures.length >= ALL_WRONG && failures.length === own.length) throw failures[0]!
  const failed = failures.map(({ message, record }) => ({ reason: message, record }))
  return { records: transformed, failed }
}

function warn(context: ReadContext, endpoint: string, code: string, message: string): void {
  context.emit({ type: 'warning', endpoint, code, message })
}
