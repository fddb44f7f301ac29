import type { JsonRecord } from '../core/json.ts'
import { createCursor } from '../extract/cursor.ts'
import { doneRanges } from '../extract/ledger.ts'
import type { ParentValues } from '../extract/parents.ts'
import type { Window } from '../extract/windows.ts'
import type { ResolvedEndpoint } from '../config/resolved.ts'
import type { BookmarkState, LedgerWindow } from '../state/dataset.ts'
import { beginAhead } from './begun.ts'
import type { RunContext } from './context.ts'
import { ledgerOf } from './ledger.ts'
import { skippedWindows } from './make-reads.ts'
import { NO_PARENT, openParents, type ParentRows, type ReadParent } from './parent-rows.ts'
import type { EndpointRead } from './run-endpoint.ts'
import type { PlannedEndpoint } from './plan.ts'
import { createReader } from './reader.ts'
import { hasOutlived, withinRetention } from './retention.ts'
import { noteLostEvents, openLostEvents, warnOfLostEvents } from './lost-events.ts'
import { isGoneForSure, planSweep, sweeps, type SweptList } from './sweep.ts'
import { openList, type ListResult, type OpenedList } from './sync-list.ts'
import { planWrites, type WritePlan } from './write-plan.ts'
import { createWriter, type BookmarkUpdate } from './writer.ts'

/**
 * Reads one endpoint from its bookmark to now, parent by parent where it has one, and commits what it reads.
 * What was committed before an error stays; the next run starts there.
 *
 * @param parent the endpoint it depends on, already read in this run; null without a dependency
 */
export async function syncEndpoint(
  step: PlannedEndpoint,
  context: RunContext,
  parent: ReadParent | null,
): Promise<EndpointRead> {
  const { dataset } = context
  const lost = await openLostEvents(step, context)
  const planned = lost.any ? withAllParents(step) : step
  const { endpoint } = planned
  const reader = await createReader(endpoint, context)
  const writer = createWriter(planned, context)
  const ledger = endpoint.incremental ? await dataset.windows(endpoint.name) : []
  if (lost.any) warnOfLostEvents(endpoint, context, ledger.length > 0)
  const startsOver = context.fullRefresh || (await isForgotten(planned, context, ledger))
  const plan = planWrites(planned, { startsOver })
  await dataset.clearStage(endpoint.name)

  const isSwept = sweeps(planned, context, lost.any)
  const parents = parent ? await openParents(endpoint, context, parent) : NO_PARENT
  const open = (list: Omit<SweptList, 'result'>, maxPages: number) =>
    openList(reader, context, {
      ...list,
      mode: plan.mode,
      writer,
      maxPages,
      backfilled: backfilledRanges(endpoint, ledger, list.parent?.partition ?? ''),
      sweeps: isSwept,
    })
  const maxPages = Math.min(context.maxPages, endpoint.max_pages ?? Infinity)
  const read = await readLists({ planned, context, parents, open, maxPages, forgets: lost.any })
  const { lists, isLimited } = read
  const failures = lists.flatMap(({ result }) => result.failures)
  const complete = (parent?.complete ?? true) && lists.every(({ result }) => result.complete)
  const allThere = (parent?.whole ?? true) && lists.every(({ result }) => result.whole)
  const bookmarks = plan.mode === 'collect' ? bookmarksOf(lists) : []

  writer.checkRejects()
  const whole = complete && !isLimited && failures.length === 0
  if (whole && parents.followed) bookmarks.push(parents.followed)
  if (whole && planned.loaded && (plan.publish !== 'none' || bookmarks.length > 0)) {
    const swapped = plan.publish === 'replace' ? ledger : []
    const windows = swapped.map((window) => ({ ...window, status: 'removed' as const }))
    await writer.progress({ write: 'stage', publish: plan.publish, bookmarks, windows })
    if (swapped.length > 0) warnBackfillGone(endpoint.name, context)
  }
  const deletes = whole && allThere && isSwept ? planSweep(planned, context, lists) : null
  const unwatched = lists
    .filter(({ result }) => !result.watched)
    .map((list) => () => syncToEnd(open(list, Infinity)))
  const sure =
    deletes &&
    writer.namesAll() &&
    (await isGoneForSure(planned, deletes, context, unwatched)) &&
    writer.namesAll()
  if (sure) await writer.delete(deletes)
  const all = parents.followed === null && lists.every(({ state }) => state === null)
  if (whole && allThere && all && (sure || !deletes)) await lost.madeUp()
  if (isLimited || (!complete && read.pagesLeft <= 0)) warnIncomplete(planned, plan, context)
  const [only = null] = parent ? [] : lists
  return {
    complete: whole,
    whole: whole && allThere,
    before: spell(only?.state ?? null),
    after: spell(only?.result.state ?? null),
    error: skippedWindows(failures),
  }
}

interface ListsToRead {
  readonly planned: PlannedEndpoint
  readonly context: RunContext
  readonly parents: ParentRows
  readonly open: (list: Omit<SweptList, 'result'>, maxPages: number) => OpenedList
  readonly maxPages: number
  /** Whether everything is read again, whatever the bookmarks say. */
  readonly forgets: boolean
}

/** Reads the lists of all parents, and commits one after another; those that come next are fetched meanwhile. */
async function readLists({ planned, context, parents, open, maxPages, forgets }: ListsToRead) {
  const lists: SweptList[] = []
  let pagesLeft = maxPages
  let isLimited = false
  const begin = async (parent: ParentValues | null): Promise<OpenedList> => {
    const stored = await readState(planned, parent, context)
    return open({ parent, state: forgets ? null : stored }, pagesLeft)
  }
  // How many pages are left for a list is known when those before it are read.
  const inAdvance = context.ahead && maxPages === Infinity ? context.ahead.depth - 1 : 0
  async function* wanted(): AsyncGenerator<ParentValues | null> {
    const asked = new Set<string>()
    for await (const parent of parents.rows) {
      const partition = parent?.partition ?? ''
      // Parents may share the value that the children are asked for by.
      if (asked.has(partition)) continue
      asked.add(partition)
      isLimited = pagesLeft <= 0
      if (isLimited) return
      yield parent
    }
  }
  for await (const list of beginAhead(wanted(), begin, inAdvance)) {
    const { parent, state } = list
    const result = await syncToEnd(list)
    lists.push({ parent, state, result })
    pagesLeft -= result.pages
  }
  return { lists, isLimited, pagesLeft }
}

async function syncToEnd(list: OpenedList): Promise<ListResult> {
  try {
    return await list.sync()
  } finally {
    await list.close()
  }
}

/** The bookmarks of lists that were read to their end and have moved. */
function bookmarksOf(lists: readonly SweptList[]): BookmarkUpdate[] {
  return lists.flatMap(({ parent, state, result }) => {
    const after = result.state
    if (!result.complete || !after || after === state) return []
    return [{ partition: parent?.partition ?? '', state: after }]
  })
}

/**
 * Whether a table that is appended to holds rows of which nothing is known any more, because its bookmarks were reset.
 * Everything is then read once more, and takes the place of those rows: appended to them it would double them.
 */
async function isForgotten(
  { endpoint, loaded }: PlannedEndpoint,
  { dataset, schemas }: RunContext,
  ledger: readonly LedgerWindow[],
): Promise<boolean> {
  const table = schemas.get(endpoint.name)?.tables[0]
  const appends = endpoint.write_disposition === 'append' && endpoint.incremental !== undefined
  if (!loaded || !appends || !table || ledger.length > 0) return false
  const bookmarks = await dataset.bookmarks(endpoint.name)
  return bookmarks.length === 0 && (await dataset.newestLoad(table)) !== null
}

/** What backfills have read of one list, beside the bookmark. */
function backfilledRanges(
  { incremental }: ResolvedEndpoint,
  ledger: readonly LedgerWindow[],
  partition: string,
): readonly Window[] {
  if (!incremental || ledger.length === 0) return []
  return doneRanges(ledgerOf(createCursor(incremental.format), ledger, partition))
}

function warnBackfillGone(endpoint: string, { emit }: RunContext): void {
  emit({
    type: 'warning',
    endpoint,
    code: 'BACKFILL_GONE',
    message: 'the table was swapped, and what backfills had added to it is gone: run them again',
  })
}

/** The bookmark a walk goes on from; null reads everything. */
async function readState(
  { endpoint, loaded }: PlannedEndpoint,
  parent: ParentValues | null,
  context: RunContext,
): Promise<BookmarkState | null> {
  const replaced = endpoint.write_disposition === 'replace'
  // A parent that is not loaded has nothing but this read to show its children.
  if (!endpoint.incremental || replaced || !loaded) return null
  const state = await context.dataset.bookmark(endpoint.name, parent?.partition ?? '')
  const outlived = state !== null && hasOutlived(endpoint, state, context)
  if (outlived) await noteLostEvents(endpoint, context)
  if (context.fullRefresh) return null
  return state && withinRetention(endpoint, state, context)
}

/** The children of parents that did not change may have changed as well. */
function withAllParents(step: PlannedEndpoint): PlannedEndpoint {
  const { depends_on: dependency } = step.endpoint
  if (!dependency?.only_changed) return step
  const endpoint = { ...step.endpoint, depends_on: { ...dependency, only_changed: false } }
  return { ...step, endpoint }
}

function warnIncomplete(
  { endpoint }: PlannedEndpoint,
  { mode }: WritePlan,
  { emit }: RunContext,
): void {
  const kept = {
    merge: 'what was read is kept, and the bookmark stays where everything before it is read',
    append: 'what was read beyond the bookmark is read again by the next run',
    collect: 'the table is unchanged',
  }[mode]
  emit({
    type: 'warning',
    endpoint: endpoint.name,
    code: 'INCOMPLETE',
    message: `stopped at the page limit before the end; ${kept}`,
  })
}

function spell(state: JsonRecord | null): string | null {
  const cursor = state?.cursor ?? null
  return cursor === null || typeof cursor === 'object' ? null : String(cursor)
}
