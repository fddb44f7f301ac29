import { messageOf } from '../core/errors.ts'
import type { Logger } from '../core/log.ts'
import type { Timestamp } from '../core/time.ts'
import type { Destination, LoadTransaction } from '../load/destination.ts'
import type { KeyUse } from '../load/sql/indexes.ts'
import { dropStage } from '../load/sql/stage.ts'
import type { EndpointSchema } from '../normalize/types.ts'
import { writeLoad } from './commit.ts'
import { type EndpointTables, trackTables } from './endpoint-tables.ts'
import type { RunLock } from './lock.ts'
import { readSchemas, type SchemaVersion } from './schema-store.ts'
import { createTurns } from './turns.ts'
import type { Load, LoadResult } from './types.ts'

/** Everything that changes an endpoint's tables, one transaction each. */
export interface Loads {
  schemas(): Promise<EndpointSchema[]>
  commit(load: Load): Promise<LoadResult>
  clearStage(endpoint: string): Promise<void>
  /** Indexes the tables that were made since the dataset was opened. */
  completeIndexes(): Promise<void>
}

/** What is known of one endpoint: its tables, its stage, and how its key is used, once a load has said so. */
interface Tracked {
  readonly tables: EndpointTables
  readonly stage: EndpointTables
  key: KeyUse | null
}

export function createLoads(
  destination: Destination,
  lock: RunLock,
  { now, log }: { readonly now: () => Timestamp; readonly log: Logger },
): Loads {
  // Only the holder of the lock writes schemas, so what was read once stays true.
  let versions: Map<string, SchemaVersion> | null = null
  const stored = async () => (versions ??= await readSchemas(destination))

  const tracked = new Map<string, Tracked>()
  const track = (endpoint: string): Tracked => {
    let known = tracked.get(endpoint)
    if (!known) {
      known = { tables: trackTables(), stage: trackTables(), key: null }
      tracked.set(endpoint, known)
    }
    return known
  }

  /** Runs a transaction under the lock, and keeps what is known of the endpoint's tables in step with it. */
  const change = async <T>(
    endpoint: string,
    work: (trx: LoadTransaction, known: Tracked) => Promise<T>,
  ): Promise<T> => {
    const known = track(endpoint)
    try {
      const result = await destination.transaction(async (trx) => {
        await lock.confirm(trx)
        return work(trx, known)
      })
      known.tables.committed()
      known.stage.committed()
      return result
    } catch (error) {
      known.tables.rolledBack()
      known.stage.rolledBack()
      throw error
    }
  }

  const commit = async (load: Load): Promise<LoadResult> => {
    const all = await stored()
    const known = track(load.endpoint)
    const version = all.get(load.endpoint) ?? null
    const written = await change(load.endpoint, (trx, { tables, stage }) =>
      writeLoad(trx, load, { tables, stage, stored: version, now: now() }),
    )
    all.set(load.endpoint, written.version)
    known.key = load.keys
    return { rows: written.rows }
  }

  const clearStage = async (endpoint: string): Promise<void> => {
    const version = (await stored()).get(endpoint)
    if (!version) return
    await change(endpoint, async (trx, { stage }) => {
      await dropStage(trx, version.schema.tables)
      stage.forget()
    })
  }

  const completeIndexes = async (): Promise<void> => {
    const all = await stored()
    for (const [endpoint, { tables, key }] of tracked) {
      const version = all.get(endpoint)
      if (!version || key === null || !tables.isNew()) continue
      try {
        await change(endpoint, (trx) => tables.completeIndexes(trx, version.schema.tables, key))
      } catch (error) {
        // The rows are safe. The next load tries again, and fails if it can't.
        log.warn(`${endpoint}: an index could not be made: ${messageOf(error)}`)
      }
    }
  }

  // Pages of one endpoint may come from several walks at once. Each schema has grown from the one before it,
  // so they must be written in the order in which they were made.
  const inTurn = createTurns()
  return {
    schemas: async () => [...(await stored()).values()].map(({ schema }) => schema),
    commit: (load) => inTurn(() => commit(load)),
    clearStage: (endpoint) => inTurn(() => clearStage(endpoint)),
    completeIndexes: () => inTurn(completeIndexes),
  }
}
