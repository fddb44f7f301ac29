import { Kysely, sql } from 'kysely'
import type { Pool, QueryArrayConfig } from 'pg'
import { SluiceError } from '../core/errors.ts'
import type { Cell } from '../normalize/types.ts'
import type {
  Capabilities,
  Destination,
  DestinationContext,
  LoadTransaction,
  QueryResult,
  Reader,
  Widening,
} from './destination.ts'
import { groupNames } from './group-names.ts'
import { addRows } from './postgres/add-rows.ts'
import { analyzeIndexed } from './postgres/analyze.ts'
import { textArray } from './postgres/array-literal.ts'
import { DatasetPostgresDialect } from './postgres/dialect.ts'
import { explainPostgres, judgePostgres } from './postgres/explain.ts'
import { jsonArray } from './postgres/json-array.ts'
import { createMergeRows } from './postgres/merge-rows.ts'
import { createPool, createStatementNames, preparedPool } from './postgres/pool.ts'
import { createViews, readDependentsOf, readStamps } from './postgres/views.ts'
import { NOT_A_QUERY, queryError } from './query-error.ts'
import { columnOf } from './sql/column-of.ts'
import type { SystemTables } from './sql/system-tables.ts'
import { unavailable } from './unavailable.ts'

const capabilities: Capabilities = {
  maxIdentifierBytes: 63,
  maxColumns: 1600,
  types: {
    text: 'text',
    bigint: 'bigint',
    decimal: 'numeric',
    double: 'double precision',
    bool: 'boolean',
    timestamp: 'timestamptz',
    date: 'date',
    json: 'jsonb',
  },
}

/** Connects to the database; the dataset is a schema in it. */
export async function openPostgres(
  connectionString: string,
  context: DestinationContext,
): Promise<Destination> {
  const where = describe(connectionString)
  if (Buffer.byteLength(context.dataset) > capabilities.maxIdentifierBytes) {
    throw unavailable(
      where,
      `the dataset name "${context.dataset}" is longer than a schema name may be`,
      `give the pipeline a dataset of at most ${capabilities.maxIdentifierBytes} bytes`,
    )
  }
  const pool = createPool({ connectionString }, context.dataset, context.mode, context.log)
  try {
    // The pool connects when it is first used; failing here says what failed.
    const client = await pool.connect()
    client.release()
  } catch (error) {
    await pool.end()
    throw unavailable(where, error, explainPostgres(error))
  }
  return createDestination(where, pool, context)
}

/** Host, port and database, without the user and the password. */
function describe(connectionString: string): string {
  if (!URL.canParse(connectionString)) {
    // Neither the text nor the URL error, which quotes it, may get into a message.
    throw unavailable(
      'postgres',
      'the connection string is not a URL',
      'write it as postgres://user:password@host:port/database, special characters percent-encoded',
    )
  }
  const { host, pathname } = new URL(connectionString)
  return `postgres ${host}${pathname}`
}

function createDestination(
  where: string,
  pool: Pool,
  { dataset }: DestinationContext,
): Destination {
  const names = createStatementNames()
  const db = new Kysely<SystemTables>({
    dialect: new DatasetPostgresDialect({ pool: preparedPool(pool, names) }, dataset),
  })
  const mergeRows = createMergeRows<SystemTables>(capabilities.types)
  return {
    ...reader(db),
    type: 'postgres',
    where,
    schema: dataset,
    transaction: (work) =>
      db.transaction().execute((trx) => {
        const transaction: LoadTransaction = {
          ...reader(trx),
          add: (batches) => addRows(trx, batches),
          merge: (batches) => mergeRows(trx, batches),
          analyze: (table) => analyzeIndexed(trx, table),
          widen: async (table, widenings) => {
            await alterTypes(trx, table, widenings)
            names.renew()
          },
          ...createViews(trx),
        }
        return work(transaction)
      }),
    query: (text) => queryReadOnly(pool, text),
    now: async () => {
      const { rows } = await sql<{ ms: number }>`
        select extract(epoch from clock_timestamp())::float8 * 1000 as ms`.execute(db)
      return rows[0]!.ms
    },
    explain: explainPostgres,
    judge: judgePostgres,
    close: async () => {
      await db.destroy()
      // Kysely ends the pool only if it was ever used.
      if (!pool.ended) await pool.end()
    },
  }
}

function reader(db: Kysely<SystemTables>): Reader {
  return {
    capabilities,
    db,
    // pg has parsed values by their types already.
    decode: (_type, value) => value as Cell,
    tables: async () => {
      const { rows } = await sql<{ name: string }>`
        select relname as name from pg_class
        where relnamespace = (select oid from pg_namespace where nspname = current_schema())
          and relkind in ('r', 'p')`.execute(db)
      return rows.map(({ name }) => name)
    },
    columns: async (tables) => {
      const { rows } = await sql<{ table: string; name: string }>`
        select c.relname as "table", a.attname as name
        from pg_class as c join pg_attribute as a on a.attrelid = c.oid
        where c.relnamespace = (select oid from pg_namespace where nspname = current_schema())
          and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
          and c.relname = any(${textArray(tables)}::text[])
        order by c.relname, a.attnum`.execute(db)
      return groupNames(rows)
    },
    indexes: async (tables) => {
      const { rows } = await sql<{ table: string; name: string }>`
        select tablename as "table", indexname as name from pg_indexes
        where schemaname = current_schema()
          and tablename = any(${textArray(tables)}::text[])`.execute(db)
      return groupNames(rows)
    },
    isAmong: (column, values) =>
      sql`${columnOf(column)} in (select unnest(${textArray(values)}::text[]))`,
    stamps: (names) => readStamps(db, names),
    dependentsOf: (view) => readDependentsOf(db, view),
    jsonArray,
  }
}

async function alterTypes(
  db: Kysely<SystemTables>,
  table: string,
  widenings: readonly Widening[],
): Promise<void> {
  const changes = widenings.map(({ column, to }) => {
    const type = sql.raw(capabilities.types[to])
    // By way of text every value keeps its digits: a direct cast of a double to numeric cuts them at 15.
    return sql`alter column ${sql.id(column)} type ${type} using ${sql.id(column)}::text::${type}`
  })
  await sql`alter table ${sql.id(table)} ${sql.join(changes)}`.execute(db)
}

async function queryReadOnly(pool: Pool, text: string): Promise<QueryResult> {
  const client = await pool.connect()
  try {
    await client.query('begin read only')
    // The extended protocol takes one statement only, so that none can end this transaction and write.
    const statement = { text, rowMode: 'array', queryMode: 'extended' } as QueryArrayConfig
    const { fields, rows } = await client.query<unknown[]>(statement)
    if (fields.length === 0) throw queryError(NOT_A_QUERY)
    return { columns: fields.map((field) => field.name), rows }
  } catch (error) {
    throw error instanceof SluiceError ? error : queryError(error)
  } finally {
    const broken = await client.query('rollback').then(
      () => false,
      () => true,
    )
    client.release(broken)
  }
}
