import { millisToTimestamp, timestampToMicros } from '../core/time.ts'
import type { JsonRecord } from '../core/json.ts'
import { compileGet } from '../core/path.ts'
import { comparePositions, createCursor, readable } from '../extract/cursor.ts'
import type { KnownRow, LoadDeletes } from '../state/dataset.ts'
import { ROWS_ALONE } from './commit-policy.ts'
import type { RunContext } from './context.ts'
import { createKeyReader, type KeyReader } from './key-reader.ts'
import { createRange } from './range.ts'
import { asSnapshot } from './list-variant.ts'
import { lostEventsOf } from './lost-events.ts'
import { openPages } from './open-pages.ts'
import { PARTITIONS } from './partitions.ts'
import type { PlannedEndpoint } from './plan.ts'
import { createReader, type Reader } from './reader.ts'
import { readRecords } from './read-records.ts'
import { restarting } from './restarting.ts'
import { isGoneForSure } from './sweep.ts'
import { createWriter, type EndpointWriter } from './writer.ts'

/**
 * Reads the complete list of what is there, where that is due, and compares: rows that it does not show are gone, rows
 * that had gone and that it shows are back. Records that it shows and the table lacks, or has of an earlier version only, are
 * read by their key.
 */
export async function takeSnapshot(planned: PlannedEndpoint, context: RunContext): Promise<void> {
  const { endpoint } = planned
  const { snapshot } = endpoint.deletes!
  const { dataset } = context
  if (!(await isDue(planned, context))) return
  await dataset.clearStage(endpoint.name)
  const reader = await createReader(asSnapshot(endpoint, snapshot!), context)
  const writer = createWriter(planned, context)
  const missing = await createMissing(planned, context, writer)
  try {
    await compareSnapshot(planned, context, { reader, writer, missing })
  } finally {
    await missing?.close()
  }
}

interface SnapshotParts {
  readonly reader: Reader
  readonly writer: EndpointWriter
  /** Reads by their key what the snapshot shows and the table lacks; null where there is no way to. */
  readonly missing: KeyReader | null
}

async function compareSnapshot(
  planned: PlannedEndpoint,
  context: RunContext,
  { reader, writer, missing }: SnapshotParts,
): Promise<void> {
  const { mode, maxRatio } = planned.endpoint.deletes!
  const { allowDeletes, startedAt } = context
  const read = (missing: KeyReader | null) =>
    restarting(() => readSnapshot(reader, context, { planned, writer, missing }))
  const first = await read(missing)
  if (!first.whole) return
  if (missing && !(await missing.finish())) return
  if (!writer.namesAll()) return
  const deletes: LoadDeletes = {
    mode,
    sweep: {
      scope: { since: null, parents: null },
      maxRatio: allowDeletes ? null : maxRatio,
      again: [],
      lists: null,
    },
  }
  const unwatched = first.watched ? [] : [() => read(null)]
  if (!(await isGoneForSure(planned, deletes, context, unwatched)) || !writer.namesAll()) return
  const state = { taken_at: startedAt, lost: await lostDeletes(planned, context) }
  await writer.delete(deletes, [{ partition: PARTITIONS.snapshot, state }])
}

/** The newest note of events lost that might have said what is gone. */
function lostDeletes({ endpoint }: PlannedEndpoint, context: RunContext): Promise<string | null> {
  const feeds = endpoint.deletes!.from.map((feed) => feed.endpoint)
  return lostEventsOf(feeds, context)
}

/** Whether the last snapshot is as old as it may be, or has to make up for events that were lost since. */
async function isDue(planned: PlannedEndpoint, context: RunContext): Promise<boolean> {
  const { dataset, fullRefresh, startedAt } = context
  const { every } = planned.endpoint.deletes!.snapshot!
  if (every === undefined || fullRefresh) return true
  const state = await dataset.bookmark(planned.endpoint.name, PARTITIONS.snapshot)
  if ((await lostDeletes(planned, context)) !== (state?.lost ?? null)) return true
  const taken = typeof state?.taken_at === 'string' ? state.taken_at : millisToTimestamp(0)
  const age = timestampToMicros(startedAt) - timestampToMicros(taken)
  return age >= BigInt(Math.round(every * 1000))
}

/** Reads by their key what a snapshot shows and the table lacks; null where there is no way to. */
async function createMissing(
  planned: PlannedEndpoint,
  context: RunContext,
  writer: EndpointWriter,
): Promise<KeyReader | null> {
  const rule = planned.endpoint.reread.find(({ from }) => from === 'snapshot')
  return rule ? createKeyReader(planned, rule, context, writer) : null
}

interface SnapshotOptions {
  readonly planned: PlannedEndpoint
  readonly writer: EndpointWriter
  readonly missing: KeyReader | null
}

/** Notes all that the list shows. */
async function readSnapshot(
  reader: Reader,
  context: RunContext,
  { planned, writer, missing }: SnapshotOptions,
): Promise<{ readonly whole: boolean; readonly watched: boolean }> {
  const isInRange = await createRange(planned, context)
  const keyOf = compileGet(planned.endpoint.primary_key![0]!)
  const isNewer = compareVersions(planned.endpoint)
  let whole = false
  let watched = true
  const opened = openPages(reader, context, { parent: null, bounds: null, maxPages: Infinity })
  const options = { incremental: null, keysAlone: true }
  for await (const page of readRecords(opened, context, options)) {
    const shown = [...page.records, ...page.failed.map(({ record }) => record)]
    await writer.write({ records: [], failed: [], others: shown }, ROWS_ALONE)
    if (missing) {
      for (const record of await lacking(shown.filter(isInRange))) {
        await missing.add(keyOf(record)!)
      }
    }
    whole = page.whole
    watched = page.watched
    context.signal.throwIfAborted()
  }
  return { whole, watched }

  /** Those of the records that have no row, one that is marked as gone, or one of an earlier version. */
  async function lacking(records: readonly JsonRecord[]): Promise<readonly JsonRecord[]> {
    const table = context.schemas.get(planned.endpoint.name)?.tables[0]
    const named = records.flatMap((record) => {
      const id = writer.idOf(record)
      return id === null ? [] : [{ id, record }]
    })
    if (!table || named.length === 0) return named.map(({ record }) => record)
    const known = await context.dataset.knownRows(
      table,
      named.map(({ id }) => id),
    )
    return named.flatMap(({ id, record }) => {
      const row = known.get(id)
      return row && !row.isDeleted && !isNewer(record, row) ? [] : [record]
    })
  }
}

/** Whether a record has a later cursor than its row; where either has none, it is not known to. */
function compareVersions({
  incremental: config,
}: PlannedEndpoint['endpoint']): (record: JsonRecord, row: KnownRow) => boolean {
  if (!config) return () => false
  const cursor = createCursor(config.format)
  const get = compileGet(config.cursor_path)
  return (record, row) => {
    const [shown, known] = [readable(cursor, get(record)), readable(cursor, row.cursor)]
    return shown !== null && known !== null && comparePositions(shown, known) > 0
  }
}
