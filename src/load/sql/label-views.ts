import { hash } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import { messageOf } from '../../core/errors.ts'
import { createNaming, type NamingConvention } from '../../normalize/naming.ts'
import type { TableSchema } from '../../normalize/types.ts'
import type { LoadTransaction, Reader } from '../destination.ts'
import { type FieldLabel, labelColumns, type ViewColumn } from './label-columns.ts'
import { labelViewName } from './label-view-name.ts'

/** A view that shows an endpoint's own table with labels in the place of the ids of its fields. */
export interface LabeledView {
  /** The endpoint's tables, its own first. */
  readonly tables: readonly TableSchema[]
  readonly labels: readonly FieldLabel[]
  readonly naming: NamingConvention
}

/** Whether Sluice has made a label view of a table. */
export async function hasLabelView(reader: Reader, table: string): Promise<boolean> {
  const name = labelViewName(table, reader.capabilities.maxIdentifierBytes)
  const stamps = await reader.stamps([name])
  return (stamps.get(name) ?? null) !== null
}

/** Drops the label view of a table, if Sluice has made one. Says whether it did. */
export async function dropLabelView(trx: LoadTransaction, table: string): Promise<boolean> {
  if (!(await hasLabelView(trx, table))) return false
  await trx.dropView(labelViewName(table, trx.capabilities.maxIdentifierBytes))
  return true
}

/**
 * Makes a label view, or makes it again when what is there differs from what it is to be. Returns why it could not be,
 * with what is there left as it is; null when it could.
 */
export async function renewLabelView(
  trx: LoadTransaction,
  view: LabeledView,
): Promise<string | null> {
  const { maxIdentifierBytes, maxColumns } = trx.capabilities
  const root = view.tables[0]!
  const name = labelViewName(root.name, maxIdentifierBytes)
  const stamps = await trx.stamps([name])
  const there = stamps.get(name)
  if (there === null) {
    return `something else is called ${name}: rename or drop it, and the next sync makes the view`
  }
  const present = await trx.columns(view.tables.map((table) => table.name))
  if (!present.has(root.name)) return null
  const columns = labelColumns({
    tables: view.tables.filter((table) => present.has(table.name)),
    present: present.get(root.name)!,
    labels: view.labels,
    naming: createNaming(view.naming, maxIdentifierBytes),
    convention: view.naming,
  })
  if (columns.length > maxColumns) {
    return `${name} would have ${columns.length} columns, more than the ${maxColumns} that there can be`
  }
  const query = selectColumns(trx, root, columns)
  const stamp = hash('sha256', query.compile(trx.db).sql, 'hex').slice(0, 32)
  if (there === stamp) return null
  const dependents = there === undefined ? [] : await trx.dependentsOf(name)
  if (dependents.length > 0) {
    const need = dependents.length > 1 ? 'need' : 'needs'
    return `${name} is out of date, and can not be made again while ${dependents.join(' and ')} ${need} it as it is: drop or alter that, sync, and bring it back`
  }
  const failure = await attempt(trx, async () => {
    if (there !== undefined) await trx.dropView(name)
    await trx.createView(name, stamp, query)
  })
  return failure && `${name} could not be made: ${failure}`
}

/** Undoes work that fails, and says why, so that the rest of the transaction can be committed without it. */
async function attempt(trx: LoadTransaction, work: () => Promise<void>): Promise<string | null> {
  await sql`savepoint label_view`.execute(trx.db)
  try {
    await work()
  } catch (error) {
    try {
      await sql`rollback to savepoint label_view`.execute(trx.db)
    } catch {
      // The connection is gone, or the transaction with it.
      throw error
    }
    return messageOf(error)
  }
  await sql`release savepoint label_view`.execute(trx.db)
  return null
}

function selectColumns(
  reader: Reader,
  root: TableSchema,
  columns: readonly ViewColumn[],
): RawBuilder<unknown> {
  const selected = columns.map((column) => {
    const value =
      'column' in column ? sql.id(root.name, column.column) : listOf(reader, root, column.list)
    return sql`${value} as ${sql.id(column.name)}`
  })
  return sql`select ${sql.join(selected)} from ${sql.id(root.name)}`
}

/** The items of a list, each in whichever of the list's columns holds it, as one JSON array; null without any. */
function listOf(reader: Reader, root: TableSchema, list: TableSchema): RawBuilder<unknown> {
  return reader.jsonArray({
    table: list.name,
    values: list.columns.filter(({ path }) => path !== null),
    parentId: sql.id(root.name, '_dlt_id'),
  })
}
