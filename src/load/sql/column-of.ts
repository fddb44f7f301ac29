import { type RawBuilder, sql } from 'kysely'

/** A column by its name, or the expression that stands in its place. */
export function columnOf(column: string | RawBuilder<unknown>): RawBuilder<unknown> {
  return typeof column === 'string' ? sql.id(column) : column
}
