import Database from 'better-sqlite3'
import { messageOf } from '../../core/errors.ts'
import type { FailureKind } from '../destination.ts'

const HINTS: Readonly<Record<string, string>> = {
  SQLITE_NOTADB: 'the file is not an SQLite database: give another path',
  SQLITE_CORRUPT: 'the file is damaged: restore it, or move it away and read everything again',
  SQLITE_CANTOPEN:
    'check that the path is a file, not a folder, and that its folder can be written to',
  SQLITE_READONLY: 'make the file and its folder writable for the user that runs Sluice',
  SQLITE_PERM: 'make the file and its folder writable for the user that runs Sluice',
  SQLITE_FULL: 'the disk is full: free some space and run again',
  SQLITE_IOERR: 'the disk reported an error: check it, and that the file is not on a network drive',
  SQLITE_BUSY: 'another program holds the file: let it finish, or close it, and run again',
  EACCES: 'make the folder writable for the user that runs Sluice',
  EROFS: 'the file system is read-only: give a path elsewhere',
  ENOTDIR: 'a part of the path is a file, not a folder: give another path',
  FILE_GONE:
    'leave the file where it is while a run is at work; run again to fill the one that is there',
  EEXIST: 'a part of the path is a file, not a folder: give another path',
}

const LASTING: ReadonlySet<string> = new Set([
  'SQLITE_FULL',
  'SQLITE_READONLY',
  'SQLITE_IOERR',
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
  'SQLITE_CANTOPEN',
  'SQLITE_PERM',
  'FILE_GONE',
])

/**
 * What kind of failure an error is. About a value are those too large for SQLite or its driver, those that break a
 * constraint that somebody has added to a table, and the keys of a record with too many of them.
 */
export function judgeSqlite(error: unknown): FailureKind | null {
  if (error instanceof RangeError) return /too big/.test(error.message) ? 'value' : null
  const code = plainCode(error)
  if (code === undefined) return null
  if (code === 'SQLITE_BUSY' || code === 'SQLITE_LOCKED') return 'passing'
  if (LASTING.has(code)) return 'lasting'
  if (/^SQLITE_(?:CONSTRAINT|TOOBIG|MISMATCH)$/.test(code)) return 'value'
  const isTooMany =
    code === 'SQLITE_ERROR' && /too many (?:columns|SQL variables)/.test(messageOf(error))
  return isTooMany ? 'value' : null
}

/** Extended codes (SQLITE_IOERR_WRITE) start with the plain one. */
function plainCode(error: unknown): string | undefined {
  const { code } = error as { code?: unknown }
  if (typeof code !== 'string') return undefined
  return error instanceof Database.SqliteError ? code.split('_').slice(0, 2).join('_') : code
}

/** What to do about an error of SQLite or of the file system. */
export function explainSqlite(error: unknown): string | undefined {
  const code = plainCode(error)
  return code === undefined ? undefined : HINTS[code]
}
