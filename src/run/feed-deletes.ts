import type { GoneRow } from '../load/sql/deletes.ts'
import type { RunContext } from './context.ts'
import { openFeeds } from './event-feed.ts'
import { PARTITIONS } from './partitions.ts'
import type { PlannedEndpoint } from './plan.ts'
import { warnDeletesUnseen } from './unseen.ts'
import { createWriter } from './writer.ts'

/** Rows named in one load. */
const MAX_ROWS = 1000

/**
 * Marks or removes the rows of an endpoint that the events of its feeds name, as far as the feeds are in the dataset and
 * were not followed by an earlier run. A row that changed after its event is kept: it came back.
 */
export async function followDeletes(planned: PlannedEndpoint, context: RunContext): Promise<void> {
  const { endpoint } = planned
  const { mode, from } = endpoint.deletes!
  const feeds = await openFeeds(planned, from, context, {
    partition: PARTITIONS.deletes,
    unseen: (why) => warnDeletesUnseen(endpoint.name, context, why),
  })
  if (!feeds) return

  const writer = createWriter(planned, context)
  const [field = ''] = endpoint.primary_key!
  let gone: GoneRow[] = []
  for await (const { key, at } of feeds.events) {
    const id = writer.idOf({ [field]: key })
    if (id !== null) gone.push({ id, at })
    if (gone.length < MAX_ROWS) continue
    await writer.delete({ mode, gone })
    gone = []
  }
  await writer.delete({ mode, gone }, [feeds.followed])
}
