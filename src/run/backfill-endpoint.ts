import { SluiceError } from '../core/errors.ts'
import { lowerBound } from '../extract/bounds.ts'
import { comparePositions, type Position } from '../extract/cursor.ts'
import { planLedger, type Ledger, type Range } from '../extract/ledger.ts'
import type { ParentValues } from '../extract/parents.ts'
import { queueReads, type Read } from '../extract/reads.ts'
import { sendsLowerBound, sendsUpperBound } from '../extract/request.ts'
import { subtractWindow } from '../extract/windows.ts'
import type { ResolvedEndpoint } from '../config/resolved.ts'
import type { LedgerWindow, WindowUpdate } from '../state/dataset.ts'
import type { RunContext } from './context.ts'
import { beginReads } from './begun.ts'
import { openIncrementalList, type IncrementalList } from './incremental-list.ts'
import { ledgerOf, windowUpdate } from './ledger.ts'
import { makeReads, skippedWindows, type ReadsResult } from './make-reads.ts'
import { NO_PARENT, openParents, type ReadParent } from './parent-rows.ts'
import type { EndpointRead } from './run-endpoint.ts'
import { openPages } from './open-pages.ts'
import type { PlannedEndpoint } from './plan.ts'
import { createReader, type Reader } from './reader.ts'
import { walk } from './walk.ts'
import { createWriter, type EndpointWriter } from './writer.ts'

/** Window of an endpoint that has none in its configuration. */
const DEFAULT_SIZE_MS = 30 * 86_400_000
const DEFAULT_MIN_MS = 1000
/** More windows than these would take longer to keep account of than to read. */
const MAX_WINDOWS = 100_000

/**
 * Reads a range of one endpoint, parent by parent where it has one, window by window, each committed with its line in
 * the ledger. The bookmark stays as it is.
 *
 * @param range positions of the endpoint's cursor; it does not end in the future
 */
export async function backfillEndpoint(
  planned: PlannedEndpoint,
  context: RunContext,
  parent: ReadParent | null,
  range: Range,
): Promise<EndpointRead> {
  const { endpoint } = planned
  const reader = await createReader(endpoint, context)
  const writer = createWriter(planned, context)
  await context.dataset.clearStage(endpoint.name)
  const stored = await context.dataset.windows(endpoint.name)
  const parents = parent ? await openAllParents(endpoint, context, parent) : NO_PARENT

  const results: ReadsResult[] = []
  for await (const values of parents.rows) {
    results.push(await backfillList(reader, context, { parent: values, range, stored, writer }))
  }
  writer.checkRejects()
  const failures = results.flatMap((result) => result.failures)
  if (failures.length === 0 && results.every(({ pages }) => pages === 0)) {
    const message = `nothing is left to read from ${String(range.from)} to ${String(range.to)}`
    context.emit({ type: 'warning', endpoint: endpoint.name, code: 'NOTHING_LEFT', message })
  }
  const error = skippedWindows(failures)
  const complete = error === null
  return { complete, whole: complete, before: null, after: null, error }
}

/** Every parent that the dataset holds, changed lately or not. */
function openAllParents(endpoint: ResolvedEndpoint, context: RunContext, parent: ReadParent) {
  const { name, depends_on: dependency } = endpoint
  if (parent.planned.loaded && !context.schemas.has(dependency!.endpoint)) {
    throw new SluiceError('PARENT_FAILED', `${name}: ${dependency!.endpoint} was never synced`, {
      hint: `sync ${dependency!.endpoint} first: a backfill reads the children of the rows that are there`,
    })
  }
  const all = { ...endpoint, depends_on: { ...dependency!, only_changed: false } }
  return openParents(all, context, parent)
}

interface ListOptions {
  readonly parent: ParentValues | null
  readonly range: Range
  readonly stored: readonly LedgerWindow[]
  readonly writer: EndpointWriter
}

async function backfillList(
  reader: Reader,
  context: RunContext,
  { parent, range, stored, writer }: ListOptions,
): Promise<ReadsResult> {
  const { endpoint } = reader
  const partition = parent?.partition ?? ''
  const list = openIncrementalList(endpoint, context, { state: null })!
  const { cursor, config, once } = list
  const missing = once ? await notAppended(list, context, { endpoint, partition, range }) : range
  if (!missing) return { complete: true, whole: false, watched: true, pages: 0, failures: [] }

  // Without both bounds every window would read everything.
  const inWindows = sendsLowerBound(endpoint) && sendsUpperBound(endpoint) && cursor.kind === 'time'
  const sizeMs = inWindows ? (config.window?.size ?? DEFAULT_SIZE_MS) : null
  const ledger = ledgerOf(cursor, stored, partition)
  const again = context.fullRefresh
  const plan = planLedger(cursor, missing, again ? { ...ledger, done: [] } : ledger, sizeMs)
  if (plan.windows.length > MAX_WINDOWS) throw tooManyWindows(endpoint, plan.windows.length)

  const store = (windows: readonly WindowUpdate[]) =>
    writer.progress({ write: 'stage', publish: 'none', bookmarks: [], windows })
  const dropStaged = async () => {
    if (once) await context.dataset.clearStage(endpoint.name)
  }
  await store([
    ...(again ? forgetDone(partition, ledger, missing) : []),
    ...plan.updates.map((update) => windowUpdate(partition, update, update.status)),
  ])
  const rules = { cursor, minMs: config.window?.min ?? DEFAULT_MIN_MS, until: range.to }
  const queue = queueReads(plan.windows)
  const open = (read: Read, maxPages: number) =>
    openPages(reader, context, { parent, bounds: list.asked(read), maxPages })
  const begun = beginReads(queue, open, Infinity)
  const making = makeReads(context, {
    endpoint: endpoint.name,
    queue,
    begun,
    windows: inWindows ? rules : null,
    maxPages: Infinity,
    async walk(read, opened) {
      const result = await walk(opened, context, {
        state: null,
        incremental: list.start(read, null),
        mode: once ? 'append' : 'merge',
        writer,
        progress: (_, whole) =>
          whole ? { bookmarks: [], windows: doneUpdates(partition, read, list) } : null,
      })
      if (!(result.complete && result.whole)) await dropStaged()
      return result
    },
    async onSplit(read, parts) {
      await dropStaged()
      await store([
        windowUpdate(partition, bounded(read), 'removed'),
        ...parts.map((part) => windowUpdate(partition, bounded(part), 'planned')),
      ])
    },
    onRestart: dropStaged,
    // Nothing but the ledger says how far a window has been read.
    goOn: () => null,
    // It stays planned, and the same backfill tries again.
    onSkip: dropStaged,
  })
  try {
    return await making
  } finally {
    await begun.close()
  }
}

/** What of a range a sync has not appended already: all that lies before where its first run began. */
async function notAppended(
  { cursor, config }: IncrementalList,
  { dataset }: RunContext,
  list: {
    readonly endpoint: ResolvedEndpoint
    readonly partition: string
    readonly range: Range
  },
): Promise<Range | null> {
  const { range } = list
  const state = await dataset.bookmark(list.endpoint.name, list.partition)
  if (state === null) return range
  const since = state.since === undefined ? null : cursor.position(state.since)
  if (since === null) return null
  const asked = cursor.floor(lowerBound(cursor, config, since))
  const to = comparePositions(asked, range.to) < 0 ? asked : range.to
  return comparePositions(range.from, to) < 0 ? { from: range.from, to } : null
}

/** Takes what is done of a range out of the ledger. */
function forgetDone(partition: string, { done }: Ledger, range: Range): WindowUpdate[] {
  return done.flatMap((window) => {
    const outside = subtractWindow([window], range) as Range[]
    if (outside.length === 1 && outside[0]!.from === window.from && outside[0]!.to === window.to) {
      return []
    }
    return [
      windowUpdate(partition, window, 'removed'),
      ...outside.map((part) => windowUpdate(partition, part, 'done')),
    ]
  })
}

/** A window is done as far as it can have been read: not beyond the start of the reading by the server's clock. */
function doneUpdates(
  partition: string,
  read: Read,
  { cursor, horizon }: IncrementalList,
): WindowUpdate[] {
  const { from, to } = bounded(read)
  const end: Position = cursor.kind === 'time' && horizon.at() < to ? horizon.at() : to
  if (end === to) return [windowUpdate(partition, { from, to }, 'done')]
  const removed = windowUpdate(partition, { from, to }, 'removed')
  return comparePositions(from, end) < 0
    ? [removed, windowUpdate(partition, { from, to: end }, 'done')]
    : [removed]
}

function bounded({ from, to }: Read): Range {
  return { from: from!, to: to! }
}

function tooManyWindows({ name, incremental }: ResolvedEndpoint, count: number): SluiceError {
  const size = incremental?.window?.size ?? DEFAULT_SIZE_MS
  return new SluiceError(
    'USAGE',
    `${name}: the range would be ${count} windows of ${size / 1000} s, more than ${MAX_WINDOWS}`,
    { hint: 'set a longer incremental.window.size, or backfill a shorter range at a time' },
  )
}
