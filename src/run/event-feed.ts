import { createHash } from 'node:crypto'
import type { JsonRecord, JsonValue } from '../core/json.ts'
import type { Feed } from '../config/deletes.ts'
import type { TableSchema } from '../normalize/types.ts'
import type { ParentRow } from '../state/dataset.ts'
import type { RunContext } from './context.ts'
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
  readonly followed: BookmarkUpdate
}

export interface FollowOptions {
  /** The partition of the bookmark that says how far the feeds have been followed. */
  readonly partition: string
  /** Says in the summary why events are not seen. */
  readonly unseen: (why: string) => void
}

/** What the bookmark of followed feeds says. */
interface FollowedState extends JsonRecord {
  /** Events of this load and those before it were followed. */
  feed_through: string
  /** By these rules. */
  rules: string[]
}

/** One feed in the dataset, and the rules that its events are looked at by. */
interface OpenFeed<F extends Feed> {
  readonly table: TableSchema
  readonly rules: readonly F[]
  /** The fields of an event that are wanted. */
  readonly fields: readonly string[]
  /** The field that says when it happened; null for none. */
  readonly at: string | null
}

/**
 * Opens the events of feeds that are in the dataset and were not followed before; by a rule that is new, all of them.
 * Null when there is nothing new, or when they are not there.
 */
export async function openFeeds<F extends Feed>(
  { endpoint }: PlannedEndpoint,
  feeds: readonly F[],
  context: RunContext,
  { partition, unseen }: FollowOptions,
): Promise<FollowedFeeds<F> | null> {
  const { dataset } = context
  const opened = openTables(feeds, context, unseen)
  // Looked up before the events are read: a load that comes later belongs to the next run.
  const newest = await newestOf(opened, context)
  const state = await dataset.bookmark(endpoint.name, partition)
  const through = typeof state?.feed_through === 'string' ? state.feed_through : null
  const followedBy = Array.isArray(state?.rules) ? state.rules : through ? feeds.map(digest) : []
  const isNew = new Map(feeds.map((feed) => [feed, !followedBy.includes(digest(feed))]))
  const anyNew = [...isNew.values()].includes(true)
  if (newest === null || (newest === through && !anyNew)) return null

  const followedState: FollowedState = { feed_through: newest, rules: feeds.map(digest) }
  return { events: readEvents(), followed: { partition, state: followedState } }

  async function* readEvents(): AsyncGenerator<FeedEvent<F>> {
    for (const { table, rules, fields, at } of opened) {
      const keyless = new Set<string>()
      const changedAfter = anyNew ? null : through
      const rows = dataset.parents({ table, staged: false, fields, changedAfter })
      for await (const row of rows) {
        const isFollowed = through !== null && row.loadId <= through
        const meant = rules.filter((rule) => isMeant(row, rule.where))
        for (const feed of isFollowed ? meant.filter((rule) => isNew.get(rule)) : meant) {
          const key = row.values.get(feed.key) ?? null
          if (key === null || typeof key === 'object') keyless.add(feed.key)
          else yield { feed, key, at: textAt(row, at), loadId: row.loadId }
        }
      }
      // A field that no event has may be one that no event needed yet, or a name that is not right.
      if (keyless.size > 0) {
        unseen(`events of ${table.endpoint} that are meant have no ${[...keyless].join(', ')}`)
      }
    }
  }
}

/** The feeds that are in the dataset; those that are not, or that lack a field, are said. */
function openTables<F extends Feed>(
  feeds: readonly F[],
  { schemas, loaded }: RunContext,
  unseen: FollowOptions['unseen'],
): readonly OpenFeed<F>[] {
  const names = [...new Set(feeds.map((feed) => feed.endpoint))]
  return names.flatMap((name) => {
    const table = schemas.get(name)?.tables[0]
    const rules = feeds.filter((feed) => feed.endpoint === name)
    if (table) return openTable(table, rules, unseen)
    // One that this run reads has had no event yet.
    if (!loaded.has(name)) unseen(`${name} is not in the dataset; sync that endpoint too`)
    return []
  })
}

function openTable<F extends Feed>(
  table: TableSchema,
  rules: readonly F[],
  unseen: FollowOptions['unseen'],
): readonly OpenFeed<F>[] {
  const known = new Set(table.columns.map(({ path }) => path?.join('.')))
  const conditions = new Set(rules.flatMap(({ where }) => Object.keys(where)))
  const missing = [...conditions].filter((field) => !known.has(field))
  if (missing.length > 0) {
    unseen(`${table.endpoint} has no column for ${missing.join(', ')}`)
    return []
  }
  const cursor = table.columns.find(({ name }) => name === table.cursor)
  const at = cursor?.type === 'timestamp' ? (cursor.path?.join('.') ?? null) : null
  const keys = rules.map(({ key }) => key).filter((key) => known.has(key))
  const fields = [...conditions, ...keys, ...(at === null ? [] : [at])]
  return [{ table, rules, fields: [...new Set(fields)], at }]
}

async function newestOf(
  opened: readonly { readonly table: TableSchema }[],
  { dataset }: RunContext,
): Promise<string | null> {
  let newest: string | null = null
  for (const { table } of opened) {
    const load = await dataset.newestLoad(table)
    if (load !== null && (newest === null || load > newest)) newest = load
  }
  return newest
}

/** Tells a rule from one that looks for other events, or finds another key in them. */
function digest({ endpoint, where, key }: Feed): string {
  const conditions = Object.entries(where).sort(([a], [b]) => (a < b ? -1 : 1))
  const text = JSON.stringify([endpoint, conditions, key])
  return createHash('sha1').update(text).digest('base64url').slice(0, 12)
}

function textAt({ values }: ParentRow, field: string | null): string | null {
  const value = field === null ? null : values.get(field)
  return typeof value === 'string' ? value : null
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
