import type { RunContext } from './context.ts'
import { PARTITIONS } from './partitions.ts'
import type { PlannedEndpoint } from './plan.ts'

/** Notes that a feed has lost events: who follows it can not tell what they said. */
export async function noteLostEvents(
  { name }: PlannedEndpoint['endpoint'],
  { dataset, nextLoadId }: RunContext,
): Promise<void> {
  await dataset.setBookmark(name, PARTITIONS.lost, { lost: nextLoadId() })
}

/** The newest note of events that any of these feeds has lost; null for none. */
export async function lostEventsOf(
  feeds: readonly string[],
  { dataset }: Pick<RunContext, 'dataset'>,
): Promise<string | null> {
  let newest: string | null = null
  for (const feed of feeds) {
    const state = await dataset.bookmark(feed, PARTITIONS.lost)
    const lost = typeof state?.lost === 'string' ? state.lost : null
    if (lost !== null && (newest === null || lost > newest)) newest = lost
  }
  return newest
}

/**
 * Whether events are lost that would have named records of this endpoint, and nothing but reading all of it makes up for
 * that. Where a snapshot is compared, it makes up for lost deletes.
 */
export async function eventsWereLost(
  { endpoint, loaded }: PlannedEndpoint,
  context: RunContext,
): Promise<boolean> {
  const { dataset, schemas, emit } = context
  const { deletes, reread } = endpoint
  if (!loaded || !schemas.has(endpoint.name)) return false
  const followed = {
    deletes: deletes?.snapshot ? [] : (deletes?.from ?? []),
    reread: reread.flatMap(({ from }) => (from === 'snapshot' ? [] : [from])),
  }
  for (const kind of ['deletes', 'reread'] as const) {
    const feeds = [...new Set(followed[kind].map((feed) => feed.endpoint))]
    const lost = await lostEventsOf(feeds, context)
    const state = lost === null ? null : await dataset.bookmark(endpoint.name, PARTITIONS[kind])
    if (lost === null || state?.lost === lost) continue
    emit({
      type: 'warning',
      endpoint: endpoint.name,
      code: 'EVENTS_LOST',
      message: `everything is read again: events of ${feeds.join(', ')} are lost, which would have said what changed`,
    })
    return true
  }
  return false
}
