import type { RunContext } from './context.ts'
import { PARTITIONS } from './partitions.ts'
import type { PlannedEndpoint } from './plan.ts'

/** Events that an endpoint's feeds have lost, and that nothing but reading all of it makes up for. */
export interface LostEvents {
  readonly any: boolean
  /** To be called once all of the endpoint has been read, and what is gone has been found. */
  madeUp(): Promise<void>
}

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

/** Looks for lost events that were not made up for. Where a snapshot is compared, it makes up for lost deletes. */
export async function openLostEvents(
  { endpoint, loaded }: PlannedEndpoint,
  { dataset, schemas }: RunContext,
): Promise<LostEvents> {
  const { deletes, reread } = endpoint
  const named = [
    ...(deletes?.snapshot ? [] : (deletes?.from ?? [])),
    ...reread.flatMap(({ from }) => (from === 'snapshot' ? [] : [from])),
  ]
  const feeds = [...new Set(named.map((feed) => feed.endpoint))]
  const lost = loaded ? await lostEventsOf(feeds, { dataset }) : null
  const state = lost === null ? null : await dataset.bookmark(endpoint.name, PARTITIONS.recovered)
  const isOpen = lost !== null && state?.through !== lost
  return {
    any: isOpen && schemas.has(endpoint.name),
    async madeUp() {
      if (isOpen) await dataset.setBookmark(endpoint.name, PARTITIONS.recovered, { through: lost })
    },
  }
}

/** Says that an endpoint is read again as a whole, and what of it is not. */
export function warnOfLostEvents(
  { name }: PlannedEndpoint['endpoint'],
  { emit }: Pick<RunContext, 'emit'>,
  hasBackfills: boolean,
): void {
  const backfills = hasBackfills
    ? '; ranges that were backfilled are not: run those backfills again, with --full-refresh'
    : ''
  emit({
    type: 'warning',
    endpoint: name,
    code: 'EVENTS_LOST',
    message: `everything is read again: events are lost that would have said what changed${backfills}`,
  })
}
