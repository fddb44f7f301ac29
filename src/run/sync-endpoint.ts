import { comparePositions, createCursor } from '../extract/cursor.ts'
import {
  checkParentFields,
  parentFields,
  parentValues,
  type ParentValues,
} from '../extract/parents.ts'
import type { TableSchema } from '../normalize/types.ts'
import type { BookmarkState } from '../state/dataset.ts'
import type { ResolvedEndpoint } from '../config/resolved.ts'
import type { WriteMode } from './commit-policy.ts'
import type { RunContext } from './context.ts'
import type { PlannedEndpoint } from './plan.ts'
import { createReader } from './reader.ts'
import { walk, type WalkResult } from './walk.ts'
import { createWriter, type BookmarkUpdate } from './writer.ts'

/** A parent as its children find it. */
export interface ReadParent {
  readonly planned: PlannedEndpoint
  readonly complete: boolean
}

export interface EndpointRead {
  readonly complete: boolean
  /** Positions of an endpoint with a single bookmark; null otherwise. */
  readonly before: string | null
  readonly after: string | null
}

/**
 * Reads one endpoint from its bookmark to now, parent by parent where it has one, and commits what it reads.
 * What was committed before an error stays; the next run starts there.
 *
 * @param parent the endpoint it depends on, already read in this run; null without a dependency
 */
export async function syncEndpoint(
  planned: PlannedEndpoint,
  context: RunContext,
  parent: ReadParent | null,
): Promise<EndpointRead> {
  const { endpoint } = planned
  const { dataset } = context
  const reader = await createReader(endpoint, context)
  const writer = createWriter(planned, context)
  const mode = writeMode(planned, context)
  if (mode !== 'merge') await dataset.clearStage(endpoint.name)

  let pagesLeft = Math.min(context.maxPages, endpoint.max_pages ?? Infinity)
  let complete = parent?.complete ?? true
  let result: WalkResult | null = null
  const bookmarks: BookmarkUpdate[] = []
  const parents = parent ? openParents(endpoint, context, parent) : { rows: [null], through: null }
  for await (const values of parents.rows) {
    if (pagesLeft <= 0) {
      complete = false
      break
    }
    const state = await readState(endpoint, values, context)
    result = await walk(reader, context, {
      parent: values,
      state,
      mode,
      writer,
      maxPages: pagesLeft,
    })
    pagesLeft -= result.pages
    complete &&= result.complete
    if (result.bookmark) bookmarks.push(result.bookmark)
  }

  const through = await parents.through
  if (complete && through) bookmarks.push(through)
  if (complete && planned.loaded && (mode === 'collect' || bookmarks.length > 0)) {
    const publish = mode === 'collect' ? 'replace' : 'none'
    await writer.write([], { write: 'stage', publish, bookmarks })
  }
  if (!complete) warnIncomplete(planned, context)
  return {
    complete,
    before: parent ? null : (result?.before ?? null),
    after: parent ? null : (result?.after ?? null),
  }
}

function writeMode({ endpoint, loaded }: PlannedEndpoint, { fullRefresh }: RunContext): WriteMode {
  if (!loaded || endpoint.write_disposition === 'replace') return 'collect'
  if (endpoint.write_disposition !== 'append') return 'merge'
  // Appending everything once more would double it: a full refresh swaps the table instead.
  return fullRefresh ? 'collect' : 'append'
}

async function readState(
  endpoint: ResolvedEndpoint,
  parent: ParentValues | null,
  context: RunContext,
) {
  const { dataset, fullRefresh } = context
  const fromStart = fullRefresh || !endpoint.incremental || endpoint.write_disposition === 'replace'
  if (fromStart) return null
  const state = await dataset.bookmark(endpoint.name, parent?.partition ?? '')
  return state && isExpired(endpoint, state, context) ? null : state
}

/** Whether the API has dropped records since the bookmark: only a full read makes up for what it still has. */
function isExpired(
  endpoint: ResolvedEndpoint,
  state: BookmarkState,
  { startedAt, emit }: RunContext,
): boolean {
  const { retention, format } = endpoint.incremental!
  const cursor = createCursor(format)
  if (retention === undefined || cursor.kind !== 'time') return false
  const bookmark = cursor.position(state.cursor)
  const oldest = cursor.minus(startedAt, retention)
  if (bookmark === null || comparePositions(bookmark, oldest) >= 0) return false
  emit({
    type: 'warning',
    endpoint: endpoint.name,
    code: 'RETENTION_GAP',
    message: `the bookmark ${String(bookmark)} is older than what the API keeps (since ${String(oldest)}): everything it still has is read; what came and went in between is lost`,
  })
  return true
}

interface Parents {
  readonly rows: AsyncIterable<ParentValues> | Iterable<null>
  /** With `only_changed`: the bookmark that says which of the parent's loads the children have followed. */
  readonly through: Promise<BookmarkUpdate | null> | null
}

/** The parents to ask for, from the parent's table, or from its stage when it is not loaded. */
function openParents(endpoint: ResolvedEndpoint, context: RunContext, parent: ReadParent): Parents {
  const table = context.schemas.get(parent.planned.endpoint.name)?.tables[0]
  if (!table) return { rows: [], through: null }
  const fields = parentFields(endpoint)
  checkParentFields(endpoint, table, fields)
  const onlyChanged = endpoint.depends_on!.only_changed && parent.planned.loaded
  // Asked for before the rows are read: a load that comes later belongs to the next run.
  const newest = onlyChanged ? context.dataset.newestLoad(table) : null
  return {
    rows: readParents(endpoint, context, {
      table,
      fields,
      staged: !parent.planned.loaded,
      changedOnly: onlyChanged,
    }),
    through:
      newest &&
      newest.then((load) =>
        load === null ? null : { partition: '', state: { parents_through: load } },
      ),
  }
}

interface ParentSelection {
  readonly table: TableSchema
  readonly fields: readonly string[]
  readonly staged: boolean
  readonly changedOnly: boolean
}

async function* readParents(
  endpoint: ResolvedEndpoint,
  context: RunContext,
  { table, fields, staged, changedOnly }: ParentSelection,
): AsyncGenerator<ParentValues> {
  const followed =
    changedOnly && !context.fullRefresh ? await context.dataset.bookmark(endpoint.name, '') : null
  const changedAfter =
    typeof followed?.parents_through === 'string' ? followed.parents_through : null
  let skipped = 0
  for await (const row of context.dataset.parents({ table, staged, fields, changedAfter })) {
    const values = parentValues(endpoint, row.values)
    if (values) yield values
    else skipped++
  }
  if (skipped > 0) {
    const mapped = Object.values(endpoint.depends_on!.param_mapping).join(', ')
    context.emit({
      type: 'warning',
      endpoint: endpoint.name,
      code: 'PARENT_FIELD_NULL',
      message: `${skipped} records of ${table.endpoint} have no ${mapped} and were not asked for`,
    })
  }
}

function warnIncomplete({ endpoint, loaded }: PlannedEndpoint, context: RunContext): void {
  const kept =
    loaded && endpoint.write_disposition !== 'replace'
      ? 'what was read is kept, and the bookmark stays where everything before it is read'
      : 'the table is unchanged'
  context.emit({
    type: 'warning',
    endpoint: endpoint.name,
    code: 'INCOMPLETE',
    message: `stopped at the page limit before the end; ${kept}`,
  })
}
