import { comparePositions, type Position } from '../extract/cursor.ts'
import type { ParentValues } from '../extract/parents.ts'
import type { ParentScope } from '../load/sql/deletes.ts'
import type { TableSchema } from '../normalize/types.ts'
import type { LoadDeletes } from '../state/dataset.ts'
import type { RunContext } from './context.ts'
import type { PlannedEndpoint } from './plan.ts'
import { readsAll, type ListResult } from './sync-list.ts'

/** One list that a sync has read, and what it was read from. */
export interface SweptList {
  readonly parent: ParentValues | null
  readonly state: Parameters<typeof readsAll>[1]
  readonly result: ListResult
}

/** Whether an endpoint's full reads are to find what is gone; never in a table that holds nothing yet. */
export function sweeps(
  { endpoint, loaded }: PlannedEndpoint,
  { schemas }: Pick<RunContext, 'schemas'>,
): boolean {
  return loaded && endpoint.deletes !== null && !endpoint.deletes.from && schemas.has(endpoint.name)
}

/**
 * What a sync that has read these lists, and no other, knows to be gone. Null when it does not speak for all that it
 * would have to: a list was read from its bookmark, was not read to its end, or may have left something out.
 */
export function planSweep(
  { endpoint }: PlannedEndpoint,
  { schemas, allowDeletes }: Pick<RunContext, 'schemas' | 'allowDeletes'>,
  lists: readonly SweptList[],
): LoadDeletes | null {
  const { mode, maxRatio } = endpoint.deletes!
  const table = schemas.get(endpoint.name)?.tables[0]
  const speaks = lists.every(({ state, result }) => readsAll(endpoint, state) && result.whole)
  if (!table || lists.length === 0 || !speaks) return null
  const parents = endpoint.depends_on?.only_changed ? parentScope(table, lists, schemas) : null
  const scope = { since: latest(lists.map(({ result }) => result.since)), parents }
  return { mode, sweep: { scope, maxRatio: allowDeletes ? null : maxRatio } }

  /** Children of parents that did not change were not asked for, so nothing is known of them. */
  function parentScope(
    { columns }: TableSchema,
    read: readonly SweptList[],
    all: RunContext['schemas'],
  ): ParentScope {
    const { endpoint: name, param_mapping } = endpoint.depends_on!
    const [field = ''] = Object.values(param_mapping)
    const parent = all.get(name)!.tables[0]!
    const columnAt = (list: readonly TableSchema['columns'][number][], path: string) =>
      list.find((column) => column.path?.join('.') === path && !column.variantOf)!.name
    return {
      column: columnAt(columns, `_${name}_${field}`),
      values: read.flatMap(({ parent: values }) =>
        [...(values?.mapped.values() ?? [])].map(String),
      ),
      parent,
      parentColumn: columnAt(parent.columns, field),
    }
  }
}

function latest(positions: readonly (Position | null)[]): Position | null {
  return positions.reduce<Position | null>(
    (last, next) =>
      last === null || (next !== null && comparePositions(next, last) > 0) ? next : last,
    null,
  )
}
