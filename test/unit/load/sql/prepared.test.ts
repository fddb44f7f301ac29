import {
  type CompiledQuery,
  type Dialect,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteQueryCompiler,
} from 'kysely'
import { describe, expect, it } from 'vitest'
import { prepared } from '../../../../src/load/sql/prepared.ts'
import type { SystemTables } from '../../../../src/load/sql/system-tables.ts'

/** A database that runs nothing, and what it was given to run. */
function openFake(adapter: typeof SqliteAdapter | typeof PostgresAdapter) {
  const executed: CompiledQuery[] = []
  const dialect: Dialect = {
    createAdapter: () => new adapter(),
    createDriver: () =>
      Object.assign(new DummyDriver(), {
        acquireConnection: async () => ({
          executeQuery: async (query: CompiledQuery) => {
            executed.push(query)
            return { rows: [] }
          },
          streamQuery: async function* () {},
        }),
      }),
    createIntrospector: () => {
      throw new Error('not needed')
    },
    createQueryCompiler: () =>
      adapter === SqliteAdapter ? new SqliteQueryCompiler() : new PostgresQueryCompiler(),
  }
  return { db: new Kysely<SystemTables>({ dialect }), executed }
}

let built = 0
const setToken = prepared<{ source: string; token: string; at: string }>((db, parameter) => {
  built++
  return db
    .updateTable('_sluice_tokens')
    .set({ token: parameter('token'), updated_at: parameter('at') })
    .where('source', '=', parameter('source'))
    .where('token', '!=', 'none')
})

describe('prepared', () => {
  it('compiles a statement once for each database, and puts each value in its place', async () => {
    built = 0
    const [sqlite, postgres] = [openFake(SqliteAdapter), openFake(PostgresAdapter)]
    await setToken(sqlite.db, { source: 's', token: 't', at: '1' })
    await setToken(sqlite.db, { at: '2', token: 'u', source: 's' })
    await setToken(postgres.db, { source: 's', token: 't', at: '1' })
    expect(built).toBe(2)
    const statement = (mark: (n: number) => string) =>
      `update "_sluice_tokens" set "token" = ${mark(1)}, "updated_at" = ${mark(2)} where "source" = ${mark(3)} and "token" != ${mark(4)}`
    expect(sqlite.executed.map(({ sql }) => sql)).toEqual(Array(2).fill(statement(() => '?')))
    expect(postgres.executed.map(({ sql }) => sql)).toEqual([statement((n) => `$${n}`)])
    expect(sqlite.executed.map(({ parameters }) => parameters)).toEqual([
      ['t', '1', 's', 'none'],
      ['u', '2', 's', 'none'],
    ])
  })

  it('runs in a transaction what was compiled outside of it', async () => {
    built = 0
    const { db, executed } = openFake(SqliteAdapter)
    await setToken(db, { source: 's', token: 't', at: '1' })
    await db.transaction().execute((trx) => setToken(trx, { source: 's', token: 'u', at: '2' }))
    expect(built).toBe(1)
    expect(executed.map(({ parameters }) => parameters[0])).toEqual(['t', 'u'])
  })
})
