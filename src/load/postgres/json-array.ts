import { type RawBuilder, sql } from 'kysely'
import type { DataType } from '../../normalize/types.ts'
import type { ListItems } from '../destination.ts'

/** See `Reader.jsonArray`. */
export function jsonArray({ table, values, parentId }: ListItems): RawBuilder<unknown> {
  const parts = values.map(({ name, type }) => jsonOf(type, sql.id(table, name)))
  return sql`(select jsonb_agg(coalesce(${sql.join(parts)}) order by ${sql.id(table, '_dlt_list_idx')})
    from ${sql.id(table)} where ${sql.id(table, '_dlt_parent_id')} = ${parentId})`
}

function jsonOf(type: DataType, cell: RawBuilder<unknown>): RawBuilder<unknown> {
  if (type !== 'timestamp') return sql`to_jsonb(${cell})`
  // Spelled as everywhere, whatever the time zone of the session that reads the view.
  return sql`to_jsonb(to_char(${cell} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))`
}
