import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { plainDecimal } from './plain-decimal.ts'

/** SQLite waits with the process standing still; who calls it waits longer, without that. */
const BUSY_TIMEOUT_MS = 2_000
const WAL_TIMEOUT_MS = 10_000
const BUSY_RETRY_MS = 20
/** Pages at hand, and as much again for sorting a new index. More makes a load no quicker, and the process larger. */
const CACHE_KIB = 8 * 1024
/** 32 MB of 4 KB pages: fewer, longer checkpoints suit a loader better than the default 4 MB. */
const CHECKPOINT_PAGES = 8000

/** Opens the file, in `write` mode creating it and its folder. */
export function openDatabase(file: string, mode: 'write' | 'read'): Database.Database {
  if (mode === 'write') mkdirSync(dirname(file), { recursive: true })
  const database = new Database(file, {
    readonly: mode === 'read',
    fileMustExist: mode === 'read',
    timeout: BUSY_TIMEOUT_MS,
  })
  try {
    configure(database, mode)
  } catch (error) {
    database.close()
    throw error
  }
  return database
}

function configure(database: Database.Database, mode: 'write' | 'read'): void {
  // Integers come back as bigints so that none is rounded; the dialect makes numbers of the small ones.
  database.defaultSafeIntegers(true)
  database.function('sluice_decimal', { deterministic: true, safeIntegers: false }, (value) =>
    plainDecimal(value as number | null),
  )
  database.pragma(`cache_size = -${CACHE_KIB}`)
  database.pragma('foreign_keys = off')
  // A table that is rebuilt is dropped and renamed; views that read it must not stand in the way.
  database.pragma('legacy_alter_table = on')
  if (mode === 'read') {
    // The first read of the file tells whether it is a database at all.
    database.pragma('schema_version')
    return
  }
  enterWal(database)
  // In WAL mode a commit is in the operating system's hands before it returns, so a killed process loses
  // nothing. Only a power cut can undo the newest commits, rows and bookmark together: they are read again.
  database.pragma('synchronous = normal')
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
}

/** Of processes that turn a new file to WAL at the same time, SQLite refuses all but one without waiting. */
function enterWal(database: Database.Database): void {
  const deadline = Date.now() + WAL_TIMEOUT_MS
  for (;;) {
    try {
      database.pragma('journal_mode = wal')
      return
    } catch (error) {
      const busy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
      if (!busy || Date.now() > deadline) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_RETRY_MS)
    }
  }
}
