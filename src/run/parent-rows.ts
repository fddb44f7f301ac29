import { knownParentFields, parentValues, type ParentValues } from '../extract/parents.ts'
import type { ResolvedEndpoint } from '../config/resolved.ts'
import type { ParentQuery } from '../state/dataset.ts'
import type { RunContext } from './context.ts'
import type { PlannedEndpoint } from './plan.ts'
import type { BookmarkUpdate } from './writer.ts'

/** A parent as its children find it. */
export interface ReadParent {
  readonly planned: PlannedEndpoint
  /** Whether all of it was read; children of an incomplete parent are incomplete too. */
  readonly complete: boolean
  /** Whether, besides, nothing suggests that the API left some out; what is missing then has no children either. */
  readonly whole: boolean
}

/** The parents that a child endpoint asks for. */
export interface ParentRows {
  readonly rows: AsyncIterable<ParentValues> | Iterable<null>
  /** With `only_changed`: the bookmark that says which of the parent's loads the children have followed. */
  readonly followed: BookmarkUpdate | null
}

/** For an endpoint without a parent: one walk. */
export const NO_PARENT: ParentRows = { rows: [null], followed: null }

/**
 * Opens the parents in their table, or in the stage of a parent that is not loaded.
 *
 * @throws SluiceError PARENT_FIELD_MISSING
 */
export async function openParents(
  endpoint: ResolvedEndpoint,
  context: RunContext,
  { planned }: ReadParent,
): Promise<ParentRows> {
  const { dataset, schemas, fullRefresh } = context
  const table = schemas.get(planned.endpoint.name)?.tables[0]
  if (!table) return { rows: [], followed: null }
  const fields = knownParentFields(endpoint, table)
  const query = { table, fields, staged: !planned.loaded }
  if (!endpoint.depends_on!.only_changed || !planned.loaded) {
    return {
      rows: readParents(endpoint, context, { ...query, changedAfter: null }),
      followed: null,
    }
  }
  // Looked up before the rows are read: a load that comes later belongs to the next run.
  const newest = await dataset.newestLoad(table)
  const before = fullRefresh ? null : await dataset.bookmark(endpoint.name, '')
  const changedAfter = typeof before?.parents_through === 'string' ? before.parents_through : null
  return {
    rows: readParents(endpoint, context, { ...query, changedAfter }),
    followed: newest === null ? null : { partition: '', state: { parents_through: newest } },
  }
}

async function* readParents(
  endpoint: ResolvedEndpoint,
  { dataset, emit }: RunContext,
  query: ParentQuery,
): AsyncGenerator<ParentValues> {
  let skipped = 0
  for await (const { values } of dataset.parents(query)) {
    const parent = parentValues(endpoint, values)
    if (parent) yield parent
    else skipped++
  }
  if (skipped === 0) return
  const mapped = Object.values(endpoint.depends_on!.param_mapping).join(', ')
  emit({
    type: 'warning',
    endpoint: endpoint.name,
    code: 'PARENT_FIELD_NULL',
    message: `${skipped} records of ${query.table.endpoint} have no ${mapped} and were not asked for`,
  })
}
