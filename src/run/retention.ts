import { comparePositions, createCursor } from '../extract/cursor.ts'
import type { ResolvedEndpoint } from '../config/resolved.ts'
import type { BookmarkState } from '../state/dataset.ts'
import type { RunContext } from './context.ts'

/** Whether the API has dropped records since the bookmark. */
export function hasOutlived(
  endpoint: ResolvedEndpoint,
  state: BookmarkState,
  { startedAt }: Pick<RunContext, 'startedAt'>,
): boolean {
  const { retention, format } = endpoint.incremental!
  const cursor = createCursor(format)
  if (retention === undefined || cursor.kind !== 'time') return false
  const oldest = cursor.minus(startedAt, retention)
  const known = [cursor.position(state.cursor), cursor.position(state.read_at)]
  return known[0] !== null && known.every((at) => at === null || comparePositions(at, oldest) < 0)
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
  const [bookmark, oldest] = [cursor.position(state.cursor), cursor.minus(startedAt, retention!)]
  const again = endpoint.write_disposition !== 'append'
  emit({
    type: 'warning',
    endpoint: endpoint.name,
    code: 'RETENTION_GAP',
    message: `the bookmark ${String(bookmark)} is older than what the API keeps (since ${String(oldest)}): ${again ? 'everything it still has is read; ' : ''}what came and went in between is lost`,
  })
  return again ? null : state
}
