import { later } from '../extract/bounds.ts'
import type { Position } from '../extract/cursor.ts'
import type { ParentValues } from '../extract/parents.ts'
import type { CursorBound, ParentScope } from '../load/sql/deletes.ts'
import type { Column, TableSchema } from '../normalize/types.ts'
import type { LoadDeletes } from '../state/dataset.ts'
import type { RunContext } from './context.ts'
import { cursorCell } from './cursor-cell.ts'
import type { PlannedEndpoint } from './plan.ts'
import { readsAll, type ListResult } from './sync-list.ts'
import { warnDeletesUnseen } from './unseen.ts'

/** One list that a sync has read, and what it was read from. */
export interface SweptList {
  readonly parent: ParentValues | null
  readonly state: Parameters<typeof readsAll>[1]
  readonly result: ListResult
}

/**
 * Whether an endpoint's full reads are to find what is gone; never in a table that holds nothing yet.
 *
 * @param lost whether events that would have told it are lost
 */
export function sweeps(
  { endpoint, loaded }: PlannedEndpoint,
  { schemas, fullRefresh }: Pick<RunContext, 'schemas' | 'fullRefresh'>,
  lost: boolean,
): boolean {
  const { deletes } = endpoint
  if (!loaded || deletes === null || deletes.snapshot !== null) return false
  const drops = endpoint.incremental?.retention !== undefined
  const compares = deletes.from.length === 0 || ((lost || fullRefresh) && !drops)
  return compares && schemas.has(endpoint.name)
}

/**
 * What a sync that has read these lists, and no other, knows to be gone. Null when it does not speak for all that it
 * would have to (a list was read from its bookmark, was not read to its end, or may have left something out), and, with
 * a warning, when the table does not tell for which of its rows it speaks.
 */
export function planSweep(
  { endpoint }: PlannedEndpoint,
  { schemas, allowDeletes, emit }: Pick<RunContext, 'schemas' | 'allowDeletes' | 'emit'>,
  lists: readonly SweptList[],
): LoadDeletes | null {
  const { mode, maxRatio } = endpoint.deletes!
  const table = schemas.get(endpoint.name)?.tables[0]
  const speaks = lists.every(({ state, result }) => readsAll(endpoint, state) && result.whole)
  if (!table || lists.length === 0 || !speaks) return null
  const from = latest(lists.map(({ result }) => result.since))
  const since = from === null ? null : sinceScope(table, from)
  const onlyChanged = endpoint.depends_on?.only_changed ?? false
  const parents = onlyChanged ? parentScope(table) : null
  if ((from !== null && !since) || (onlyChanged && !parents)) return null
  const readOnce = endpoint.incremental !== undefined && !endpoint.incremental.client_side
  return {
    mode,
    sweep: {
      scope: { since, parents },
      maxRatio: allowDeletes ? null : maxRatio,
      again: readOnce ? ['--full-refresh'] : [],
      lists: onlyChanged ? null : lists.map(({ parent }) => parent?.partition ?? ''),
    },
  }

  /** Rows from before where the read began were not asked for, so nothing is known of them. */
  function sinceScope({ columns, cursor }: TableSchema, position: Position): CursorBound | null {
    const { cursor_path, format } = endpoint.incremental!
    const column = columns.find(({ name }) => name === cursor)
    const value = column ? cursorCell(column.type, format, position) : null
    if (column && value !== null) return { column, value }
    const why = column
      ? `${column.name} is ${column.type}, which does not sort as the format ${format} does;`
      : `the table has no column for ${cursor_path}; load that field, or`
    const all = 'read all of it, without start_date and initial_value'
    warn(`the list was read from ${String(position)} on, and ${why} ${all}`)
    return null
  }

  /** Children of parents that did not change were not asked for, so nothing is known of them. */
  function parentScope({ columns }: TableSchema): ParentScope | null {
    const { endpoint: name, param_mapping } = endpoint.depends_on!
    const [field = ''] = Object.values(param_mapping)
    const parent = schemas.get(name)!.tables[0]!
    const included = `_${name}_${field}`
    const column = columnAt(columns, included)
    if (!column) {
      warn(`the table has no column for ${included}, which says whose a row is; load that field`)
      return null
    }
    return {
      column: column.name,
      values: lists.flatMap(({ parent: values }) =>
        [...(values?.mapped.values() ?? [])].map(String),
      ),
      parent,
      parentColumn: columnAt(parent.columns, field)!.name,
    }
  }

  function warn(why: string): void {
    warnDeletesUnseen(endpoint.name, { emit }, why)
  }
}

function columnAt(columns: readonly Column[], path: string): Column | undefined {
  return columns.find((column) => column.path?.join('.') === path && !column.variantOf)
}

/**
 * Whether rows that look gone are. A list whose shifts go unnoticed may have hidden records, so that where it would cost
 * rows it is read a second time: what is gone is what neither read has seen.
 *
 * @param unwatched reads each of those lists again
 */
export async function isGoneForSure(
  { endpoint }: PlannedEndpoint,
  { sweep }: LoadDeletes,
  { dataset }: { readonly dataset: Pick<RunContext['dataset'], 'countUnseen'> },
  unwatched: readonly (() => Promise<{ readonly whole: boolean }>)[],
): Promise<boolean> {
  if (unwatched.length === 0) return true
  const { unseen } = await dataset.countUnseen(endpoint.name, sweep!.scope)
  if (unseen === 0) return true
  for (const readAgain of unwatched) {
    if (!(await readAgain()).whole) return false
  }
  return true
}

function latest(positions: readonly (Position | null)[]): Position | null {
  const known = positions.filter((position) => position !== null)
  return known.length === 0 ? null : known.reduce(later)
}
