import type { Feed } from '../config/deletes.ts'
import type { Reread } from '../config/reread.ts'
import { ROWS_ALONE } from './commit-policy.ts'
import type { RunContext } from './context.ts'
import { openFeeds, type FeedEvent } from './event-feed.ts'
import { createKeyReader, type KeyReader } from './key-reader.ts'
import { PARTITIONS } from './partitions.ts'
import type { PlannedEndpoint } from './plan.ts'
import { warnChangesUnseen } from './unseen.ts'
import { createWriter, type EndpointWriter } from './writer.ts'

/** Events looked at together. */
const SLICE = 500

/** The events that name records to be read again, and the way they are asked for. */
interface FeedWithRule extends Feed {
  readonly rule: Reread
}

/**
 * Reads the records of an endpoint again that the events of its feeds name: those that changed without their cursor,
 * or came to lie before the bookmark. A record that was read after its event has come is not asked for.
 */
export async function followRereads(planned: PlannedEndpoint, context: RunContext): Promise<void> {
  const { endpoint } = planned
  const rules = endpoint.reread.flatMap((rule) =>
    rule.from === 'snapshot' ? [] : [{ ...rule.from, rule }],
  )
  const feeds = await openFeeds<FeedWithRule>(planned, rules, context, {
    partition: PARTITIONS.reread,
    unseen: (why) =>
      warnChangesUnseen(
        endpoint.name,
        context,
        `records that change without their cursor are not seen: ${why}`,
      ),
  })
  if (!feeds) return
  const writer = createWriter(planned, context)
  const readers = new Map<Reread, KeyReader>()
  for (const { rule } of rules) {
    readers.set(rule, await createKeyReader(planned, rule, context, writer))
  }
  try {
    const isWhole = await readNamed(planned, context, { events: feeds.events, readers, writer })
    writer.checkRejects()
    // What may lack records is asked for again by the next run.
    if (isWhole) await writer.progress({ ...ROWS_ALONE, bookmarks: [feeds.followed] })
  } finally {
    for (const reader of readers.values()) await reader.close()
  }
}

interface NamedRecords {
  readonly events: AsyncIterable<FeedEvent<FeedWithRule>>
  readonly readers: ReadonlyMap<Reread, KeyReader>
  readonly writer: EndpointWriter
}

/** Reads the records that events name; whether none of them can be missing. */
async function readNamed(
  planned: PlannedEndpoint,
  context: RunContext,
  { events, readers, writer }: NamedRecords,
): Promise<boolean> {
  const slice: FeedEvent<FeedWithRule>[] = []
  const look = async () => {
    for (const { feed, key } of await withoutFresh(planned, context, slice.splice(0), writer)) {
      await readers.get(feed.rule)!.add(key)
    }
  }
  for await (const event of events) {
    const reader = readers.get(event.feed.rule)!
    // A key that is asked for by itself need not be that of a record, so nothing is known of it.
    if (reader.oneByOne) await reader.add(event.key)
    else slice.push(event)
    if (slice.length >= SLICE) await look()
  }
  await look()
  let isWhole = true
  for (const reader of readers.values()) isWhole = (await reader.finish()) && isWhole
  return isWhole
}

/** The events but for those whose record was written by a load after the one that brought the event. */
async function withoutFresh(
  { endpoint }: PlannedEndpoint,
  { dataset, schemas }: RunContext,
  events: readonly FeedEvent<FeedWithRule>[],
  writer: EndpointWriter,
): Promise<readonly FeedEvent<FeedWithRule>[]> {
  const table = schemas.get(endpoint.name)?.tables[0]
  const [field = ''] = endpoint.primary_key!
  if (!table || events.length === 0) return events
  const ids = events.map(({ key }) => writer.idOf({ [field]: key }) ?? '')
  const known = await dataset.knownRows(table, ids)
  return events.filter(({ loadId }, i) => (known.get(ids[i]!)?.loadId ?? '') <= loadId)
}
