import { SluiceError, type ErrorCode } from '../core/errors.ts'
import type { Cursor, Position } from '../extract/cursor.ts'
import type { Read, ReadQueue } from '../extract/reads.ts'
import { splitWindow } from '../extract/windows.ts'
import type { RunContext } from './context.ts'
import type { BegunReads } from './begun.ts'
import type { OpenedPages } from './open-pages.ts'
import { MAX_RESTARTS } from './restarting.ts'
import type { WalkResult } from './walk.ts'

export interface MakeReadsOptions {
  readonly endpoint: string
  readonly queue: ReadQueue
  /** How windows are split; null where the range is read in one go. */
  readonly windows: WindowRules | null
  readonly maxPages: number
  /** The walks of the queue's reads, as far as they have begun. */
  readonly begun: BegunReads
  /** Makes one read, whose walk has begun, and commits it. */
  readonly walk: (read: Read, opened: OpenedPages) => Promise<WalkResult>
  /** A window turned out too large and was put back in parts. What it has staged is to be dropped. */
  readonly onSplit: (read: Read, parts: readonly Read[]) => Promise<void>
  /** A read is made again from its beginning. What it has staged is to be dropped. */
  readonly onRestart: () => Promise<void>
  /** The rest of a read that the API cut off and that can't be split; null where nothing tells what is left. */
  readonly goOn: (read: Read) => Read | null
  /** A window could not be read, and the others go on. Null where none may be left out. */
  readonly onSkip: ((read: ClosedRead) => Promise<void>) | null
}

export interface WindowRules {
  readonly cursor: Cursor
  readonly minMs: number
  /** Where a window that is open at the end is taken to end. */
  readonly until: Position
}

export interface ClosedRead extends Read {
  readonly to: Position
}

export interface ReadsResult {
  /** Whether everything was read but what failed. */
  readonly complete: boolean
  /** Whether all of it was read, and nothing suggests that the API left something out. */
  readonly whole: boolean
  /** Whether a shift of a list would have been noticed. */
  readonly watched: boolean
  readonly pages: number
  /** Why windows were skipped. */
  readonly failures: readonly SluiceError[]
}

/** Failures that concern what was asked for, and not the connection, the key or the dataset. */
const OF_THE_WINDOW: ReadonlySet<ErrorCode> = new Set([
  'HTTP_STATUS',
  'HTTP_TIMEOUT',
  'HTTP_NOT_JSON',
  'HTTP_TOO_LARGE',
  'RESPONSE_UNSUCCESSFUL',
  'PAGINATION_CAPPED',
  'PAGINATION_DRIFT',
  'PAGINATION_EXPIRED',
  'LIST_INCOMPLETE',
])

/**
 * Makes the reads of one list, and commits one after another; those that come next are fetched meanwhile. A window that holds more than the API gives out is read again in
 * halves; one that can't be read at all is skipped, unless the one before it failed as well: then it is the server.
 * Where the API has forgotten the cursor, reading goes on from the bookmark, or else begins again.
 */
export async function makeReads(
  { emit, ahead }: Pick<RunContext, 'emit' | 'ahead'>,
  options: MakeReadsOptions,
): Promise<ReadsResult> {
  const { endpoint, queue, windows, begun } = options
  const failures: SluiceError[] = []
  let pages = 0
  let whole = true
  let watched = true
  let failedBefore = false
  let restarts = 0
  for (let read = queue.take(); read; read = queue.take()) {
    if (pages >= options.maxPages)
      return { complete: false, whole: false, watched, pages, failures }
    const opened = begun.take(read, options.maxPages - pages)
    // How many pages are left for the next read is known when this one is made.
    if (ahead && options.maxPages === Infinity) begun.begin(ahead.depth - 1)
    try {
      const result = await options.walk(read, opened)
      pages += result.pages
      watched &&= result.watched
      if (lacksRecords(read, result)) throw listIncomplete(endpoint)
      if (!result.complete) return { complete: false, whole: false, watched, pages, failures }
      whole &&= result.whole
      failedBefore = false
      restarts = 0
      if (windows) say(read, 'done')
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      const parts = windows && error.code === 'PAGINATION_CAPPED' ? split(read, windows) : null
      if (parts) {
        await options.onSplit(read, parts)
        queue.putBack(parts)
        say(read, 'split')
        continue
      }
      const isCapped = error.code === 'PAGINATION_CAPPED'
      const isExpired = error.code === 'PAGINATION_EXPIRED'
      const rest = isCapped || isExpired ? options.goOn(read) : null
      if (rest) {
        restarts = 0
        queue.putBack([rest])
        continue
      }
      if (isExpired && restarts++ < MAX_RESTARTS) {
        await options.onRestart()
        queue.putBack([read])
        continue
      }
      const skips = windows && isClosed(read) && options.onSkip && OF_THE_WINDOW.has(error.code)
      if (!skips || (failedBefore && !isCapped)) throw error
      failures.push(ofWindow(endpoint, read, error))
      failedBefore = !isCapped
      await options.onSkip(read as ClosedRead)
      say(read, 'skipped')
    } finally {
      await opened.close()
    }
  }
  return { complete: true, whole: whole && failures.length === 0, watched, pages, failures }

  function say({ from, to }: Read, outcome: 'done' | 'split' | 'skipped'): void {
    const spell = (position: Position | null) => (position === null ? null : String(position))
    emit({
      type: 'window',
      endpoint,
      from: spell(from),
      to: spell(to),
      outcome,
      left: queue.left() + failures.length,
    })
  }
}

/** Whether a read must be made again: nothing else would tell that it has not brought everything. */
function lacksRecords(read: Read, { complete, whole, withheld }: WalkResult): boolean {
  return withheld || (complete && !whole && isClosed(read))
}

/** What a list with a total that is not reached, or the like, comes to where its rows can't be added to later. */
export function listIncomplete(endpoint: string): SluiceError {
  return new SluiceError(
    'LIST_INCOMPLETE',
    `${endpoint}: the list may lack records, as a warning says; it counts as not read`,
    {
      hint: 'the next run reads it again; where the API counts records that it does not return, leave out pagination.total_path',
      details: { endpoint },
    },
  )
}

function split(read: Read, rules: WindowRules): readonly Read[] | null {
  const halves = splitWindow(rules.cursor, read, rules)
  if (!halves) return null
  const kind = read.kind === 'first' ? 'next' : read.kind
  return [
    { ...halves[0], kind: read.kind },
    { ...halves[1], kind },
  ]
}

function isClosed(read: Read): read is ClosedRead {
  return read.to !== null
}

function ofWindow(endpoint: string, { kind, from, to }: Read, error: SluiceError): SluiceError {
  const range = `the window from ${String(from ?? 'the beginning')} to ${String(to)} could not be read`
  const capped = error.code === 'PAGINATION_CAPPED'
  const why = capped
    ? 'it can not be split further, and holds more than the API gives out'
    : error.message
  const without =
    kind === 'range'
      ? ''
      : `, or go on without it: sluice state set <pipeline> -e ${endpoint} ${String(to)}`
  return new SluiceError(error.code, `${endpoint}: ${range}: ${why}`, {
    cause: error,
    hint: capped
      ? `the next run tries again; set a shorter incremental.window.min if the API filters finely enough${without}`
      : 'the windows after it were read; the next run tries this one again',
    details: { ...error.details, endpoint, from, to },
  })
}

/** One error for all windows that were skipped. */
export function skippedWindows(failures: readonly SluiceError[]): SluiceError | null {
  const [first, ...others] = failures
  if (!first || others.length === 0) return first ?? null
  const message = `${first.message}; and ${others.length} more windows could not be read`
  return new SluiceError(first.code, message, {
    cause: first.cause,
    hint: first.hint,
    details: first.details,
  })
}
