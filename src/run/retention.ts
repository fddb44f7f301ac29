import { later } from '../extract/bounds.ts'
import { comparePositions, createCursor, type Cursor, type Position } from '../extract/cursor.ts'
import type { ResolvedEndpoint } from '../config/resolved.ts'
import type { BookmarkState } from '../state/dataset.ts'
import type { RunContext } from './context.ts'

/** Whether the API has dropped records since the list was last read, as far as the bookmark tells. */
export function hasOutlived(
  endpoint: ResolvedEndpoint,
  state: BookmarkState,
  { startedAt }: Pick<RunContext, 'startedAt'>,
): boolean {
  const { retention, format } = endpoint.incremental!
  const cursor = createCursor(format)
  if (retention === undefined || cursor.kind !== 'time') return false
  const read = lastRead(cursor, state)
  return read !== null && comparePositions(read, cursor.minus(startedAt, retention)) < 0
}

/** The newest record, or the end of the last whole read where that is later. */
function lastRead(cursor: Cursor, state: BookmarkState): Position | null {
  const [newest, read] = [cursor.position(state.cursor), cursor.position(state.read_at)]
  return newest === null || read === null ? (newest ?? read) : later(newest, read)
}

/**
 * The bookmark to go on from: null, and a warning, when the API has dropped records since, so that only
 * a full read makes up for what it still has. An `append` endpoint goes on from its bookmark even then: it holds
 * what must not be appended again, and everything newer is asked for in any case.
 */
export function withinRetention(
  endpoint: ResolvedEndpoint,
  state: BookmarkState,
  { startedAt, emit }: Pick<RunContext, 'startedAt' | 'emit'>,
): BookmarkState | null {
  if (!hasOutlived(endpoint, state, { startedAt })) return state
  const { retention, format } = endpoint.incremental!
  const cursor = createCursor(format)
  const [read, oldest] = [lastRead(cursor, state), cursor.minus(startedAt, retention!)]
  const again = endpoint.write_disposition !== 'append'
  emit({
    type: 'warning',
    endpoint: endpoint.name,
    code: 'RETENTION_GAP',
    message: `the API keeps what came since ${String(oldest)}, and was last read up to ${String(read)}: ${again ? 'everything it still has is read; ' : ''}what came and went in between is lost`,
  })
  return again ? null : state
}
