import { followAbort } from '../core/abort.ts'
import type { JsonValue } from '../core/json.ts'
import type { TemplateScope } from '../core/template.ts'
import type { AskedBounds } from '../extract/incremental.ts'
import { readPages, type Page } from '../extract/pages.ts'
import type { ParentValues } from '../extract/parents.ts'
import { prefetch } from '../extract/prefetch.ts'
import { buildRequest } from '../extract/request.ts'
import { paginators } from '../http/pagination/index.ts'
import type { RunContext } from './context.ts'
import type { Reader } from './reader.ts'

/** The part of a run that reading needs. */
export type ReadContext = Pick<
  RunContext,
  'pipeline' | 'client' | 'log' | 'emit' | 'signal' | 'startedAt' | 'ahead'
>

/** What is asked for in one walk of a list. */
export interface PagesRequest {
  /** Null for an endpoint without a parent. */
  readonly parent: ParentValues | null
  /** Null for an endpoint without a cursor. */
  readonly bounds: AskedBounds | null
  readonly maxPages: number
  /** Takes a status that `on_status` skips, in place of a warning. */
  readonly onSkip?: (status: number) => void
}

/** The pages of one walk of a list, which may be under way already. */
export interface OpenedPages {
  readonly reader: Reader
  readonly parent: ParentValues | null
  readonly scope: TemplateScope
  readonly pages: AsyncIterable<Page>
  /** Whether nothing so far suggests that the API left something out. */
  readonly isWhole: () => boolean
  /** Whether a shift of the list would have been noticed so far. */
  readonly isWatched: () => boolean
  /** Whether the next page is there already. */
  readonly isReady: () => boolean
  /** Ends what is under way; reading the pages to the end, or leaving a loop over them, does the same. */
  close(): Promise<void>
}

/** Begins to read a list, ahead of whoever takes its pages where the run and the list allow it. */
export function openPages(
  reader: Reader,
  context: ReadContext,
  { parent, bounds, maxPages, onSkip }: PagesRequest,
): OpenedPages {
  const { endpoint, select, skipStatuses } = reader
  const { source } = context.pipeline
  const scope = createScope(context, { parent, bounds })
  const request = buildRequest(endpoint, {
    baseUrl: source.base_url,
    params: source.params,
    scope,
    mapped: parent?.mapped ?? new Map<string, JsonValue>(),
  })
  let whole = true
  let watched = true
  const warn = (code: string, message: string) =>
    context.emit({ type: 'warning', endpoint: endpoint.name, code, message })
  const doubt = (code: string, message: string) => {
    // That nothing could be noticed is no sign that something has happened.
    if (code === 'DRIFT_UNSEEN') watched = false
    else whole = false
    warn(code, message)
  }
  // What is asked for ahead of the end of the reading would be asked for in vain.
  const ahead = bounds?.mayEndEarly ? null : context.ahead
  const abort = ahead && followAbort(context.signal)
  const signal = abort?.signal ?? context.signal
  const acceptStatuses = [...skipStatuses]
  const pages = readPages(request, {
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
      if (status !== 404 && status !== 410) whole = false
      const which = parent ? ` for ${parent.partition}` : ''
      warn('STATUS_SKIPPED', `answered ${status}${which}, which on_status skips`)
    },
    maxPages,
    ahead: ahead && { ...ahead, endsWithNewest: endpoint.incremental?.order === 'asc' },
    send: (next) =>
      context.client.send(next, {
        endpoint: endpoint.name,
        path: endpoint.path,
        signal,
        acceptStatuses,
      }),
  })
  const fetched =
    abort && ahead && prefetch(pages, { budget: ahead.budget, maxPages: ahead.depth, abort })
  return {
    reader,
    parent,
    scope,
    pages: fetched ?? pages,
    isWhole: () => whole,
    isWatched: () => watched,
    isReady: () => fetched?.isReady() ?? false,
    close: async () => {
      await (fetched ? fetched.close() : pages.return(undefined))
    },
  }
}

/** The values of every template name in the requests of one walk. */
export function createScope(
  { pipeline, startedAt }: Pick<ReadContext, 'pipeline' | 'startedAt'>,
  { parent, bounds }: Pick<PagesRequest, 'parent' | 'bounds'>,
): TemplateScope {
  const scope = new Map<string, JsonValue | undefined>(parent?.scope)
  scope.set('cursor.start', bounds?.start)
  scope.set('cursor.end', bounds?.end)
  scope.set('now', startedAt.replace('.000000Z', 'Z'))
  scope.set('today', startedAt.slice(0, 10))
  for (const [name, value] of Object.entries(pipeline.vars)) scope.set(`vars.${name}`, value)
  return scope
}
