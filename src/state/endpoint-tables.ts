import type { LoadTransaction } from '../load/destination.ts'
import { ensureIndexes, type KeyUse } from '../load/sql/indexes.ts'
import { migrateTables, type TableMigration } from '../load/sql/migrate-tables.ts'
import type { TableSchema } from '../normalize/types.ts'

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
  /** Adds the indexes that new tables are filled without; cheap when there is nothing to add. */
  completeIndexes(trx: LoadTransaction, tables: readonly TableSchema[], key: KeyUse): Promise<void>
  /** Whether the tables were created, or not looked at, without every index of theirs since. */
  readonly isNew: () => boolean
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
}

const UNKNOWN: Known = { lookedAt: false, isNew: false, indexed: false }

export function trackTables(): EndpointTables {
  let known = UNKNOWN
  let pending = UNKNOWN
  return {
    prepare: async (trx, { tables, stored, changed }) => {
      if (pending.lookedAt && !changed) return
      const { created } = await migrateTables(trx, { tables, stored })
      pending = { lookedAt: true, isNew: created || pending.isNew, indexed: false }
    },
    completeIndexes: async (trx, tables, key) => {
      if (pending.indexed) return
      await ensureIndexes(trx, tables, key)
      pending = { lookedAt: true, isNew: false, indexed: true }
    },
    isNew: () => pending.isNew,
    forget: () => void (pending = UNKNOWN),
    committed: () => void (known = pending),
    rolledBack: () => void (pending = known),
  }
}
