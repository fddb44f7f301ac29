import type Database from 'better-sqlite3'
import { SqliteAdapter, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely'
import { numberIfSafe } from '../number-if-safe.ts'

const MAX_STATEMENTS = 500
/** Statements of these kinds come again and again; DDL does not. */
const REPEATED = /^\s*(?:select|insert|update|delete|with|begin|commit)\b/i

/** Kysely's dialect, over statements that are prepared once, with DDL inside transactions. */
export class PreparedSqliteDialect extends SqliteDialect {
  constructor(database: Database.Database) {
    super({ database: preparedDatabase(database) })
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter()
  }
}

class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

function preparedDatabase(database: Database.Database): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>()
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const known = statements.get(sql)
      if (known) return known
      const statement = prepare(database, sql)
      if (REPEATED.test(sql)) {
        if (statements.size >= MAX_STATEMENTS) statements.delete(statements.keys().next().value!)
        statements.set(sql, statement)
      }
      return statement
    },
  }
}

function prepare(database: Database.Database, sql: string): SqliteStatement {
  if (sql === 'rollback') return rollback(database)
  // A transaction that starts as a reader can be refused the write lock half-way; this one waits for it first.
  const statement = database.prepare(sql === 'begin' ? 'begin immediate' : sql)
  return {
    reader: statement.reader,
    all: (parameters) => statement.all(parameters).map((row) => withNumbers(row as Row)),
    run: (parameters) => statement.run(parameters),
    iterate: (parameters) => statement.iterate(parameters),
  }
}

/** SQLite has rolled back by itself after some errors (a full disk); doing it again would hide them. */
function rollback(database: Database.Database): SqliteStatement {
  return {
    reader: false,
    all: () => [],
    iterate: () => [].values(),
    run: () => {
      if (database.inTransaction) database.exec('rollback')
      return { changes: 0, lastInsertRowid: 0 }
    },
  }
}

type Row = Record<string, unknown>

function withNumbers(row: Row): Row {
  for (const column of Object.keys(row)) row[column] = numberIfSafe(row[column])
  return row
}
