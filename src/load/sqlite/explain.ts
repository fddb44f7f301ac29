import Database from 'better-sqlite3'

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
  EEXIST: 'a part of the path is a file, not a folder: give another path',
}

/**
 * Whether an error is about a value: one too large for SQLite or its driver, one that breaks a constraint that somebody
 * has added to a table, or the keys of a record with more of them than a table has columns.
 */
export function isBadSqliteValue(error: unknown): boolean {
  if (error instanceof RangeError) return /too big/.test(error.message)
  if (!(error instanceof Database.SqliteError)) return false
  const { code, message } = error
  if (/^SQLITE_(?:CONSTRAINT|TOOBIG|MISMATCH)/.test(code)) return true
  return code === 'SQLITE_ERROR' && /too many (?:columns|SQL variables)/.test(message)
}

/** What to do about an error of SQLite or of the file system. */
export function explainSqlite(error: unknown): string | undefined {
  const code = (error as { code?: unknown }).code
  if (typeof code !== 'string') return undefined
  // Extended codes (SQLITE_IOERR_WRITE) start with the plain one.
  const plain = error instanceof Database.SqliteError ? code.split('_').slice(0, 2).join('_') : code
  return HINTS[plain]
}
