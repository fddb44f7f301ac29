import type { JsonRecord, JsonValue } from '../core/json.ts'
import { timestampToMicros } from '../core/time.ts'
import type { Feed } from '../config/deletes.ts'
import type { TableSchema } from '../normalize/types.ts'
import type { BookmarkState, ParentRow } from '../state/dataset.ts'
import type { RunContext } from './context.ts'
import { lostEventsOf } from './lost-events.ts'
import type { PlannedEndpoint } from './plan.ts'
import type { BookmarkUpdate } from './writer.ts'

/** One event that names a record. */
export interface FeedEvent<F extends Feed> {
  /** What says that this event is meant. */
  readonly feed: F
  readonly key: JsonValue
  /** When it happened, where the feed has a cursor that is a time. */
  readonly at: string | null
  /** The load that brought it. */
  readonly loadId: string
}

/** Events that have come since they were last followed. */
export interface FollowedFeeds<F extends Feed> {
  readonly events: AsyncIterable<FeedEvent<F>>
  /** The bookmark that says so much has been followed, once all events have been taken. */
  followed(): BookmarkUpdate
}

export interface FollowOptions {
  /** The partition of the bookmark that says how far the feeds have been followed. */
  readonly partition: string
  /** Says in the summary why events are not seen. */
  readonly unseen: (why: string) => void
}

/** What the bookmark of a followed feed says. */
interface FollowedState extends JsonRecord {
  /** Events of this load and those before it were followed; null before there were any. */
  feed_through: string | null
  /** What was made up for of the events that the feeds have lost. */
  lost: string | null
  /** Times of the newest events, by their row: the feed's lookback brings these again, and they may be the same. */
  newest: JsonRecord
}

/** Beyond so many, the newest events are not remembered and may be followed twice. */
const MOST_REMEMBERED = 200

/**
 * Opens the events of feeds that are in the dataset and were not followed before. Null when there is nothing new, or
 * when they are not there.
 */
export async function openFeeds<F extends Feed>(
  { endpoint }: PlannedEndpoint,
  feeds: readonly F[],
  context: RunContext,
  { partition, unseen }: FollowOptions,
): Promise<FollowedFeeds<F> | null> {
  const { dataset, schemas, fullRefresh } = context
  const names = new Set(feeds.map((feed) => feed.endpoint))
  const opened = [...names].flatMap((name) => {
    const table = schemas.get(name)?.tables[0]
    const own = feeds.filter((feed) => feed.endpoint === name)
    if (table) return openFeed(table, own)
    unseen(`${name} is not in the dataset; sync that endpoint too`)
    return []
  })
  // Looked up before the events are read: a load that comes later belongs to the next run.
  const loads: (string | null)[] = []
  for (const { table } of opened) loads.push(await dataset.newestLoad(table))
  const newest = loads.reduce((a, b) => (a === null || (b !== null && b > a) ? b : a), null)
  const state = fullRefresh ? null : await dataset.bookmark(endpoint.name, partition)
  const through = typeof state?.feed_through === 'string' ? state.feed_through : null
  const lost = await lostEventsOf([...names], context)
  const nothingNew = newest === null || newest === through
  if (nothingNew && (lost === null || lost === state?.lost)) return null

  const recent = createRecent(state)
  return {
    events: readEvents(),
    followed: () => ({
      partition,
      state: { feed_through: newest, lost, newest: recent.newest() } satisfies FollowedState,
    }),
  }

  function openFeed(table: TableSchema, own: readonly F[]) {
    const fields = new Set(own.flatMap(({ where, key }) => [...Object.keys(where), key]))
    const known = [...fields].filter((field) => columnOf(table, field))
    const missing = own.flatMap(({ where }) =>
      Object.keys(where).filter((field) => !known.includes(field)),
    )
    if (missing.length > 0) {
      unseen(`${table.endpoint} has no column for ${[...new Set(missing)].join(', ')}`)
      return []
    }
    const cursor = table.columns.find(({ name }) => name === table.cursor)
    const at = cursor?.type === 'timestamp' ? (cursor.path?.join('.') ?? null) : null
    return [{ table, own, at, fields: at === null ? known : [...known, at] }]
  }

  async function* readEvents(): AsyncGenerator<FeedEvent<F>> {
    for (const { table, own, at, fields } of opened) {
      const keyless = new Set<string>()
      let named = 0
      const query = { table, staged: false, fields, changedAfter: through }
      recent.open(lookbackOf(table.endpoint))
      for await (const row of dataset.parents(query)) {
        const meant = own.filter(({ where }) => isMeant(row, where))
        if (meant.length === 0) continue
        const time = at === null ? null : row.values.get(at)
        const happened = typeof time === 'string' ? time : null
        if (recent.isKnown(row.id, happened)) continue
        for (const feed of meant) {
          const key = row.values.get(feed.key) ?? null
          if (key === null || typeof key === 'object') keyless.add(feed.key)
          else yield { feed, key, at: happened, loadId: row.loadId }
          named++
        }
      }
      // A field that no event has may be one that no event needed yet, or a name that is not right.
      if (keyless.size > 0 && named > 0) {
        unseen(`events of ${table.endpoint} that are meant have no ${[...keyless].join(', ')}`)
      }
    }
  }

  function lookbackOf(feed: string): number {
    const { endpoints } = context.pipeline.source
    return endpoints.find(({ name }) => name === feed)?.incremental?.lookback ?? 0
  }
}

interface Recent {
  /** Begins a feed, of which every run reads so many milliseconds again. */
  open(lookback: number): void
  /** Whether an event was followed as it is now; it is remembered if the next run may read it again. */
  isKnown(id: string, at: string | null): boolean
  newest(): JsonRecord
}

/** Remembers the events that the lookback of their feed brings again. */
function createRecent(state: BookmarkState | null): Recent {
  const known = (state?.newest ?? {}) as JsonRecord
  const remembered = new Map(Object.entries(known) as [string, string][])
  let window = 0n
  let latest: bigint | null = null
  const prune = () => {
    if (latest === null) return
    for (const [id, at] of remembered) {
      if (timestampToMicros(at) < latest - window) remembered.delete(id)
    }
  }
  return {
    open(lookback) {
      const micros = BigInt(Math.round(lookback * 1000))
      if (micros > window) window = micros
    },
    isKnown(id, at) {
      if (at === null) return false
      const micros = timestampToMicros(at)
      if (latest === null || micros > latest) latest = micros
      remembered.set(id, at)
      if (remembered.size > 4 * MOST_REMEMBERED) prune()
      return known[id] === at
    },
    newest() {
      prune()
      return remembered.size > MOST_REMEMBERED ? {} : Object.fromEntries(remembered)
    },
  }
}

function columnOf({ columns }: TableSchema, field: string) {
  return columns.find(({ path }) => path?.join('.') === field)
}

type Scalar = string | number | boolean

/** Values are compared as they are spelled: YAML and an API may differ in whether `1` is text. */
function isMeant({ values }: ParentRow, where: Feed['where']): boolean {
  return Object.entries(where).every(([field, wanted]) => {
    const value = values.get(field) ?? null
    if (value === null || typeof value === 'object') return false
    const allowed: readonly Scalar[] = Array.isArray(wanted) ? wanted : [wanted]
    return allowed.map(String).includes(String(value))
  })
}
