import type { Kysely } from 'kysely'
import { SluiceError } from '../core/errors.ts'
import type { Logger } from '../core/log.ts'
import { millisToTimestamp } from '../core/time.ts'
import type { Destination, LoadTransaction, Reader } from '../load/destination.ts'
import { prepared } from '../load/sql/prepared.ts'
import type { SystemTables } from '../load/sql/system-tables.ts'
import { type ProcessIdentity, processState, thisProcess } from './process-identity.ts'

const LOCK_ID = 1
const HEARTBEAT_MS = 10_000
/** A holder that can't be looked at is taken for dead after this long without a heartbeat. */
const DEAD_AFTER_MS = 60_000
/** Each lost race means that another process won one, so a few attempts are plenty. */
const MAX_ATTEMPTS = 5

/** Runs of this process that have ended and whose locks could not be given back. */
const abandoned = new Set<string>()

export interface Holder {
  readonly runId: string
  readonly pipeline: string
}

interface LockRow extends ProcessIdentity {
  readonly runId: string
  readonly pipeline: string
  readonly sinceMs: number
  readonly heartbeatMs: number
}

/** The one lock of a dataset: a row that names the run that may write. */
export interface RunLock {
  /** Takes the lock, from a dead holder too. Throws RUN_LOCKED, naming the holder. */
  acquire(holder: Holder): Promise<void>
  release(): Promise<void>
  /**
   * Keeps the lock this run's until the transaction ends: who wants to take it over waits, and then sees
   * that it lives. Throws RUN_LOCKED when it has been taken over, and DESTINATION_UNAVAILABLE when a load that was
   * committed before is not there any more: a server that fails over, or crashes with `synchronous_commit = off`, comes
   * back without its last transactions, and what builds on them must not be written.
   */
  confirm(trx: LoadTransaction, committed: string | null): Promise<void>
  /** Whether this process took the lock and has not given it back. */
  isHeld(): boolean
}

export function createLock(destination: Destination, log: Logger): RunLock {
  const { db } = destination
  let held: Holder | null = null
  let timer: NodeJS.Timeout | undefined

  const hold = (holder: Holder): void => {
    held = holder
    timer = setInterval(() => void heartbeat(destination, holder, log), HEARTBEAT_MS)
    timer.unref()
  }

  return {
    isHeld: () => held !== null,
    acquire: async (holder) => {
      let other: LockRow | undefined
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const now = Math.round(await destination.now())
        if (await insertLock(destination, holder, now)) return hold(holder)
        other = await readLock(destination)
        if (!other) continue
        // The connection was cut off before the answer came.
        if (other.runId === holder.runId) return hold(holder)
        if (!isDead(other, now)) throw runLocked(other)
        if (await replaceLock(destination, other, holder, now)) {
          log.warn('took over the lock of a run that died', { run: other.runId, pid: other.pid })
          return hold(holder)
        }
      }
      throw other ? runLocked(other) : lockLost(holder)
    },
    release: async () => {
      clearInterval(timer)
      if (!held) return
      const { runId } = held
      abandoned.add(runId)
      await db.deleteFrom('_sluice_lock').where('run_id', '=', runId).execute()
      abandoned.delete(runId)
      held = null
    },
    confirm: async (trx, committed) => {
      if (!held) throw new SluiceError('INTERNAL', 'a load was committed without the lock')
      const { numAffectedRows } =
        committed === null
          ? await keepLock(trx.db, { runId: held.runId })
          : await keepLockBehind(trx.db, { runId: held.runId, loadId: committed })
      if (numAffectedRows === 1n) return
      const { runId } = (await readLock(trx)) ?? {}
      throw runId === held.runId ? loadLost(committed!) : lockLost(held)
    },
  }
}

/** Keeps others from the lock's row, if it is still this run's, until the transaction ends. */
const keepLock = prepared<{ runId: string }>((db, parameter) => touchLock(db, parameter('runId')))

/** The same, if a load is still there. */
const keepLockBehind = prepared<{ runId: string; loadId: string }>((db, parameter) =>
  touchLock(db, parameter('runId')).where((column) =>
    column.exists(
      column.selectFrom('_dlt_loads').select('load_id').where('load_id', '=', parameter('loadId')),
    ),
  ),
)

function touchLock(db: Kysely<SystemTables>, runId: string) {
  return db
    .updateTable('_sluice_lock')
    .set((column) => ({ heartbeat_ms: column.ref('heartbeat_ms') }))
    .where('id', '=', LOCK_ID)
    .where('run_id', '=', runId)
}

/** A process that is seen to live keeps its lock, however long it has stood still: it may go on any moment. */
function isDead(holder: LockRow, now: number): boolean {
  if (abandoned.has(holder.runId)) return true
  const state = processState(holder)
  if (state !== 'unknown') return state === 'gone'
  return now - holder.heartbeatMs > DEAD_AFTER_MS
}

/** A heartbeat that fails is not the run's failure: the next load will tell, and there are five more. */
async function heartbeat(destination: Destination, holder: Holder, log: Logger): Promise<void> {
  try {
    const now = Math.round(await destination.now())
    await destination.db
      .updateTable('_sluice_lock')
      .set({ heartbeat_ms: now })
      .where('run_id', '=', holder.runId)
      .execute()
  } catch (error) {
    log.debug('the heartbeat of the lock failed', { error: String(error) })
  }
}

function lockRow(holder: Holder, now: number) {
  return {
    run_id: holder.runId,
    pipeline: holder.pipeline,
    ...thisProcess(),
    since_ms: now,
    heartbeat_ms: now,
  }
}

async function insertLock({ db }: Destination, holder: Holder, now: number): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('_sluice_lock')
    .values({ id: LOCK_ID, ...lockRow(holder, now) })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows === 1n
}

/** Only while it is as it was seen: of two that want a dead run's lock, one gets it. */
async function replaceLock(
  { db }: Destination,
  seen: LockRow,
  holder: Holder,
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('_sluice_lock')
    .set(lockRow(holder, now))
    .where('run_id', '=', seen.runId)
    .where('heartbeat_ms', '=', seen.heartbeatMs)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

async function readLock({ db }: Reader): Promise<LockRow | undefined> {
  const row = await db
    .selectFrom('_sluice_lock')
    .select(['run_id', 'pipeline', 'host', 'pid', 'process', 'since_ms', 'heartbeat_ms'])
    .executeTakeFirst()
  return (
    row && {
      runId: row.run_id,
      pipeline: row.pipeline,
      host: row.host,
      pid: row.pid,
      process: row.process,
      sinceMs: row.since_ms,
      heartbeatMs: row.heartbeat_ms,
    }
  )
}

function runLocked(other: LockRow): SluiceError {
  const since = millisToTimestamp(other.sinceMs)
  return new SluiceError(
    'RUN_LOCKED',
    `the dataset is in use by run ${other.runId} of ${other.pipeline}: ` +
      `process ${other.pid} on ${other.host}, since ${since}`,
    {
      hint: 'wait for that run to end; if its process is dead, its lock is taken over within a minute',
      details: { runId: other.runId, host: other.host, pid: other.pid, since },
    },
  )
}

function lockLost(holder: Holder): SluiceError {
  return new SluiceError(
    'RUN_LOCKED',
    `run ${holder.runId} of ${holder.pipeline} lost the dataset's lock to another run`,
    { hint: 'nothing of this load was kept; this process stood still too long, run again' },
  )
}

function loadLost(loadId: string): SluiceError {
  return new SluiceError(
    'DESTINATION_UNAVAILABLE',
    `load ${loadId} was committed and is not in the database any more`,
    {
      hint: 'the server came back with older data; run again: bookmarks went back with the rows, and what is missing is read again',
      details: { loadId },
    },
  )
}
