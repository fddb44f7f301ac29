import type { JsonRecord } from '../core/json.ts'
import { planBounds, type Bounds } from '../extract/bounds.ts'
import type { IncrementalConfig } from '../extract/config.ts'
import { createCursor, type Cursor } from '../extract/cursor.ts'
import { createHorizon, type Horizon } from '../extract/horizon.ts'
import {
  askedBounds,
  createIncremental,
  type AskedBounds,
  type Incremental,
} from '../extract/incremental.ts'
import type { Read } from '../extract/reads.ts'
import { sendsLowerBound, sendsUpperBound } from '../extract/request.ts'
import type { Window } from '../extract/windows.ts'
import type { ResolvedEndpoint } from '../config/resolved.ts'
import type { ReadContext } from './open-pages.ts'

/** What all reads of one incremental list share. */
export interface IncrementalList {
  /** The endpoint's name. */
  readonly name: string
  readonly config: IncrementalConfig
  readonly cursor: Cursor
  readonly bounds: Bounds
  readonly horizon: Horizon
  /** Whether a record may be written only once. */
  readonly once: boolean
  /** Whether a record takes the place of the row with its key. */
  readonly keyed: boolean
  /** What the API is asked for in one read. */
  asked(read: Read): AskedBounds
  /** The incremental side of one read, going on from a bookmark. */
  start(read: Read, state: JsonRecord | null): Incremental
}

/**
 * @param state the bookmark that the list is read from; null reads everything
 * @param appended ranges that have been appended apart from the bookmark
 * @returns null for an endpoint without a cursor
 * @throws SluiceError CURSOR_INVALID
 */
export function openIncrementalList(
  endpoint: ResolvedEndpoint,
  { pipeline, startedAt, emit }: Pick<ReadContext, 'pipeline' | 'startedAt' | 'emit'>,
  {
    state,
    appended = [],
  }: { readonly state: JsonRecord | null; readonly appended?: readonly Window[] },
): IncrementalList | null {
  const { name, incremental: config } = endpoint
  if (!config) return null
  const cursor = createCursor(config.format)
  const bounds = planBounds(cursor, config, {
    endpoint: name,
    state,
    startDate: pipeline.startDate,
  })
  const horizon = createHorizon(startedAt)
  const once = endpoint.write_disposition === 'append'
  const filtered = { lower: sendsLowerBound(endpoint), upper: sendsUpperBound(endpoint) }
  return {
    name,
    keyed: (endpoint.primary_key?.length ?? 0) > 0,
    config,
    cursor,
    bounds,
    horizon,
    once,
    asked: (read) => askedBounds(cursor, config, read, filtered),
    start: (read, from) =>
      createIncremental({
        endpoint: name,
        config,
        cursor,
        read,
        state: from,
        since: bounds.since,
        horizon,
        once,
        appended,
        primaryKey: endpoint.primary_key ?? [],
        filtered,
        warn: (code, message) => emit({ type: 'warning', endpoint: name, code, message }),
      }),
  }
}
