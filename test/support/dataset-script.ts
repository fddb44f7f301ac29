import Database from 'better-sqlite3'
import { onPostgres } from './postgres.ts'

/** Stands for the name of the schema in a script of {@link scriptPostgres}. */
export const SCHEMA = '{schema}'

/** The SQL that makes a dataset in an SQLite file again: tables, rows, indexes. */
export function scriptSqlite(file: string): string {
  const database = new Database(file, { readonly: true })
  try {
    const objects = database
      .prepare<[], { type: string; name: string; sql: string }>(
        `select type, name, sql from sqlite_master where sql is not null order by type = 'index', name`,
      )
      .all()
    return objects
      .flatMap(({ type, name, sql }) => [sql, ...rows(database, type, name)])
      .join(';\n')
  } finally {
    database.close()
  }
}

function rows(database: Database.Database, type: string, table: string): string[] {
  if (type !== 'table') return []
  const columns = database
    .prepare<[string], string>('select name from pragma_table_info(?)')
    .pluck()
    .all(table)
  const literals = columns.map((column) => `quote("${column}")`).join(` || ', ' || `)
  return database
    .prepare<[], string>(`select ${literals} from "${table}" order by rowid`)
    .pluck()
    .all()
    .map((values) => `insert into "${table}" values (${values})`)
}

/** The SQL that makes a dataset in a Postgres schema again, with {@link SCHEMA} in place of its name. */
export async function scriptPostgres(schema: string): Promise<string> {
  const columns = await onPostgres(
    `select c.relname as table, quote_ident(a.attname) as name, a.attnotnull as required,
            format_type(a.atttypid, a.atttypmod) as type
     from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = $1::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
     order by c.relname, a.attnum`,
    [schema],
  )
  const statements: string[] = []
  for (const table of new Set(columns.map((column) => String(column.table)))) {
    const own = columns.filter((column) => column.table === table)
    const definitions = own.map(({ name, type, required }) =>
      [name, type, ...(required === true ? ['not null'] : [])].join(' '),
    )
    statements.push(`create table ${SCHEMA}."${table}" (${definitions.join(', ')})`)
    const literals = own.map(({ name }) => `quote_nullable(${String(name)}::text)`)
    const rows = await onPostgres(
      `select concat_ws(', ', ${literals.join(', ')}) as values from "${schema}"."${table}" order by ctid`,
    )
    for (const { values } of rows) {
      statements.push(`insert into ${SCHEMA}."${table}" values (${String(values)})`)
    }
  }
  const constraints = await onPostgres(
    `select conrelid::regclass::text as table, conname, pg_get_constraintdef(oid) as definition
     from pg_constraint where connamespace = $1::regnamespace and contype = 'p' order by 1`,
    [schema],
  )
  for (const { table, conname, definition } of constraints) {
    const name = String(table).replace(schema, SCHEMA)
    statements.push(`alter table ${name} add constraint "${String(conname)}" ${String(definition)}`)
  }
  const indexes = await onPostgres(
    `select indexdef from pg_indexes where schemaname = $1::text
     and indexname not in (select conname from pg_constraint where connamespace = $1::text::regnamespace)
     order by indexname`,
    [schema],
  )
  for (const { indexdef } of indexes) statements.push(String(indexdef).replace(schema, SCHEMA))
  return statements.join(';\n')
}
