import { createHash } from 'node:crypto'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import { escapeIdentifier, Pool, type PoolClient, type PoolConfig } from 'pg'
import type { Logger } from '../../core/log.ts'
import { copyIn, CopyTexts } from './copy-in.ts'
import { Statements } from './together.ts'
import { typeParsers } from './type-parsers.ts'

/** One for the load, one for the heartbeat of the lock, one to read parents meanwhile. */
const MAX_CONNECTIONS = 3
const CONNECT_TIMEOUT_MS = 15_000
const KEEP_ALIVE_MS = 10_000

/** Connections whose unqualified names are those of the dataset's schema, and whose times are UTC in ISO form. */
export function createPool(
  connection: PoolConfig,
  schema: string,
  mode: 'write' | 'read',
  log: Logger,
): Pool {
  const pool = new Pool({
    ...connection,
    application_name: 'sluice',
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    // A peer that is gone without a word is noticed in minutes instead of hours.
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    types: typeParsers,
    // Statements that are handed over together go out together.
    pipeline: true,
    // Plans are made anew each time, by what the tables hold now: a plan kept from a first load's empty
    // tables would read them from end to end for every page; as would one made for spinning disks.
    // How values are written and read is set, because the role or the database may have it otherwise.
    // pg waits for the promise, whatever its types say.
    // oxlint-disable-next-line typescript/no-misused-promises
    onConnect: async (client) => {
      await client.query(
        `set search_path = ${escapeIdentifier(schema)}; set time zone 'UTC';
         set plan_cache_mode = force_custom_plan; set random_page_cost = 1.1;
         set extra_float_digits = 1; set datestyle = 'ISO'; set intervalstyle = 'postgres';
         set array_nulls = on;
         set default_transaction_read_only = ${mode === 'read' ? 'on' : 'off'}`,
      )
    },
  })
  // A connection that is cut off says so twice: the query in progress fails, and an event comes. Unheard, the event ends
  // the process; the pool hears it of idle connections only.
  const closed = (error: Error) =>
    log.debug('postgres closed a connection', { error: error.message })
  pool.on('error', closed)
  pool.on('connect', (client) => void client.on('error', closed))
  return pool
}

/** The names under which statements are prepared: one for every text, in each connection. */
export interface StatementNames {
  of(sql: string): string
  /** New names for all: after DDL, statements prepared before it may refuse to run. */
  renew(): void
}

export function createStatementNames(): StatementNames {
  const names = new Map<string, string>()
  let epoch = 0
  return {
    of: (sql) => {
      let name = names.get(sql)
      if (name === undefined) {
        name = `sluice_${epoch}_${createHash('sha256').update(sql).digest('hex').slice(0, 32)}`
        names.set(sql, name)
      }
      return name
    },
    renew: () => {
      epoch++
      names.clear()
    },
  }
}

/**
 * The pool as Kysely wants it, running every statement that has parameters as a prepared one. There are few
 * different texts: lists are passed as one array, so none depends on the number of rows.
 */
export function preparedPool(pool: Pool, names: StatementNames): PostgresPool {
  // Kysely knows a connection by the identity of its client.
  const wrappers = new WeakMap<PoolClient, PostgresPoolClient>()
  return {
    end: () => pool.end(),
    connect: async () => {
      const client = await pool.connect()
      let wrapper = wrappers.get(client)
      if (!wrapper) {
        wrapper = preparedClient(client, names)
        wrappers.set(client, wrapper)
      }
      return wrapper
    },
  }
}

/** What Kysely reads of a result. */
interface QueryOutcome {
  readonly command: string
  readonly rows: unknown[]
}

function preparedClient(client: PoolClient, names: StatementNames): PostgresPoolClient {
  const query = async (sql: string, parameters: readonly unknown[]): Promise<QueryOutcome> => {
    const [first] = parameters
    if (first instanceof CopyTexts) {
      await copyIn(client, sql, first)
      return { command: 'COPY', rows: [] }
    }
    if (first instanceof Statements) {
      const sent = Array.from(first.each, (each) => query(each.sql, each.parameters))
      const results = await Promise.all(sent)
      return { command: 'TOGETHER', rows: results.map(({ rows }) => rows) }
    }
    if (parameters.length === 0) return client.query(sql)
    return client.query({ name: names.of(sql), text: sql, values: [...parameters] })
  }
  return {
    // Kysely's type has a second form for cursors, which this dialect is never given.
    query: query as PostgresPoolClient['query'],
    release: () => client.release(),
  }
}
