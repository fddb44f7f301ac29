import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { DataType } from '../../normalize/types.ts'
import type { Widening } from '../destination.ts'

interface TableColumn {
  readonly name: string
  readonly type: string
  readonly notnull: number
}

/**
 * Widens columns by rebuilding their table, since SQLite can't change the type of a column. Columns keep
 * their order, and indexes and triggers (a user's own too) are made again from their own text.
 */
export async function rebuildTable<DB>(
  db: Kysely<DB>,
  table: string,
  widenings: readonly Widening[],
  types: Readonly<Record<DataType, string>>,
): Promise<void> {
  const { rows: columns } = await sql<TableColumn>`
    select name, type, "notnull" from pragma_table_info(${table})`.execute(db)
  const { rows: dependents } = await sql<{ sql: string }>`
    select sql from sqlite_master
    where tbl_name = ${table} and type in ('index', 'trigger') and sql is not null`.execute(db)

  const byColumn = new Map(widenings.map((widening) => [widening.column, widening]))
  const definitions = columns.map(({ name, type, notnull }) => {
    const widening = byColumn.get(name)
    const declared = sql.raw(widening ? types[widening.to] : type)
    return sql`${sql.id(name)} ${declared}${sql.raw(notnull === 1 ? ' not null' : '')}`
  })
  const values = columns.map(({ name }) => {
    const widening = byColumn.get(name)
    return widening ? converted(widening) : sql.id(name)
  })
  const rebuilt = sql.id('_sluice_rebuilt')
  await sql`create table ${rebuilt} (${sql.join(definitions)})`.execute(db)
  await sql`insert into ${rebuilt} select ${sql.join(values)} from ${sql.id(table)}`.execute(db)
  await sql`drop table ${sql.id(table)}`.execute(db)
  await sql`alter table ${rebuilt} rename to ${sql.id(table)}`.execute(db)
  for (const dependent of dependents) await sql.raw(dependent.sql).execute(db)
}

function converted({ column, from, to }: Widening): RawBuilder<unknown> {
  const value = sql.id(column)
  if (to === 'double') return sql`cast(${value} as real)`
  if (to === 'timestamp' && from === 'date') return sql`${value} || 'T00:00:00.000000Z'`
  return from === 'double' ? sql`sluice_decimal(${value})` : sql`cast(${value} as text)`
}
