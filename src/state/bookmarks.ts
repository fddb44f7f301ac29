import type { Kysely } from 'kysely'
import { parseJson, stringifyJson } from '../core/json.ts'
import type { Timestamp } from '../core/time.ts'
import type { Reader } from '../load/destination.ts'
import { prepared } from '../load/sql/prepared.ts'
import type { SystemTables } from '../load/sql/system-tables.ts'
import type { BookmarkState } from './types.ts'

export interface StoredBookmark {
  readonly endpoint: string
  readonly partition: string
  readonly state: BookmarkState
  readonly updatedAt: Timestamp
}

/** The bookmarks of one endpoint, or of all, in the order of endpoint and partition. */
export async function readBookmarks(reader: Reader, endpoint?: string): Promise<StoredBookmark[]> {
  const all = reader.db
    .selectFrom('_sluice_bookmarks')
    .select(['endpoint', 'partition', 'state', 'updated_at'])
    .orderBy('endpoint')
    .orderBy('partition')
  const rows = await (endpoint === undefined ? all : all.where('endpoint', '=', endpoint)).execute()
  return rows.map((row) => ({
    endpoint: row.endpoint,
    partition: row.partition,
    state: parseState(row.state),
    updatedAt: reader.decode('timestamp', row.updated_at) as Timestamp,
  }))
}

export async function readBookmark(
  { db }: Reader,
  endpoint: string,
  partition: string,
): Promise<BookmarkState | null> {
  const row = await db
    .selectFrom('_sluice_bookmarks')
    .select('state')
    .where('endpoint', '=', endpoint)
    .where('partition', '=', partition)
    .executeTakeFirst()
  return row ? parseState(row.state) : null
}

export async function writeBookmark(
  db: Kysely<SystemTables>,
  bookmark: {
    readonly endpoint: string
    readonly partition: string
    readonly state: BookmarkState
    readonly loadId: string | null
    readonly now: Timestamp
  },
): Promise<void> {
  await upsertBookmark(db, { ...bookmark, state: stringifyJson(bookmark.state) })
}

const upsertBookmark = prepared<{
  endpoint: string
  partition: string
  state: string
  loadId: string | null
  now: Timestamp
}>((db, parameter) => {
  const changed = {
    state: parameter('state'),
    updated_at: parameter('now'),
    load_id: parameter('loadId'),
  }
  return db
    .insertInto('_sluice_bookmarks')
    .values({ endpoint: parameter('endpoint'), partition: parameter('partition'), ...changed })
    .onConflict((conflict) => conflict.columns(['endpoint', 'partition']).doUpdateSet(changed))
})

/** Forgets the bookmarks of an endpoint, but for those of some of its lists. */
export async function deleteBookmarks(
  reader: Reader,
  endpoint: string,
  kept: readonly string[] = [],
): Promise<void> {
  const all = reader.db.deleteFrom('_sluice_bookmarks').where('endpoint', '=', endpoint)
  const others = all.where((column) => column.not(reader.isAmong('partition', kept)))
  await (kept.length > 0 ? others : all).execute()
}

function parseState(text: string): BookmarkState {
  return parseJson(text).value as BookmarkState
}
