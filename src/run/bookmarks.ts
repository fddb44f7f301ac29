import { randomUUID } from 'node:crypto'
import { systemClock, type Clock } from '../core/clock.ts'
import { SluiceError } from '../core/errors.ts'
import type { JsonRecord } from '../core/json.ts'
import { millisToTimestamp } from '../core/time.ts'
import { earlier, readBookmark } from '../extract/bounds.ts'
import { comparePositions, createCursor, type Cursor, type Position } from '../extract/cursor.ts'
import { doneRanges } from '../extract/ledger.ts'
import { readGaps } from '../extract/reads.ts'
import type { SeenState } from '../extract/seen.ts'
import type { Config, ResolvedEndpoint, ResolvedPipeline } from '../config/resolved.ts'
import { openDataset, type Dataset } from '../state/dataset.ts'
import { ledgerOf } from './ledger.ts'
import { pipelineOf, planEndpoints } from './plan.ts'

/** A range of the cursor as text; null is open to that side. */
export interface SpelledRange {
  readonly from: string | null
  readonly to: string | null
}

/** How far one list is read: an endpoint's own, or that of one parent. */
export interface ListState {
  readonly endpoint: string
  /** Empty, or the parent's mapped values as JSON. */
  readonly partition: string
  /** Up to where everything is read; null when no record has had a cursor yet, or nothing but a backfill ran. */
  readonly cursor: string | null
  /** What before that could not be read. */
  readonly gaps: readonly SpelledRange[]
  /** What backfills have read, and how many windows they have left. */
  readonly backfilled: readonly SpelledRange[]
  readonly windows_left: number
  /** The bookmark as it is stored; null for none. */
  readonly state: JsonRecord | null
  readonly updated_at: string | null
}

/** Every bookmark of a pipeline's dataset, and what its backfills have read. Nothing where there is no dataset yet. */
export async function showState(
  config: Config,
  pipelineName: string,
): Promise<readonly ListState[]> {
  const pipeline = pipelineOf(config, pipelineName)
  const dataset = await open(config, pipeline, 'read')
  if (!dataset) return []
  try {
    const bookmarks = await dataset.bookmarks()
    const named = pipeline.source.endpoints.map(({ name }) => name)
    const endpoints = new Set([...named, ...bookmarks.map(({ endpoint }) => endpoint)])
    const lists: ListState[] = []
    for (const endpoint of endpoints) {
      const windows = await dataset.windows(endpoint)
      const own = bookmarks.filter((bookmark) => bookmark.endpoint === endpoint)
      const partitions = new Set([...own, ...windows].map(({ partition }) => partition))
      const incremental = pipeline.source.endpoints.find(
        ({ name }) => name === endpoint,
      )?.incremental
      const cursor = incremental ? createCursor(incremental.format) : null
      for (const partition of partitions) {
        const bookmark = own.find((each) => each.partition === partition)
        const ledger = cursor && ledgerOf(cursor, windows, partition)
        lists.push({
          endpoint,
          partition,
          cursor: spell((bookmark?.state.cursor ?? null) as Position | null),
          gaps: cursor && bookmark ? readGaps(cursor, bookmark.state).map(spellRange) : [],
          backfilled: ledger ? doneRanges(ledger).map(spellRange) : [],
          windows_left: ledger?.planned.length ?? 0,
          state: bookmark?.state ?? null,
          updated_at: bookmark?.updatedAt ?? null,
        })
      }
    }
    return lists
  } finally {
    await dataset.close()
  }
}

export interface SetStateOptions {
  readonly endpoint: string
  /** A value of the endpoint's cursor: everything up to there counts as read, gaps included. */
  readonly value: string
  /** The list of one parent; default: every list of the endpoint that has a bookmark. */
  readonly partition?: string | undefined
  readonly clock?: Clock
}

/** A bookmark before and after it was set. */
export interface SetState {
  readonly partition: string
  readonly before: string | null
  readonly after: string
  /** Whether it was moved to before where it was. */
  readonly back: boolean
}

/**
 * Sets the bookmark of an endpoint.
 *
 * @throws SluiceError USAGE for a value that is none of the cursor or lies in the future, or an endpoint without a
 *   cursor; RUN_LOCKED while a run goes on
 */
export async function setState(
  config: Config,
  pipelineName: string,
  { endpoint: name, value, partition, clock = systemClock }: SetStateOptions,
): Promise<readonly SetState[]> {
  const pipeline = pipelineOf(config, pipelineName)
  const endpoint = endpointOf(pipeline, name)
  if (!endpoint.incremental) {
    throw new SluiceError('USAGE', `${name} has no incremental, and so no bookmark`, {
      hint: 'each sync reads all of it',
    })
  }
  const cursor = createCursor(endpoint.incremental.format)
  const position = parse(cursor, value, millisToTimestamp(clock.now()))
  return underLock(config, pipeline, async (dataset) => {
    const bookmarks = await dataset.bookmarks(name)
    const partitions =
      partition !== undefined
        ? [partition]
        : endpoint.depends_on
          ? bookmarks.filter(({ state }) => 'cursor' in state).map((each) => each.partition)
          : ['']
    if (partitions.length === 0) {
      throw new SluiceError('USAGE', `${name} has no bookmark yet`, {
        hint: 'its lists are known once it has been synced; or name one with --partition',
      })
    }
    const changes: SetState[] = []
    for (const each of partitions) {
      const before = bookmarks.find((bookmark) => bookmark.partition === each)?.state ?? null
      const was = readBookmark(cursor, before, name)
      await dataset.setBookmark(name, each, movedState(cursor, before, position))
      changes.push({
        partition: each,
        before: spell(was),
        after: String(position),
        back: was !== null && comparePositions(position, was) < 0,
      })
    }
    return changes
  })
}

/**
 * Forgets the bookmarks of endpoints, and what their backfills have read; default: all of the pipeline's. The next sync
 * reads everything again; of a table that is appended to, what it reads takes the place of the rows. Returns the
 * endpoints of which something was forgotten.
 *
 * @throws SluiceError USAGE, RUN_LOCKED
 */
export async function resetState(
  config: Config,
  pipelineName: string,
  { endpoints }: { readonly endpoints?: readonly string[] | undefined } = {},
): Promise<readonly string[]> {
  const pipeline = pipelineOf(config, pipelineName)
  const known = planEndpoints(
    pipeline,
    endpoints ?? pipeline.source.endpoints.map(({ name }) => name),
  )
  const wanted = new Set(endpoints ?? known.map(({ endpoint }) => endpoint.name))
  return underLock(config, pipeline, async (dataset) => {
    const forgotten: string[] = []
    for (const name of wanted) {
      const [bookmarks, windows] = [await dataset.bookmarks(name), await dataset.windows(name)]
      if (bookmarks.length + windows.length === 0) continue
      await dataset.resetBookmarks(name)
      forgotten.push(name)
    }
    return forgotten
  })
}

/**
 * Everything before the position counts as read, so neither gaps nor what may be read again is kept. Records without a
 * cursor have no place before or after it: those that were appended stay known.
 */
function movedState(cursor: Cursor, before: JsonRecord | null, position: Position): JsonRecord {
  const since = before?.since === undefined ? null : cursor.position(before.since)
  const seen = (before?.seen as SeenState | undefined)?.['']
  return {
    cursor: position,
    ...(since === null ? {} : { since: earlier(position, since) }),
    ...(seen ? { seen: { '': seen } } : {}),
  }
}

function parse(cursor: Cursor, value: string, now: string): Position {
  let position: Position | null = null
  try {
    position = cursor.position(value)
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
  }
  if (position === null) {
    throw new SluiceError(
      'USAGE',
      `"${value}" is no value of the cursor, which is a ${cursor.kind}`,
      {
        hint: 'sluice state show <pipeline> shows what bookmarks look like',
      },
    )
  }
  if (cursor.kind === 'time' && comparePositions(position, now) > 0) {
    throw new SluiceError('USAGE', `${String(position)} is in the future`, {
      hint: 'what happens until then would not be read',
    })
  }
  return position
}

function endpointOf(pipeline: ResolvedPipeline, name: string): ResolvedEndpoint {
  return planEndpoints(pipeline, [name]).find(({ endpoint }) => endpoint.name === name)!.endpoint
}

async function underLock<T>(
  config: Config,
  pipeline: ResolvedPipeline,
  work: (dataset: Dataset) => Promise<T>,
): Promise<T> {
  const dataset = (await open(config, pipeline, 'write'))!
  try {
    await dataset.lock({ runId: randomUUID(), pipeline: pipeline.name })
    return await work(dataset)
  } finally {
    await dataset.close()
  }
}

function open(config: Config, pipeline: ResolvedPipeline, mode: 'read' | 'write') {
  return openDataset({
    destination: pipeline.destination.config,
    dataset: pipeline.dataset,
    mode,
    folder: config.folder,
  })
}

function spell(position: Position | null): string | null {
  return position === null ? null : String(position)
}

function spellRange({ from, to }: { from: Position | null; to: Position | null }): SpelledRange {
  return { from: spell(from), to: spell(to) }
}
