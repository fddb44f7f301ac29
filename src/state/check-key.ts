import { sql } from 'kysely'
import { SluiceError } from '../core/errors.ts'
import type { Reader } from '../load/destination.ts'
import type { EndpointSchema, TableSchema } from '../normalize/types.ts'
import type { Load } from './types.ts'

/**
 * Makes sure that the rows to be written are told apart as those in the endpoint's table are: under another
 * key, or in another table, every record would be there twice.
 *
 * @param before the schema that the table was last loaded with
 * @throws SluiceError CONFIG_INVALID
 */
export async function checkKey(reader: Reader, load: Load, before: EndpointSchema): Promise<void> {
  const [table, known] = [load.schema.tables[0], before.tables[0]]
  if (!table || !known || load.publish === 'replace') return
  const difference = differenceOf(table, known, load.keys)
  if (difference === null || !(await hasRows(reader, known.name))) return
  throw new SluiceError('CONFIG_INVALID', `${load.endpoint}: ${difference}`, {
    hint: `change it back; or load into another table, by an endpoint with another name and table_name; or drop table ${known.name} and run a full refresh`,
    details: { endpoint: load.endpoint, table: known.name, key: known.primaryKey },
  })
}

function differenceOf(table: TableSchema, known: TableSchema, keys: Load['keys']): string | null {
  if (table.name !== known.name) {
    return `table_name is now ${table.name}, but table ${known.name} holds its rows`
  }
  // Rows whose key may repeat are never told apart by it.
  if (keys === 'repeated') return null
  const [now, then] = [table.primaryKey, known.primaryKey].map(quoted)
  if (now === then) return null
  if (then === '')
    return `primary_key is now ${now}, but table ${known.name} holds rows without a key`
  const change = now === '' ? `no longer ${then}` : `now ${now}`
  return `primary_key is ${change}, but table ${known.name} holds rows keyed by ${then}`
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ')
}

async function hasRows(reader: Reader, table: string): Promise<boolean> {
  if (!(await reader.columns([table])).has(table)) return false
  const { rows } = await sql`select 1 from ${sql.id(table)} limit 1`.execute(reader.db)
  return rows.length > 0
}
