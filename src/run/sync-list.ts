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
import { openIncrementalList, type IncrementalList } from './incremental-list.ts'
import { listIncomplete, makeReads, type ClosedRead } from './make-reads.ts'
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

/** Brings one list, an endpoint's own or that of one parent, from its bookmark up to now. */
export async function syncList(
  reader: Reader,
  context: RunContext,
  options: SyncListOptions,
): Promise<ListResult> {
  const { endpoint } = reader
  const { parent, mode, writer, backfilled } = options
  const partition = parent?.partition ?? ''
  const bookmark = (state: JsonRecord): Progress => ({
    bookmarks: [{ partition, state }],
    windows: [],
  })
  const progress = (state: JsonRecord | null) => state && bookmark(state)
  const withOthers = options.sweeps && readsAll(endpoint, options.state)
  const walkOptions = { parent, mode, writer, progress, withOthers }

  let { state } = options
  const list = openIncrementalList(endpoint, context, { state, appended: backfilled })
  if (!list) {
    const { maxPages } = options
    const whole = { ...walkOptions, state, incremental: null, maxPages }
    let stagedFrom = ''
    const result = await restarting(
      () => {
        stagedFrom = context.nextLoadId()
        return walk(reader, context, whole)
      },
      () => context.dataset.unstage(endpoint.name, stagedFrom),
    )
    if (result.withheld) throw listIncomplete(endpoint.name)
    return { ...result, state, failures: [], since: null }
  }
  const { cursor, config, bounds, horizon, once } = list
  const until = context.startedAt
  warnOfEarlierStart(endpoint.name, bounds, backfilled, context)

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
  const result = await makeReads(context, {
    endpoint: endpoint.name,
    queue: planReads({ cursor, config, bounds, state, until }),
    windows: config.window ? { cursor, minMs: config.window.min, until } : null,
    maxPages: options.maxPages,
    async walk(read: Read, maxPages: number) {
      stagedFrom = context.nextLoadId()
      const incremental = list.start(read, state)
      underWay = { before: state, incremental }
      const onBookmark = (moved: JsonRecord) => void (state = moved)
      const more = { state, incremental, maxPages, onBookmark }
      const result = await walk(reader, context, { ...walkOptions, ...more })
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
