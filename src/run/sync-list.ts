import type { JsonRecord } from '../core/json.ts'
import type { SluiceError } from '../core/errors.ts'
import { readBookmark, type Bounds } from '../extract/bounds.ts'
import { comparePositions, type Position } from '../extract/cursor.ts'
import type { Incremental } from '../extract/incremental.ts'
import type { ParentValues } from '../extract/parents.ts'
import { planReads, skipWindow, type Read } from '../extract/reads.ts'
import { subtractWindow, type Window } from '../extract/windows.ts'
import type { ResolvedEndpoint } from '../config/resolved.ts'
import type { WriteMode } from './commit-policy.ts'
import type { RunContext } from './context.ts'
import { beginReads, type Begun } from './begun.ts'
import { openIncrementalList, type IncrementalList } from './incremental-list.ts'
import { listIncomplete, makeReads, type ClosedRead } from './make-reads.ts'
import { openPages } from './open-pages.ts'
import type { Reader } from './reader.ts'
import { restarting } from './restarting.ts'
import { walk, type WalkResult } from './walk.ts'
import type { EndpointWriter, Progress } from './writer.ts'

export interface SyncListOptions {
  /** Null for an endpoint without a parent. */
  readonly parent: ParentValues | null
  /** The bookmark to start from; null reads everything. */
  readonly state: JsonRecord | null
  readonly mode: WriteMode
  readonly writer: EndpointWriter
  readonly maxPages: number
  /** Ranges that backfills have read. */
  readonly backfilled: readonly Window[]
  /** Whether what is there is noted, so that what is gone can be told at the end. */
  readonly sweeps: boolean
}

export interface ListResult extends Omit<WalkResult, 'withheld'> {
  /** Windows that could not be read; they are gaps in the bookmark now. */
  readonly failures: readonly SluiceError[]
  /** The bookmark after the reads; in `collect` mode it is the caller's to commit. */
  readonly state: JsonRecord | null
  /** From where on the list was asked for; null for all of it. */
  readonly since: Position | null
}

/** One list on its way from its bookmark up to now: fetched from the moment it is opened, committed by `sync`. */
export interface OpenedList extends Begun {
  readonly parent: ParentValues | null
  /** The bookmark that it is read from. */
  readonly state: JsonRecord | null
  /** Commits what comes until all is read. */
  sync(): Promise<ListResult>
}

/** Opens one list, an endpoint's own or that of one parent. */
export function openList(
  reader: Reader,
  context: RunContext,
  options: SyncListOptions,
): OpenedList {
  const { state, backfilled } = options
  const list = openIncrementalList(reader.endpoint, context, { state, appended: backfilled })
  const work = list
    ? openReads(reader, context, { ...options, list })
    : openWhole(reader, context, options)
  return { parent: options.parent, state, ...work }
}

function walkOptions({ endpoint }: Reader, options: SyncListOptions) {
  const { parent, mode, writer, state, sweeps } = options
  const partition = parent?.partition ?? ''
  const bookmark = (state: JsonRecord): Progress => ({
    bookmarks: [{ partition, state }],
    windows: [],
  })
  const withOthers = sweeps && readsAll(endpoint, state)
  const progress = (state: JsonRecord | null) => state && bookmark(state)
  return { bookmark, walking: { mode, writer, progress, withOthers } }
}

/** A list without a cursor, which is read whole. */
function openWhole(
  reader: Reader,
  context: RunContext,
  options: SyncListOptions,
): Pick<OpenedList, 'sync' | 'close'> {
  const { endpoint } = reader
  const { parent, state, maxPages } = options
  const { walking } = walkOptions(reader, options)
  const open = () => openPages(reader, context, { parent, bounds: null, maxPages })
  let opened = open()
  let stagedFrom = ''
  const work = () => {
    stagedFrom = context.nextLoadId()
    return walk(opened, context, { ...walking, state, incremental: null })
  }
  const beginAgain = async () => {
    await context.dataset.unstage(endpoint.name, stagedFrom)
    opened = open()
  }
  return {
    async sync() {
      const result = await restarting(work, beginAgain)
      if (result.withheld) throw listIncomplete(endpoint.name)
      return { ...result, state, failures: [], since: null }
    },
    close: () => opened.close(),
  }
}

/** A list with a cursor, which is read from its bookmark on, and in windows where it has them. */
function openReads(
  reader: Reader,
  context: RunContext,
  options: SyncListOptions & { readonly list: IncrementalList },
): Pick<OpenedList, 'sync' | 'close'> {
  const { endpoint } = reader
  const { parent, mode, writer, backfilled, maxPages, list } = options
  const { bookmark, walking } = walkOptions(reader, options)
  const { cursor, config, bounds, horizon, once } = list
  const until = context.startedAt
  let { state } = options
  warnOfEarlierStart(endpoint.name, bounds, backfilled, context)

  const queue = planReads({ cursor, config, bounds, state, until })
  const open = (read: Read, maxPages: number) =>
    openPages(reader, context, { parent, bounds: list.asked(read), maxPages })
  const begun = beginReads(queue, open, maxPages)
  if (context.ahead) begun.begin(1)

  // What a read has staged before it failed is staged again by those that take its place.
  let stagedFrom = ''
  const dropStaged = () => context.dataset.unstage(endpoint.name, stagedFrom)
  let underWay: { readonly before: JsonRecord | null; readonly incremental: Incremental } | null =
    null
  const onSkip = async (read: ClosedRead) => {
    await dropStaged()
    const at = { endpoint: endpoint.name, horizon: horizon.at(), once }
    state = skipWindow({ cursor, config, state }, read, at)
    await writer.progress({ write: 'stage', publish: 'none', ...bookmark(state) })
  }
  const beginAgain = async () => {
    await dropStaged()
    // What the bookmark says was dropped with the rows.
    if (mode === 'collect') state = underWay!.before
  }
  const sync = async (): Promise<ListResult> => {
    const result = await makeReads(context, {
      endpoint: endpoint.name,
      queue,
      begun,
      windows: config.window ? { cursor, minMs: config.window.min, until } : null,
      maxPages,
      async walk(read, opened) {
        stagedFrom = context.nextLoadId()
        const incremental = list.start(read, state)
        underWay = { before: state, incremental }
        const onBookmark = (moved: JsonRecord) => void (state = moved)
        const result = await walk(opened, context, { ...walking, state, incremental, onBookmark })
        // Nobody will publish what a list that was not read to its end has left in the stage of the next.
        if (mode === 'append' && !(result.complete && result.whole)) await dropStaged()
        return result
      },
      goOn(read) {
        const { before = null, incremental } = underWay ?? {}
        return incremental?.isAscending() ? readOn(list, read, { before, after: state }) : null
      },
      onSplit: beginAgain,
      onRestart: beginAgain,
      // What is collected is published as a whole, so nothing may be missing.
      onSkip: mode === 'collect' ? null : onSkip,
    })
    const since = config.client_side ? null : bounds.lower
    return { ...result, state, since }
  }
  return { sync, close: () => begun.close() }
}

/**
 * What is left of a read that the API cut off: from the bookmark on, if it has moved with the pages. Null where it has
 * not, or where records with the bookmark's value would be written twice.
 */
function readOn(
  { cursor, once, keyed, name }: IncrementalList,
  read: Read,
  bookmarks: Readonly<Record<'before' | 'after', JsonRecord | null>>,
): Read | null {
  const before = readBookmark(cursor, bookmarks.before, name)
  const from = readBookmark(cursor, bookmarks.after, name)
  if (read.to !== null || from === null || !(once || keyed)) return null
  if (before !== null && comparePositions(from, before) <= 0) return null
  return { kind: 'next', from, to: null }
}

/** Whether a sync reads the list whole, or all of it that the pipeline wants, and not what is new alone. */
export function readsAll({ incremental }: ResolvedEndpoint, state: JsonRecord | null): boolean {
  return !incremental || incremental.client_side || state === null
}

/** A start that was moved back leaves a range that no sync reads, unless a backfill has. */
function warnOfEarlierStart(
  endpoint: string,
  { gapFrom, since }: Bounds,
  backfilled: readonly Window[],
  { pipeline, emit }: RunContext,
): void {
  if (gapFrom === null) return
  const missing = backfilled.reduce<Window[]>(subtractWindow, [{ from: gapFrom, to: since }])
  if (missing.length === 0) return
  const range = `--from ${String(gapFrom)} --to ${String(since)}`
  emit({
    type: 'warning',
    endpoint,
    code: 'START_DATE_EARLIER',
    message: `start_date is now ${String(gapFrom)}, earlier than where the first run began; read what is missing with "sluice backfill ${pipeline.name} -e ${endpoint} ${range}"`,
  })
}
