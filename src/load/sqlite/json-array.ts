import { type RawBuilder, sql } from 'kysely'
import type { DataType } from '../../normalize/types.ts'
import type { ListItems } from '../destination.ts'

/**
 * The array is put together as text: readers of the file may have an SQLite that knows no `order by` in an aggregate, and
 * would not open a file with a view that has one.
 */
export function jsonArray({ table, values, parentId }: ListItems): RawBuilder<unknown> {
  const parts = values.map(({ name, type }) => jsonText(type, sql.id(table, name)))
  const item = sql`coalesce(${sql.join([...parts, sql.lit('null')])})`
  return sql`(select '[' || group_concat("item") || ']' from (select ${item} as "item"
    from ${sql.id(table)} where ${sql.id(table, '_dlt_parent_id')} = ${parentId}
    order by ${sql.id(table, '_dlt_list_idx')}))`
}

/** A cell as JSON text; null for null. */
function jsonText(type: DataType, cell: RawBuilder<unknown>): RawBuilder<unknown> {
  // Both are JSON as they are stored.
  if (type === 'json' || type === 'decimal') return cell
  if (type === 'bool') return sql`case ${cell} when 0 then 'false' when 1 then 'true' end`
  return sql`case when ${cell} is not null then json_quote(${cell}) end`
}
