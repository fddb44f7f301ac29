import { messageOf } from '../core/errors.ts'
import type { Timestamp } from '../core/time.ts'
import type { Destination, LoadTransaction } from '../load/destination.ts'
import { dropSeen, type SweepCount, type SweepScope } from '../load/sql/deletes.ts'
import type { KeyUse } from '../load/sql/indexes.ts'
import { deleteStaged, dropStage, dropTables, leftoversOf, stageOf } from '../load/sql/stage.ts'
import type { EndpointSchema, TableSchema } from '../normalize/types.ts'
import { type Staged, writeLoad, type WrittenLoad } from './commit.ts'
import { isCommitted } from './counts.ts'
import { countUnseenRows } from './deletes.ts'
import { type EndpointTables, trackTables } from './endpoint-tables.ts'
import type { RunLock } from './lock.ts'
import { readSchemas, type SchemaVersion } from './schema-store.ts'
import type { Patience } from './patience.ts'
import { createTurns } from './turns.ts'
import type { LabelView, SchemaOf } from './label-views.ts'
import { settleLabelViews } from './settle-label-views.ts'
import type { IndexFailure, LabelProblem, Load, LoadResult } from './types.ts'

/** Everything that changes an endpoint's tables, one transaction each. */
export interface Loads {
  schemas(): Promise<EndpointSchema[]>
  commit(load: Load): Promise<LoadResult>
  /** Writes a load and takes it back; throws what {@link commit} would throw. */
  tryOut(load: Load): Promise<void>
  clearStage(endpoint: string): Promise<void>
  /** Drops what a load and those after it have staged for this endpoint. */
  unstage(endpoint: string, since: string): Promise<void>
  countUnseen(endpoint: string, scope: SweepScope): Promise<SweepCount>
  /** Drops what this process staged and did not publish, and what it noted for a sweep. */
  clearStages(): Promise<void>
  /** Gives an endpoint's own table, or its stage, the index that rows are looked up by, if this process may write. */
  indexIds(table: TableSchema, where: 'table' | 'stage'): Promise<void>
  /** Indexes the tables that were made since the dataset was opened. Returns what could not be indexed. */
  completeIndexes(): Promise<readonly IndexFailure[]>
  /** Makes, renews and drops label views where no load has. Returns what keeps labels out of them. */
  settleLabelViews(synced: ReadonlySet<string>): Promise<readonly LabelProblem[]>
}

/** What is known of one endpoint: its tables, its stage, and how its key is used, once a load has said so. */
interface Tracked {
  readonly tables: EndpointTables
  readonly stage: EndpointTables
  staged: Staged | null
  key: KeyUse | null
  /** The endpoint's own table, while ids of rows that were seen are noted for it. */
  sweeping: TableSchema | null
}

export interface LoadsContext {
  readonly lock: RunLock
  readonly now: () => Timestamp
  readonly patiently: Patience
  /** Every endpoint whose label view is looked after, those that are to have none among them. */
  readonly labelViews: readonly LabelView[]
}

export function createLoads(
  destination: Destination,
  { lock, now, patiently, labelViews }: LoadsContext,
): Loads {
  // Only the holder of the lock writes schemas, so what was read once stays true.
  let versions: Map<string, SchemaVersion> | null = null
  const stored = async () => (versions ??= await readSchemas(destination))

  const tracked = new Map<string, Tracked>()
  const track = (endpoint: string): Tracked => {
    let known = tracked.get(endpoint)
    if (!known) {
      known = {
        tables: trackTables(),
        stage: trackTables(),
        staged: null,
        key: null,
        sweeping: null,
      }
      tracked.set(endpoint, known)
    }
    return known
  }

  /** The newest load that this process has committed. */
  let newest: string | null = null

  const underLock = <T>(work: (trx: LoadTransaction) => Promise<T>): Promise<T> =>
    destination.transaction(async (trx) => {
      await lock.confirm(trx, newest)
      return work(trx)
    })

  /** Runs a transaction under the lock, and keeps what is known of the endpoint's tables in step with it. */
  const change = async <T>(
    endpoint: string,
    work: (trx: LoadTransaction, known: Tracked) => Promise<T>,
  ): Promise<T> => {
    const known = track(endpoint)
    try {
      const result = await underLock((trx) => work(trx, known))
      known.tables.committed()
      known.stage.committed()
      return result
    } catch (error) {
      known.tables.rolledBack()
      known.stage.rolledBack()
      throw error
    }
  }

  /** A stage belongs to one run: what is there before this process stages anything was left by another. */
  let swept = false
  const sweep = async (): Promise<void> => {
    if (swept || !lock.isHeld()) return
    const left = await leftoversOf(destination)
    if (left.length > 0) await underLock((trx) => dropTables(trx, left))
    swept = true
  }

  const write = async (trx: LoadTransaction, load: Load, known: Tracked): Promise<WrittenLoad> => {
    const { tables, stage, staged } = known
    const all = await stored()
    const version = all.get(load.endpoint) ?? null
    const schemaOf: SchemaOf = (endpoint) => all.get(endpoint)?.schema
    const context = { tables, stage, staged, labelViews, schemaOf }
    return writeLoad(trx, load, { ...context, stored: version, now: now() })
  }

  /**
   * A connection that is cut off while it commits leaves open whether it did: the load's own line tells, once whatever
   * still runs on the other side has let go of the lock. Of tables that such a load wrote nothing is known.
   */
  const writeOnce = (load: Load): Promise<WrittenLoad> => {
    let written: WrittenLoad | null = null
    return patiently((attempt) =>
      change(load.endpoint, async (trx, known) => {
        if (attempt > 0 && written && (await isCommitted(trx, load.loadId))) {
          known.tables.forget()
          known.stage.forget()
          return written
        }
        written = await write(trx, load, known)
        return written
      }),
    )
  }

  const commit = async (load: Load): Promise<LoadResult> => {
    await sweep()
    const all = await stored()
    const known = track(load.endpoint)
    const written = await writeOnce(load)
    newest = load.loadId
    if (written.stored) all.set(load.endpoint, written.stored)
    known.staged = written.staged
    known.key = load.keys
    const [root = null] = load.schema.tables
    if (load.seen) known.sweeping = root
    if (load.deletes) known.sweeping = null
    const { rows, deleted, restored } = written
    return { rows, deleted, restored }
  }

  const tryOut = async (load: Load): Promise<void> => {
    await sweep()
    await stored()
    const takenBack = new Error('taken back')
    try {
      await patiently(() =>
        change(load.endpoint, async (trx, known) => {
          await write(trx, load, known)
          throw takenBack
        }),
      )
    } catch (error) {
      if (error !== takenBack) throw error
    }
  }

  const clearStage = async (endpoint: string): Promise<void> => {
    await sweep()
    const known = track(endpoint)
    const { staged, sweeping } = known
    if (!staged && !sweeping) return
    await change(endpoint, async (trx, { stage }) => {
      if (sweeping) await dropSeen(trx, sweeping)
      if (!staged) return
      await dropStage(trx, staged.schema.tables)
      stage.forget()
    })
    known.staged = null
    known.sweeping = null
  }

  const unstage = async (endpoint: string, since: string): Promise<void> => {
    const { staged } = track(endpoint)
    if (!staged) return
    await patiently(() => change(endpoint, (trx) => deleteStaged(trx, staged.schema.tables, since)))
  }

  const countUnseen = async (endpoint: string, scope: SweepScope): Promise<SweepCount> => {
    const root = (await stored()).get(endpoint)?.schema.tables[0]
    if (!root) return { rows: 0, unseen: 0 }
    return patiently(() => change(endpoint, (trx) => countUnseenRows(trx, root, scope)))
  }

  const indexIds = async (table: TableSchema, where: 'table' | 'stage'): Promise<void> => {
    const { tables, stage } = track(table.endpoint)
    const [state, root] =
      where === 'stage' ? [stage, stageOf(destination, table)] : ([tables, table] as const)
    if (state.hasIdIndex() || !lock.isHeld()) return
    await sweep()
    await patiently(() => change(table.endpoint, (trx) => state.indexIds(trx, root)))
  }

  const completeIndexes = async (): Promise<readonly IndexFailure[]> => {
    const all = await stored()
    const failures: IndexFailure[] = []
    for (const [endpoint, known] of tracked) {
      const { tables, key } = known
      const version = all.get(endpoint)
      if (!version || key === null || !tables.isNew()) continue
      try {
        await change(endpoint, (trx) => tables.completeIndexes(trx, version.schema.tables, key))
      } catch (error) {
        // The rows are safe. The next load tries again, and fails if it can't.
        known.key = null
        failures.push({ endpoint, message: `an index could not be made: ${messageOf(error)}` })
      }
    }
    return failures
  }

  const settle = async (synced: ReadonlySet<string>): Promise<readonly LabelProblem[]> => {
    const all = await stored()
    return settleLabelViews(destination, {
      views: labelViews,
      schemaOf: (endpoint) => all.get(endpoint)?.schema,
      synced,
      inTransaction: (work) => patiently(() => underLock(work)),
    })
  }

  // Pages of one endpoint may come from several walks at once. Each schema has grown from the one before it,
  // so they must be written in the order in which they were made.
  const inTurn = createTurns()
  return {
    schemas: async () => [...(await stored()).values()].map(({ schema }) => schema),
    commit: (load) => inTurn(() => commit(load)),
    tryOut: (load) => inTurn(() => tryOut(load)),
    clearStage: (endpoint) => inTurn(() => clearStage(endpoint)),
    unstage: (endpoint, since) => inTurn(() => unstage(endpoint, since)),
    countUnseen: (endpoint, scope) => inTurn(() => countUnseen(endpoint, scope)),
    clearStages: () =>
      inTurn(async () => {
        for (const endpoint of tracked.keys()) await clearStage(endpoint)
      }),
    indexIds: (table, where) => inTurn(() => indexIds(table, where)),
    completeIndexes: () => inTurn(completeIndexes),
    settleLabelViews: (synced) => inTurn(() => settle(synced)),
  }
}
