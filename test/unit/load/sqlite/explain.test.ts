import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { judgeSqlite } from '../../../../src/load/sqlite/explain.ts'

const sqliteError = (code: string, message = 'no') => new Database.SqliteError(message, code)
const errno = (code: string) => Object.assign(new Error('no'), { code })

it.each([
  ['passing', sqliteError('SQLITE_BUSY')],
  ['passing', sqliteError('SQLITE_BUSY_SNAPSHOT')],
  ['passing', sqliteError('SQLITE_LOCKED_SHAREDCACHE')],
  ['lasting', sqliteError('SQLITE_FULL')],
  ['lasting', sqliteError('SQLITE_IOERR_WRITE')],
  ['lasting', sqliteError('SQLITE_READONLY_DBMOVED')],
  ['lasting', sqliteError('SQLITE_CORRUPT_INDEX')],
  ['lasting', errno('FILE_GONE')],
  ['value', sqliteError('SQLITE_CONSTRAINT_CHECK')],
  ['value', sqliteError('SQLITE_TOOBIG')],
  ['value', sqliteError('SQLITE_ERROR', 'too many columns on orders')],
  ['value', new RangeError('The bound string, buffer, or bigint is too big')],
  [null, sqliteError('SQLITE_ERROR', 'no such table: orders')],
  [null, new TypeError('no')],
  [null, errno('ENOENT')],
  [null, undefined],
])('%s: %s', (kind, error) => {
  expect(judgeSqlite(error ?? new Error('no'))).toBe(kind)
})
