import type { LoadTransaction } from '../load/destination.ts'
import { ensureIdIndex, ensureIndexes, type KeyUse } from '../load/sql/indexes.ts'
import { migrateTables, type TableMigration } from '../load/sql/migrate-tables.ts'
import type { TableSchema } from '../normalize/types.ts'
import { createIdSet, type IdSet } from './id-set.ts'

export interface TablesTarget extends TableMigration {
  /** Whether the tables differ from what is stored. */
  readonly changed: boolean
}

/**
 * What this process knows of one endpoint's tables, or of its stage's. They are looked at once, and again
 * when the schema changes; what a transaction did counts only once it is committed.
 */
export interface EndpointTables {
  /** Migrates the tables if the schema changed, or if they have not been looked at yet. */
  prepare(trx: LoadTransaction, target: TablesTarget): Promise<void>
  /**
   * Takes note of ids that are about to be written. Whether any of them may be in the endpoint's own table, which then
   * has the index to find it by.
   */
  mayHold(trx: LoadTransaction, root: TableSchema, ids: readonly string[]): Promise<boolean>
  /** Gives the endpoint's own table, if there is one, the index that rows are looked up by. */
  indexIds(trx: LoadTransaction, root: TableSchema): Promise<void>
  /** Adds the indexes that new tables are filled without; cheap when there is nothing to add. */
  completeIndexes(trx: LoadTransaction, tables: readonly TableSchema[], key: KeyUse): Promise<void>
  /** Whether the tables were created, or not looked at, without every index of theirs since. */
  readonly isNew: () => boolean
  /** Whether {@link indexIds} has been seen to. */
  readonly hasIdIndex: () => boolean
  /** The tables are dropped in this transaction. */
  forget(): void
  committed(): void
  rolledBack(): void
}

interface Known {
  readonly lookedAt: boolean
  /** Made by this process and not indexed yet. */
  readonly isNew: boolean
  readonly indexed: boolean
  readonly hasIdIndex: boolean
  /** All ids in a table of this process's making, while it has no index to find them by. */
  readonly ids: IdSet | null
}

const UNKNOWN: Known = {
  lookedAt: false,
  isNew: false,
  indexed: false,
  hasIdIndex: false,
  ids: null,
}

/** 6 MB of them. A new table with more rows gets its index while it is filled. */
const MAX_IDS = 1_000_000

/**
 * A table is quicker filled first and indexed then: ids come in no order, so that each page of records would touch a
 * hundred places of the index and write them all. Until there is a reason to look a row up, the ids are remembered.
 */
export function trackTables(): EndpointTables {
  let known = UNKNOWN
  let pending = UNKNOWN

  async function indexIds(trx: LoadTransaction, root: TableSchema): Promise<void> {
    if (pending.hasIdIndex) return
    await ensureIdIndex(trx, root)
    pending = { ...pending, hasIdIndex: true, ids: null }
  }

  return {
    prepare: async (trx, { tables, stored, changed }) => {
      if (pending.lookedAt && !changed) return
      const created = await migrateTables(trx, { tables, stored })
      const [root] = tables
      const { isNew, hasIdIndex, ids } = pending
      const isRootNew = root !== undefined && created.has(root.name)
      pending = {
        lookedAt: true,
        isNew: created.size > 0 || isNew,
        indexed: false,
        hasIdIndex: hasIdIndex && !isRootNew,
        ids: isRootNew ? createIdSet() : ids,
      }
    },
    mayHold: async (trx, root, ids) => {
      const remembered = pending.ids
      if (remembered && remembered.size() < MAX_IDS && remembered.add(ids)) return false
      await indexIds(trx, root)
      return true
    },
    indexIds,
    completeIndexes: async (trx, tables, key) => {
      if (pending.indexed) return
      await ensureIndexes(trx, tables, key)
      pending = { lookedAt: true, isNew: false, indexed: true, hasIdIndex: true, ids: null }
    },
    isNew: () => pending.isNew,
    hasIdIndex: () => pending.hasIdIndex,
    forget: () => void (pending = UNKNOWN),
    committed: () => void (known = pending),
    rolledBack: () => void (pending = known),
  }
}
