import { type Clock, systemClock } from '../core/clock.ts'
import { messageOf, SluiceError } from '../core/errors.ts'
import { type Logger, silentLogger } from '../core/log.ts'
import { millisToTimestamp } from '../core/time.ts'
import type { Destination } from '../load/destination.ts'
import { type DestinationConfig, destinations } from '../load/index.ts'
import { TooManyColumns } from '../load/sql/migrate-tables.ts'
import { migrateSystem, systemState } from '../load/sql/migrate-system.ts'
import { unavailable } from '../load/unavailable.ts'
import { readBookmark, readBookmarks, writeBookmark } from './bookmarks.ts'
import type { LabelView } from './label-views.ts'
import { readKnownRows } from './known-rows.ts'
import { createLoads } from './loads.ts'
import { createLock } from './lock.ts'
import { readParents } from './parents.ts'
import { createPatience } from './patience.ts'
import { insertRun, markDeadRuns, readRunEndpoints, readRuns, updateRun } from './runs.ts'
import { countRows, newestLoad } from './counts.ts'
import { createTokenStore } from './tokens.ts'
import type { Dataset, Load, ParentQuery, ParentRow } from './types.ts'
import { readWindows } from './windows.ts'

export type * from './types.ts'
export type { LabelRule, LabelView } from './label-views.ts'

export interface OpenDatasetOptions {
  readonly destination: DestinationConfig
  /** Name of the Postgres schema, or `{dataset}` in the path of the SQLite file. */
  readonly dataset: string
  /** `read` creates and migrates nothing, and finds nothing where no dataset is. */
  readonly mode: 'write' | 'read'
  /** Where relative paths start: the folder of pipelines.yaml. */
  readonly folder: string
  /** The label views that loads keep up to date. Default: none. */
  readonly labelViews?: readonly LabelView[]
  readonly clock?: Clock
  readonly log?: Logger
}

/**
 * Opens a dataset, in `write` mode making whatever is missing. Null in `read` mode when there is none.
 * The caller closes it.
 *
 * @throws SluiceError DESTINATION_UNAVAILABLE, DATASET_TOO_NEW
 */
export async function openDataset(options: OpenDatasetOptions): Promise<Dataset | null> {
  const { clock = systemClock, log = silentLogger, labelViews = [], ...rest } = options
  const destination = await destinations.create(options.destination, { ...rest, clock, log })
  if (!destination) return null
  try {
    const state = await systemState(destination)
    if (state === 'absent' && options.mode === 'read') {
      await destination.close()
      return null
    }
    if (state !== 'current' && options.mode === 'write') await migrateSystem(destination)
    return createDataset(destination, { clock, log, labelViews })
  } catch (error) {
    await destination.close()
    if (error instanceof SluiceError) throw error
    throw unavailable(destination.where, error, destination.explain(error))
  }
}

function createDataset(
  destination: Destination,
  { clock, log, labelViews }: Required<Pick<OpenDatasetOptions, 'clock' | 'log' | 'labelViews'>>,
): Dataset {
  const { db } = destination
  const now = () => millisToTimestamp(clock.now())
  const lock = createLock(destination, log)
  const patiently = createPatience(destination, clock, log)
  const loads = createLoads(destination, { lock, now, patiently, labelViews })

  /** Runs `work`; an error of the driver becomes one of ours that says what was being done. */
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await patiently(work)
    } catch (error) {
      throw failed(what, error)
    }
  }
  async function* attemptEach<T>(what: string, items: AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* items
    } catch (error) {
      throw failed(what, error)
    }
  }
  async function* findParents(query: ParentQuery): AsyncGenerator<ParentRow> {
    await loads.indexIds(query.table, query.staged ? 'stage' : 'table')
    yield* readParents(destination, query, patiently)
  }
  const failed = (what: string, error: unknown): SluiceError =>
    error instanceof SluiceError
      ? error
      : unavailable(`${destination.where}: ${what}`, error, destination.explain(error))

  const isBadValue = (error: unknown) =>
    error instanceof TooManyColumns || destination.judge(error) === 'value'
  const notWritten = ({ endpoint, loadId }: Load, error: unknown): SluiceError => {
    if (error instanceof SluiceError) return error
    const message = `${endpoint}: load ${loadId} was not written to ${destination.where}: ${messageOf(error)}`
    const kind = destination.judge(error)
    if (kind === 'passing' || kind === 'lasting') {
      return new SluiceError('DESTINATION_UNAVAILABLE', message, {
        cause: error,
        hint:
          destination.explain(error) ?? 'check the destination in pipelines.yaml, then run again',
        details: { endpoint, loadId },
      })
    }
    return new SluiceError('LOAD_FAILED', message, {
      cause: error,
      hint:
        destination.explain(error) ?? 'nothing of this load was kept; the next run reads it again',
      details: { endpoint, loadId, badValue: isBadValue(error) },
    })
  }

  return {
    maxIdentifierBytes: destination.capabilities.maxIdentifierBytes,
    lock: (holder) => attempt('taking the lock', () => lock.acquire(holder)),
    unlock: () => attempt('giving back the lock', () => lock.release()),

    schemas: () => attempt('reading schemas', () => loads.schemas()),
    bookmark: (endpoint, partition) =>
      attempt('reading a bookmark', () => readBookmark(destination, endpoint, partition)),
    bookmarks: (endpoint) =>
      attempt('reading bookmarks', () => readBookmarks(destination, endpoint)),
    setBookmark: (endpoint, partition, state) =>
      attempt('setting a bookmark', () =>
        writeBookmark(db, { endpoint, partition, state, loadId: null, now: now() }),
      ),
    tokens: (source, secret) => createTokenStore(db, { source, secret, now }),
    resetBookmarks: (endpoint) =>
      attempt('forgetting bookmarks', () =>
        destination.transaction(async (trx) => {
          for (const table of ['_sluice_bookmarks', '_sluice_windows'] as const) {
            await trx.db.deleteFrom(table).where('endpoint', '=', endpoint).execute()
          }
        }),
      ),
    windows: (endpoint) => attempt('reading the ledger', () => readWindows(destination, endpoint)),

    commit: async (load) => {
      try {
        return await loads.commit(load)
      } catch (error) {
        throw notWritten(load, error)
      }
    },
    valueProblem: async (load) => {
      try {
        await loads.tryOut(load)
        return null
      } catch (error) {
        if (isBadValue(error)) return messageOf(error)
        throw notWritten(load, error)
      }
    },
    clearStage: (endpoint) => attempt('clearing a stage', () => loads.clearStage(endpoint)),
    countUnseen: (endpoint, scope) =>
      attempt('counting rows', () => loads.countUnseen(endpoint, scope)),
    unstage: (endpoint, since) => attempt('clearing a stage', () => loads.unstage(endpoint, since)),
    parents: (query) => attemptEach('reading parents', findParents(query)),
    knownRows: (table, ids) =>
      attempt('looking rows up', async () => {
        await loads.indexIds(table, 'table')
        return readKnownRows(destination, table, ids)
      }),
    newestLoad: (table) =>
      attempt('reading loads', () => newestLoad(destination, table?.endpoint ?? null)),

    startRun: (run) =>
      attempt('storing a run', async () => {
        if (lock.isHeld()) await markDeadRuns(db, run.runId)
        await insertRun(db, run)
      }),
    completeIndexes: () => attempt('making indexes', () => loads.completeIndexes()),
    settleLabelViews: (synced) =>
      attempt('making label views', () => loads.settleLabelViews(synced)),
    finishRun: (run, endpoints) =>
      attempt('storing a run', async () => {
        // An interrupted run is in a hurry: the next load makes the indexes.
        const failures = run.status === 'interrupted' ? [] : await loads.completeIndexes()
        for (const { endpoint, message } of failures) log.warn(`${endpoint}: ${message}`)
        if (lock.isHeld()) await loads.clearStages()
        await destination.transaction((trx) => updateRun(trx.db, run, endpoints))
      }),
    runs: (query) => attempt('reading runs', () => readRuns(destination, query)),
    runEndpoints: (runId) => attempt('reading a run', () => readRunEndpoints(destination, runId)),
    rowCounts: () =>
      attempt('counting rows', async () => {
        const schemas = await loads.schemas()
        const tables = schemas.flatMap((schema) => schema.tables.map((table) => table.name))
        return countRows(destination, tables)
      }),
    query: (sql) => destination.query(sql),
    close: async () => {
      await lock.release().catch(() => {})
      await destination.close()
    },
  }
}
