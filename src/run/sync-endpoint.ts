import type { ParentValues } from '../extract/parents.ts'
import type { BookmarkState } from '../state/dataset.ts'
import type { RunContext } from './context.ts'
import { NO_PARENT, openParents, type ReadParent } from './parent-rows.ts'
import type { PlannedEndpoint } from './plan.ts'
import { createReader } from './reader.ts'
import { withinRetention } from './retention.ts'
import { walk, type WalkResult } from './walk.ts'
import { planWrites, type WritePlan } from './write-plan.ts'
import { createWriter, type BookmarkUpdate } from './writer.ts'

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
  const reader = await createReader(endpoint, context)
  const writer = createWriter(planned, context)
  const plan = planWrites(planned, context)
  await context.dataset.clearStage(endpoint.name)

  let pagesLeft = Math.min(context.maxPages, endpoint.max_pages ?? Infinity)
  let complete = parent?.complete ?? true
  let result: WalkResult | null = null
  const bookmarks: BookmarkUpdate[] = []
  const parents = parent ? await openParents(endpoint, context, parent) : NO_PARENT
  for await (const values of parents.rows) {
    if (pagesLeft <= 0) {
      complete = false
      break
    }
    const state = await readState(planned, values, context)
    const options = { parent: values, state, mode: plan.mode, writer, maxPages: pagesLeft }
    result = await walk(reader, context, options)
    pagesLeft -= result.pages
    complete &&= result.complete
    if (result.bookmark) bookmarks.push(result.bookmark)
  }

  if (complete && parents.followed) bookmarks.push(parents.followed)
  if (complete && planned.loaded && (plan.publish !== 'none' || bookmarks.length > 0)) {
    await writer.write([], { write: 'stage', publish: plan.publish, bookmarks })
  }
  if (pagesLeft <= 0 && !complete) warnIncomplete(planned, plan, context)
  return {
    complete,
    before: parent ? null : (result?.before ?? null),
    after: parent ? null : (result?.after ?? null),
  }
}

/** The bookmark a walk goes on from; null reads everything. */
async function readState(
  { endpoint, loaded }: PlannedEndpoint,
  parent: ParentValues | null,
  context: RunContext,
): Promise<BookmarkState | null> {
  const replaced = endpoint.write_disposition === 'replace'
  // A parent that is not loaded has nothing but this read to show its children.
  if (context.fullRefresh || !endpoint.incremental || replaced || !loaded) return null
  const state = await context.dataset.bookmark(endpoint.name, parent?.partition ?? '')
  return state && withinRetention(endpoint, state, context)
}

function warnIncomplete(
  { endpoint }: PlannedEndpoint,
  { mode }: WritePlan,
  { emit }: RunContext,
): void {
  const kept = {
    merge: 'what was read is kept, and the bookmark stays where everything before it is read',
    append: 'what was read beyond the bookmark is read again by the next run',
    collect: 'the table is unchanged',
  }[mode]
  emit({
    type: 'warning',
    endpoint: endpoint.name,
    code: 'INCOMPLETE',
    message: `stopped at the page limit before the end; ${kept}`,
  })
}
